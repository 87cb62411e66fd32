"""The addresses of the desk. To import this is to load the desk: every record type registers with it.

Django does so when one of its addresses is asked for first (config/urls.py): a process that answers programs only never
takes that memory (docs/adr/0039). Nothing else is discovered: no groups, since a role alone decides what somebody may do,
and no jobs, which hold ids and nothing to read.
"""

from django.contrib import admin

from testimonies.admin import (  # noqa: F401 - each registers what it shows
    accounts,
    campaigns,
    codebooks,
    codes,
    collections,
    corrections,
    erasures,
    figures,
    groups,
    keys,
    persons,
    quotes,
    regions,
    same_person_links,
    sources,
    testimonies,
)

urlpatterns = admin.site.get_urls()
