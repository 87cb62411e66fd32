import datetime as dt
from collections.abc import Iterable
from typing import Any

from testimonies.access import Tier
from testimonies.models import (
    Citation,
    Claim,
    Code,
    Collection,
    CollectionItem,
    ConsensusCode,
    Membership,
    Person,
    Source,
    Testimony,
    Text,
)
from tests.factories.base import batch, number, write
from tests.factories.clearances import make_clearance
from tests.factories.groups import make_membership
from tests.factories.persons import make_person
from tests.factories.sources import make_source

LONG_AGO = dt.datetime(2020, 1, 2, tzinfo=dt.UTC)
NEW: Any = object()
"""Stands for 'make one'; None stands for 'none'."""


def make_testimony(
    *,
    person: Person | None = None,
    membership: Membership | None = NEW,
    sources: Iterable[Source] = NEW,
    uses: Iterable[str] = ("research", "summary"),
    codes: Iterable[Code] = (),
    collections: Iterable[Collection] = (),
    texts: Iterable[str] = (),
    **values: Any,
) -> Testimony:
    """A published public testimony of a new person, with a membership, one source and one clearance.

    `uses=()` leaves it without a clearance, `sources=()` without a citation; `texts` are bodies of public transcripts.
    """
    with batch():
        person = person or (membership.person if isinstance(membership, Membership) else make_person())
        testimony = write(
            Testimony,
            **{
                "person": person,
                "membership": make_membership(person=person) if membership is NEW else membership,
                "title": f"Invented testimony {number()}",
                "summary": "Invented. Somebody who never lived tells what never was.",
                "kind": "interview",
                "account_language": "en",
                "given": "2016-05-04",
                "given_country": "TR",
                "age_from": 27,
                "age_to": 27,
                "status": "published",
                "published_at": LONG_AGO,
                "tier": Tier.PUBLIC,
                **values,
            },
        )
        for position, source in enumerate([make_source()] if sources is NEW else sources):
            make_citation(testimony=testimony, source=source, position=position)
        if uses := list(uses):
            make_clearance(testimony=testimony, uses=uses)
        ConsensusCode.objects.bulk_create(ConsensusCode(testimony=testimony, code=code) for code in codes)
        CollectionItem.objects.bulk_create(
            CollectionItem(testimony=testimony, collection=collection) for collection in collections
        )
        for position, body in enumerate(texts):
            make_text(testimony=testimony, body=body, position=position)
    return testimony


def make_citation(**values: Any) -> Citation:
    """Needs `testimony`; of a new source unless it is given."""
    return write(
        Citation,
        **{"source": values.get("source") or make_source(), "relation": "original", "tier": Tier.PUBLIC, **values},
    )


def make_text(**values: Any) -> Text:
    """Needs `testimony`."""
    return write(
        Text,
        **{
            "language": "en",
            "kind": "transcript",
            "body": "Invented. I never lived, so I never left.",
            "tier": Tier.PUBLIC,
            **values,
        },
    )


def make_claim(**values: Any) -> Claim:
    """Needs `testimony`."""
    return write(Claim, **{"field": "left", "value": "2014", "tier": Tier.PUBLIC, **values})
