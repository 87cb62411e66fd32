"""What waits for somebody at the desk."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from testimonies.access import Actor, Capability
from testimonies.models import Collection, Correction, Testimony
from testimonies.models.corrections import CorrectionState
from testimonies.models.testimonies import Status
from testimonies.selectors.visibility import visible

MOST = 1_000
"""So many testimonies on their way are looked at; beyond them a count says that there are more."""
NO_COLLECTION = "in no collection"


@dataclass(slots=True)
class Waiting:
    """How many testimonies of one collection are on their way, among those that the actor may see.

    own_drafts, own_in_review       entered by the actor
    other_drafts, others_in_review  entered by anybody else; the latter wait for a second person, such as the actor
    """

    collection: str
    slug: str
    population: str = ""
    is_invented: bool = False
    own_drafts: int = 0
    own_in_review: int = 0
    other_drafts: int = 0
    others_in_review: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    rows: list[Waiting]
    is_all: bool
    """False where there is more on its way than was counted."""
    may_publish: bool
    corrections: int
    """Corrections that wait for a second person, such as the actor: others proposed them."""


def waiting(actor: Actor) -> Desk:
    found = list(
        visible(Testimony, actor)
        .filter(status__in=[Status.DRAFT, Status.IN_REVIEW])
        .values_list("pk", "status", "created_by_id", "collection_items__collection_id")
        .order_by("pk")[: MOST + 1]
    )
    counts: Counter[tuple[UUID | None, str, bool]] = Counter(
        (key, status, entered_by == actor.user_id) for _, status, entered_by, key in found[:MOST]
    )
    keys = {key for key, _, _ in counts}
    shelves: dict[UUID | None, Waiting] = {
        collection.pk: Waiting(collection.title, collection.slug, collection.population, collection.is_invented)
        for collection in Collection.objects.filter(pk__in=[key for key in keys if key]).order_by("title")
    }
    if None in keys:
        shelves[None] = Waiting(NO_COLLECTION, "")
    for key, row in shelves.items():
        row.own_drafts = counts[key, Status.DRAFT, True]
        row.own_in_review = counts[key, Status.IN_REVIEW, True]
        row.other_drafts = counts[key, Status.DRAFT, False]
        row.others_in_review = counts[key, Status.IN_REVIEW, False]
    open_ones = visible(Correction, actor).filter(state=CorrectionState.PROPOSED).exclude(created_by=actor.user_id)
    may_publish = actor.may(Capability.PUBLISH)
    waits = open_ones[: MOST + 1].count() if may_publish else 0
    return Desk(list(shelves.values()), len(found) <= MOST, may_publish, waits)
