"""One public record, cleared since 2020, and what each tier reads of it or of a variation."""

import datetime as dt

from testimonies.access import Tier
from testimonies.projections import documents, records

ALWAYS = records.Clearance(("research",), dt.datetime(2020, 1, 1, tzinfo=dt.UTC), None, None)
PERSON = records.Person(
    "p", "P-A", 0, {}, "Invented", "outlet_pseudonym", "female", "SY", "DE", "a western country", {"nationality": "refused"}
)  # fmt: skip
MEMBERSHIP = records.Membership(
    0, "invented-group", 0, "says_member", "fighter", "2013", "2013-01-01", "2013-12-31", "2014", "2014-01-01", "2014-12-31"
)  # fmt: skip
RECORD = records.Testimony(
    id="t",
    ref="T-A",
    tier=0,
    raised={},
    status="published",
    person=PERSON,
    membership=MEMBERSHIP,
    title="Invented title",
    summary="Invented summary",
    notes_internal="invented notes",
    given="2016",
    given_earliest="2016-01-01",
    given_latest="2016-12-31",
    given_country="TR",
    age_from=27,
    age_to=27,
    clearances=(ALWAYS,),
)


def row(record, tier):
    [row] = [row for row in documents.project(record, tier) if row.ends_at is None]
    return row


def seen(record, read):
    """What public, partner and restricted read, in this order."""
    return [read({**row(record, tier).item, **row(record, tier).extra}) for tier in Tier]


def key(name):
    return lambda document: document[name]
