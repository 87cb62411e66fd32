"""The only place where URL prefixes are written."""

from django.urls import URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern
from django.views.generic import RedirectView

from testimonies.api import contract_pages, health, problem_page

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("testimonies.api.v1.urls")),
    # named, not imported: Django loads the desk with the first request for it (testimonies/admin/urls.py)
    URLResolver(RoutePattern("admin/"), "testimonies.admin.urls", app_name="admin", namespace="admin"),
    path("api/schema/", contract_pages.document, name="schema"),
    path("api/docs/", contract_pages.docs, name="docs"),
    path("api/problems/", problem_page.show, name="problems"),
    path("", RedirectView.as_view(url="/api/docs/")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
