"""'Possibly the same person': questions that lines raise, some about records that are not loaded yet."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Q

from testimonies.models import SamePersonLink, TestimonyExternalId

SEPARATOR = ": "


def external_name(system: str, key: str) -> str:
    """What a link waits for. A key names a record of the same collection, unless it begins with another one's slug."""
    return key if SEPARATOR in key else f"{system}{SEPARATOR}{key}"


def ask(wanted: Mapping[UUID, Iterable[str]]) -> None:
    """Note for each person what its line asks. Questions that still wait and are no longer asked are dropped."""
    waiting = SamePersonLink.objects.filter(person__in=wanted, other=None)
    for link in waiting:
        if link.awaits not in wanted[link.person_id]:
            link.delete()
    SamePersonLink.objects.bulk_create(
        [SamePersonLink(person_id=person, awaits=name) for person, names in wanted.items() for name in names],
        ignore_conflicts=True,
    )


def resolve() -> int:
    """Find the other side of every link that waits for one, and return how many still wait.

    Two people are asked about once: what a human has decided about them stays.
    """
    waiting = list(SamePersonLink.objects.filter(other=None).order_by("created_at", "id"))
    people = _people([link.awaits for link in waiting])
    asked = _pairs({link.person_id for link in waiting})
    n_waiting = 0
    for link in waiting:
        other = people.get(link.awaits)
        if other is None:
            n_waiting += 1
        elif other == link.person_id or frozenset((other, link.person_id)) in asked:
            link.delete()
        else:
            asked.add(frozenset((other, link.person_id)))
            link.other_id, link.awaits = other, ""
            link.save(update_fields=["other", "awaits"])
    return n_waiting


def _people(names: list[str]) -> dict[str, UUID]:
    """External name of a testimony -> its person, as far as it is loaded."""
    systems, _, keys = zip(*(name.partition(SEPARATOR) for name in names), strict=True) if names else ((), (), ())
    found = TestimonyExternalId.objects.filter(system__in=systems, value__in=keys)
    rows = found.values_list("system", "value", "testimony__person")
    return {f"{system}{SEPARATOR}{key}": person for system, key, person in rows}


def _pairs(people: set[UUID]) -> set[frozenset[UUID | None]]:
    links = SamePersonLink.objects.filter(Q(person__in=people) | Q(other__in=people), other__isnull=False)
    return {frozenset(pair) for pair in links.values_list("person", "other")}
