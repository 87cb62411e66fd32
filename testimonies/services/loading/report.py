"""What a load did, for whoever ran it."""

from dataclasses import dataclass, field

from testimonies.services.loading.checks import Place
from testimonies.services.loading.rows import Changes

KINDS = (
    "regions",
    "codebooks",
    "codes",
    "collections",
    "figures",
    "campaigns",
    "groups",
    "sources",
    "testimonies",
    "quotes",
)


@dataclass(slots=True)
class Report:
    kinds: dict[str, Changes] = field(default_factory=lambda: {kind: Changes() for kind in KINDS})
    rejected: list[str] = field(default_factory=list)
    """Where a line was not taken over, and why."""
    n_sealed: int = 0
    n_coded: int = 0
    n_codings: int = 0
    n_waiting: int = 0
    n_gone: int = 0

    def reject(self, place: Place, reason: str) -> None:
        self.kinds["testimonies"].rejected += 1
        self.rejected.append(f"{place}: {reason}")

    def lines(self) -> list[str]:
        columns = ("created", "updated", "unchanged", "rejected")
        table = [f"{'':<14}" + "".join(f"{column:>10}" for column in columns)]
        for kind, changes in self.kinds.items():
            table.append(f"{kind:<14}" + "".join(f"{getattr(changes, column):>10}" for column in columns))
        notes = (
            (self.n_sealed, "sealed fields left out: {}"),
            (self.n_coded, "codings of invented coders: {}"),
            (self.n_codings, "codings left out: {}"),
            (self.n_waiting, "links to records that are not loaded yet: {}"),
            (self.n_gone, "records that the files no longer hold, kept: {}"),
        )
        return table + [text.format(number) for number, text in notes if number] + self.rejected
