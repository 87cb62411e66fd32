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


def compare(testimony: Testimony, codebook: Codebook) -> list[Compared]:
    """By the codebook's order. Whoever shows it has asked whether all have submitted."""
    assignments = Assignment.objects.filter(testimony=testimony, codebook=codebook).select_related("coder")
    coders = {one.pk: one.coder.username for one in assignments.order_by("coder__username")}
    rows = Coding.objects.filter(assignment__in=coders).select_related("code").order_by("text", "start", "end", "pk")
    by_code: dict[UUID, dict[UUID, list[Coding]]] = defaultdict(lambda: defaultdict(list))
    codes: dict[UUID, Code] = {}
    for row in rows:
        by_code[row.code_id][row.assignment_id].append(row)
        codes[row.code_id] = row.code
    return [
        Compared(
            code, [Said(name, presence(by_code[code.pk][pk]), by_code[code.pk][pk]) for pk, name in coders.items()]
        )
        for code in sorted(codes.values(), key=lambda one: (one.position, one.slug))
    ]


def presence(codings: Iterable[Coding]) -> str:
    """What one coder's codings with one code come to: found anywhere is found."""
    said = {one.presence for one in codings}
    return next((word for word in (Presence.PRESENT, Presence.UNCERTAIN) if word in said), Presence.ABSENT).value
