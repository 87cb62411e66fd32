"""What a column is, and how one is declared: from a model's field, with its words, lengths and help."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import models as django_models
from django.db.models import TextChoices

from testimonies.access import Tier
from testimonies.models.fields import check_country, check_edtf, check_language
from testimonies.services.importing import readings
from testimonies.services.importing.readings import Reading, Unfit


class ColumnKind(TextChoices):
    """What the cells of a column hold."""

    TEXT = "text", "text, as it is"
    WORD = "word", "one of the words"
    WORDS = "words", "some of the words, with semicolons between them"
    DATE = "date", "a date as EDTF, or as the mapping says"
    MOMENT = "moment", "a day, or a day and a time (ISO 8601)"
    COUNTRY = "country", "a country as ISO 3166-1 alpha-2, or its English name"
    LANGUAGE = "language", "a language as a BCP 47 tag"
    NUMBER = "number", "a whole number"
    FLAG = "flag", "true or false"
    TIER = "tier", "public, partner or restricted"
    SLUG = "slug", "a short name"
    SLUGS = "slugs", "short names, with semicolons between them"
    URL = "url", "an address"
    KEY = "key", "an id of ours"
    CODES = "codes", "codes as codebook@version/slug, with semicolons between them"
    PAIRS = "pairs", "name=word, several with semicolons between them"
    EXTERNAL_ID = "external_id", "an id of another system"
    EXTERNAL_IDS = "external_ids", "system: value, several with semicolons between them"
    PARTS = "parts", "a list, as JSON"
    READ_ONLY = "read_only", "nothing that is read"


class _Required:
    """That a column, where a file has it, must not be empty."""


REQUIRED = _Required()


@dataclass(frozen=True, slots=True)
class Column:
    """`path` leads to the value within the values of a row, as services take them; empty: it is known and left out."""

    name: str
    kind: ColumnKind
    help: str
    path: tuple[str | int, ...] = ()
    read: Reading = field(default=lambda value: value, repr=False)
    empty: Any = REQUIRED
    """What an empty cell means."""
    words: tuple[str, ...] = ()
    is_shown: bool = True
    """Whether a problem may repeat (shortened) what stood in the cell: names and texts are not repeated."""

    @property
    def is_numbered(self) -> bool:
        """Whether it is about one of several: a source, a text."""
        return len(self.path) > 1 and isinstance(self.path[1], int)

    @property
    def may_be_empty(self) -> bool:
        return self.empty is not REQUIRED or self.is_read_only

    @property
    def is_read_only(self) -> bool:
        return self.kind == ColumnKind.READ_ONLY


def empty_of(column: Column) -> Any:
    """Errors: Unfit, where the column must not be empty."""
    if column.empty is REQUIRED:
        raise Unfit("is empty. Write a value, or leave the column out.")
    return column.empty.copy() if isinstance(column.empty, (list, dict)) else column.empty


def of(
    model: type[django_models.Model], *names: str, prefix: str = "", to: tuple[str | int, ...] = ()
) -> Iterator[Column]:
    """Columns of a model's fields, with their words, lengths and help."""
    for name in names:
        yield replace(_column(model._meta.get_field(name)), name=prefix + name, path=(*to, name))


def _column(field: Any) -> Column:
    kind, read = _kind(field)
    empty: Any = REQUIRED
    if field.default is not django_models.NOT_PROVIDED:
        empty = field.get_default()
    elif field.null:
        empty = None
    elif field.blank:
        empty = ""
    if kind == ColumnKind.TIER:
        empty = Tier(empty)
    words = tuple(str(value) for value, _ in _choices(field)) if kind in {ColumnKind.WORD, ColumnKind.WORDS} else ()
    return Column(
        name=field.name,
        kind=kind,
        help=field.help_text,
        read=read,
        empty=empty,
        words=tuple(Tier.labels) if kind == ColumnKind.TIER else words,
        is_shown=kind != ColumnKind.TEXT,
    )


_BY_CHECK: tuple[tuple[Any, ColumnKind, Reading], ...] = (
    (check_edtf, ColumnKind.DATE, readings.date),
    (check_country, ColumnKind.COUNTRY, readings.country),
    (check_language, ColumnKind.LANGUAGE, readings.language),
)
_BY_TYPE: dict[str, tuple[ColumnKind, Reading]] = {
    "PositiveSmallIntegerField": (ColumnKind.NUMBER, readings.whole(0, 130)),  # ages are all there is
    "DateTimeField": (ColumnKind.MOMENT, readings.moment),
    "BooleanField": (ColumnKind.FLAG, readings.flag),
}


def _kind(field: Any) -> tuple[ColumnKind, Reading]:
    for check, kind, read in _BY_CHECK:
        if check in field.validators:
            return kind, read
    if isinstance(field, django_models.URLField):
        return ColumnKind.URL, readings.url
    choices = _choices(field)
    if not choices:
        text = ColumnKind.TEXT, readings.text(field.max_length or 200_000, one_line=field.max_length is not None)
        return _BY_TYPE.get(field.get_internal_type(), text)
    if choices == Tier.choices:
        return ColumnKind.TIER, readings.tier
    one = readings.word(choices)
    return (ColumnKind.WORDS, readings.several(one)) if hasattr(field, "base_field") else (ColumnKind.WORD, one)


def _choices(field: Any) -> list[tuple[Any, str]]:
    return list(getattr(field, "base_field", field).choices or ())


def key(name: str, what: str, *path: str) -> Column:
    return Column(
        name,
        ColumnKind.KEY,
        f"Our id of the {what}, as an export holds it.",
        path or tuple(name.split(".")),
        readings.key,
        None,
    )


def ref(name: str, what: str) -> Column:
    return Column(
        name,
        ColumnKind.TEXT,
        f"Our reference of the {what}.",
        tuple(name.split(".")),
        readings.text(16, one_line=True),
        None,
    )


def external_ids(name: str, what: str) -> Column:
    help_text = f"What other systems call the {what}: `system: value; system: value`. The whole list."
    return Column(
        name,
        ColumnKind.EXTERNAL_IDS,
        help_text,
        tuple(name.split(".")),
        readings.several(readings.external_id),
        [],
        is_shown=False,
    )
