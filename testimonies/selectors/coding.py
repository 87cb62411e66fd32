"""What coders coded, side by side: what each said of each code, and whether they agree (docs/adr/0025)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import Model

from testimonies.access import Actor
from testimonies.models import Assignment, Code, Codebook, Coding, Testimony
from testimonies.models.codings import Presence
from testimonies.selectors import visibility
from testimonies.selectors.sql import Sql

Row = TypeVar("Row", bound=Model)


def seen(model: type[Row], actor: Actor) -> Sql:
    """A condition on rows of the table: those that the actor may see."""
    try:
        text, parameters = visibility.coding(model, actor).values("pk").query.sql_with_params()
    except EmptyResultSet:
        return Sql("false")
    return Sql(f"id IN ({text})", parameters)


@dataclass(slots=True)
class Said:
    """What one coder said of one code on one testimony. Who submitted and did not apply it counts as absent."""

    coder: str
    presence: str
    codings: list[Coding] = field(default_factory=list)


@dataclass(slots=True)
class Compared:
    """One code that somebody used, and what every coder said of it."""

    code: Code
    said: list[Said]

    @property
    def is_agreed(self) -> bool:
        return len({one.presence for one in self.said}) == 1 and self.said[0].presence != Presence.UNCERTAIN

    @property
    def applies(self) -> bool:
        """Whether all say that it does."""
        return self.is_agreed and self.said[0].presence == Presence.PRESENT


@dataclass(frozen=True, slots=True)
class SideBySide:
    codebook: Codebook
    is_complete: bool
    """Whether all who code the testimony with it have submitted; before that nothing is compared."""
    codes: list[Compared]


def side_by_side(testimony_id: UUID, actor: Actor) -> list[SideBySide]:
    """Of each codebook version that the testimony was assigned with, as far as the actor may see any of others there."""
    given = Assignment.objects.filter(testimony=testimony_id).select_related("codebook", "coder")
    mine = [one for one in given if one.coder_id == actor.user_id]
    is_blind = any(not one.is_submitted for one in mine)
    if is_blind or not actor.is_staff or not (mine or actor.sees_every_state):
        return []
    books = {one.codebook_id: one.codebook for one in given}
    rows = list(Coding.objects.filter(testimony=testimony_id).select_related("code"))
    found = []
    for book in sorted(books.values(), key=lambda one: (one.slug, one.edition)):
        of_book = [one for one in given if one.codebook_id == book.pk]
        is_complete = all(one.is_submitted for one in of_book)
        found.append(SideBySide(book, is_complete, _compared(of_book, rows) if is_complete else []))
    return found


def compare(testimony: Testimony, codebook: Codebook) -> list[Compared]:
    """By the codebook's order. Whoever shows it has asked whether all have submitted."""
    given = Assignment.objects.filter(testimony=testimony, codebook=codebook).select_related("coder")
    return _compared(list(given), list(Coding.objects.filter(assignment__in=given).select_related("code")))


def _compared(given: Iterable[Assignment], rows: Iterable[Coding]) -> list[Compared]:
    coders = {one.pk: one.coder.username for one in sorted(given, key=lambda one: one.coder.username)}
    by_code: dict[Code, dict[UUID, list[Coding]]] = defaultdict(lambda: defaultdict(list))
    for row in sorted(rows, key=lambda one: (str(one.text_id), one.start or 0, one.end or 0, one.pk)):
        if row.assignment_id in coders:
            by_code[row.code][row.assignment_id].append(row)
    return [
        Compared(code, [Said(name, presence(by_code[code][pk]), by_code[code][pk]) for pk, name in coders.items()])
        for code in sorted(by_code, key=lambda one: (one.position, one.slug))
    ]


def presence(codings: Iterable[Coding]) -> str:
    """What one coder's codings with one code come to: found anywhere is found."""
    said = {one.presence for one in codings}
    return next((word for word in (Presence.PRESENT, Presence.UNCERTAIN) if word in said), Presence.ABSENT).value
