"""Invented rows for tests: valid, cleared, published and public unless a test says otherwise.

Each function writes one record with what it needs, through `projections.refreshed()`, and takes the fields of its
model by name: `make_testimony(tier=Tier.RESTRICTED, person=make_person(name="Umm Invented", name_kind="kunya"))`.
"""

from tests.factories.accounts import make_key, make_user
from tests.factories.base import batch
from tests.factories.campaigns import make_campaign, make_measurement, make_quote, make_use
from tests.factories.clearances import make_clearance
from tests.factories.codebooks import make_code, make_codebook
from tests.factories.coding import make_assignment, make_coding, make_decision
from tests.factories.collections import make_collection, make_figure, make_region
from tests.factories.groups import make_group, make_membership
from tests.factories.persons import make_person
from tests.factories.sources import make_source
from tests.factories.testimonies import make_citation, make_claim, make_testimony, make_text

__all__ = [
    "batch",
    "make_assignment",
    "make_campaign",
    "make_citation",
    "make_claim",
    "make_clearance",
    "make_code",
    "make_codebook",
    "make_coding",
    "make_collection",
    "make_decision",
    "make_figure",
    "make_group",
    "make_key",
    "make_measurement",
    "make_membership",
    "make_person",
    "make_quote",
    "make_region",
    "make_source",
    "make_testimony",
    "make_text",
    "make_use",
    "make_user",
]
