"""The coders' desk: Django's own admin, one file per noun. Importing it registers every record type."""

from testimonies.admin import (
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

__all__ = [
    "accounts", "campaigns", "codebooks", "codes", "collections", "corrections", "erasures", "figures", "groups", "keys", "persons", "quotes", "regions", "same_person_links", "sources",
    "testimonies",
]  # fmt: skip
