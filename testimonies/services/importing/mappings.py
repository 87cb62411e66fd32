"""Which column of a file is which of ours: said by a person, guessed from the headers for a person to confirm."""

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from testimonies.models.import_mappings import DateFormat, ImportMapping
from testimonies.services.importing import columns
from testimonies.values.spelling import forgiven, slips


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """`columns`: name in the file -> our name; None: left out, by decision. `fixed`: our name -> a cell for every row."""

    columns: Mapping[str, str | None] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    date_format: str = DateFormat.EDTF


def stored(mapping: ImportMapping) -> ColumnMapping:
    """A mapping that somebody saved by a name."""
    return ColumnMapping(
        {one["header"]: one["column"] for one in mapping.columns},
        {one["column"]: one["value"] for one in mapping.fixed},
        mapping.date_format,
    )


class Certainty(StrEnum):
    SAME = "same"
    """The very name, but for case, blanks and hyphens."""
    LIKE = "like"
    """Its last part, or a common word for it."""
    NEAR = "near"
    """But for a slip of the pen."""
    NONE = "none"
    SEALED = "sealed"
    """What leads to a person's door: it belongs into the vault, and no import takes it."""


@dataclass(frozen=True, slots=True)
class Guess:
    header: str
    column: str | None
    certainty: Certainty


WORDS = {
    "sex": "person.gender",
    "citizenship": "person.nationality",
    "alias": "person.name",
    "pseudonym": "person.name",
    "interview_date": "given",
    "date_given": "given",
    "country_given": "given_country",
    "language": "account_language",
    "organisation": "group",
    "organization": "group",
    "role": "role_in_group",
    "date_joined": "joined",
    "date_left": "left",
    "warnings": "content_warnings",
    "embargo": "embargo_until",
    "notes": "notes_internal",
    "link": "source.url",
    "newspaper": "source.outlet",
    "publisher": "source.outlet",
    "publication_date": "source.published",
    "transcript": "text.body",
    "collection": "collections",
    "code": "codes",
}
"""What spreadsheets often call our columns."""

_SEALED = re.compile(
    r"(^|_)(legal_name|real_name|true_name|full_name|birth_name|surname|family_name|phone|telephone|mobile|whatsapp|e_?mail|"
    r"home_address|postal_address|street|whereabouts|passport|id_card|id_number|national_id|date_of_birth|birth_?date|dob|"
    r"contact|contact_details|next_of_kin|sealed)(_|$)"
)


def is_sealed(header: str) -> bool:
    """Whether a column's name says that it holds what belongs into the vault."""
    return _SEALED.search(plain(header)) is not None


@functools.lru_cache(maxsize=4_000)
def plain(name: str) -> str:
    """Without case, accents and signs: `Given (Country)` and `given.country` are `given_country`."""
    letters = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one))
    return re.sub(r"\W+|_+", "_", letters.casefold()).strip("_")


def guess(headers: Iterable[str]) -> list[Guess]:
    """One for each header. No column of ours is guessed twice: what fits best has it."""
    found = [_guess(header) for header in headers]
    taken: set[str] = set()
    order = sorted(range(len(found)), key=lambda n: list(Certainty).index(found[n].certainty))
    for number in order:
        column = found[number].column
        if column in taken:
            found[number] = Guess(found[number].header, None, Certainty.NONE)
        elif column is not None:
            taken.add(column)
    return found


def confirmed(headers: Iterable[str]) -> ColumnMapping:
    """What needs no person to confirm it: columns that have our very names. The others are unknown."""
    same = (one for one in guess(headers) if one.certainty == Certainty.SAME)
    return ColumnMapping({one.header: one.column for one in same})


def proposed(headers: Iterable[str], kept: ColumnMapping | None = None) -> ColumnMapping:
    """What a person is shown to confirm: what the mapping says of each header, and the guess where it says nothing."""
    kept = kept or ColumnMapping()
    said = {one.header: kept.columns.get(one.header, one.column) for one in guess(headers)}
    return ColumnMapping(said, kept.fixed, kept.date_format)


def _guess(header: str) -> Guess:
    if columns.find(header):
        return Guess(header, header, Certainty.SAME)
    name = plain(header)
    if is_sealed(header):
        return Guess(header, None, Certainty.SEALED)
    if name in _same():
        return Guess(header, _same()[name], Certainty.SAME)
    if name in _like():
        return Guess(header, _like()[name], Certainty.LIKE)
    near = [
        (found, other) for other in (*_same(), *_like()) if (found := slips(name, other, forgiven(other))) is not None
    ]
    if near:
        fewest = min(near)[0]
        wanted = {(_same() | _like())[other] for found, other in near if found == fewest}
        if len(wanted) == 1:
            return Guess(header, wanted.pop(), Certainty.NEAR)
    return Guess(header, None, Certainty.NONE)


@functools.cache
def _same() -> dict[str, str]:
    return {plain(name): name for name in columns.COLUMNS}


@functools.cache
def _like() -> dict[str, str]:
    """Last parts that only one column has, and common words."""
    last: dict[str, set[str]] = {}
    for name in columns.COLUMNS:
        last.setdefault(plain(name.rpartition(".")[2]), set()).add(name)
    return {part: found.copy().pop() for part, found in last.items() if len(found) == 1 and part not in _same()} | WORDS
