"""Everything that a list has, as one file: rows as they come from the server, never collected.

Whoever reads a file to its end has all of it: one that breaks off ends as no whole file does (docs/adr/0033).
"""

import csv
import io
import json
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from django.conf import settings

from testimonies.errors import InvalidParameter, InvalidParameters
from testimonies.selectors import citations, columns, pages
from testimonies.selectors.pages import Page, Rows
from testimonies.selectors.parameters import MAX_PAGE, Query
from testimonies.selectors.sql import snapshot, stream
from testimonies.values import sheets

AT_A_TIME = 100
"""Rows that are asked for, and sent on, at once."""
Batch = list[bytes]
"""Documents as ready JSON."""

MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ndjson": "application/x-ndjson",
    **citations.MEDIA_TYPES,
}
CITATIONS = citations.FORMATS
ENDINGS = {"csl-json": "json", "bibtex": "bib"}
"""Of file names, where they are not the format's own name."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of which everything is wanted.

    name     What the file is called
    item     The shape of its documents
    query    Which of them, in what order and format
    page     One page, for a query
    rows     What the list reads, where its documents are ready: then all of them are asked for at once
    whole    The same, of documents that can be cited
    """

    name: str
    item: type
    query: Query
    page: Callable[[Query], Page]
    rows: Rows | None = None


def file(listing: Listing, count: Callable[[int], None]) -> Generator[bytes]:
    """The file's bytes; `count` is told how many records went into it, as they go.

    Errors: InvalidParameters before the first piece, where there are more records than the format holds.
    """
    with snapshot(settings.EXPORT_TIMEOUT):
        if listing.query.format == "xlsx":
            _refuse_too_many(listing)
        with closing(batches_of(listing)) as batches:
            first = next(batches, [])  # what cannot be begun is refused before anything is sent
            yield from _WRITERS[listing.query.format](listing, _counted(chain([first], batches), count))


def name_of(listing: Listing) -> str:
    """What the file is called."""
    return f"{listing.name}.{ENDINGS.get(listing.query.format, listing.query.format)}"


def batches_of(listing: Listing) -> Generator[Batch]:
    """Every document of the list in its order, within a snapshot."""
    if listing.rows:
        return stream(pages.everything(listing.rows, listing.query.request), size=AT_A_TIME)
    return _walked(listing.page, listing.query)


def _walked(page: Callable[[Query], Page], query: Query) -> Generator[Batch]:
    request = replace(query.request, size=MAX_PAGE, cursor=None, count="none")
    while True:
        found = page(replace(query, request=request))
        if found.items:
            yield [item.encode() for item in found.items]
        if found.next_cursor is None:
            return
        request = replace(request, cursor=found.next_cursor)


def _counted(batches: Iterable[Batch], count: Callable[[int], None]) -> Iterator[Batch]:
    for batch in batches:
        number = len(batch)
        yield batch
        count(number)


def _refuse_too_many(listing: Listing) -> None:
    counted = replace(listing.query.request, size=1, cursor=None, count="exact")
    if (listing.page(replace(listing.query, request=counted)).count or 0) >= sheets.MOST_ROWS:
        detail = f"A sheet has {sheets.MOST_ROWS:,} rows at most, and there are more. Take csv or ndjson, or filter."
        raise InvalidParameters([InvalidParameter("format", "too_many_rows", detail)])


def _ndjson(_: Listing, batches: Iterable[Batch]) -> Iterator[bytes]:
    for batch in batches:
        yield b"\n".join([*batch, b""])


def _csv(listing: Listing, batches: Iterable[Batch]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"  # without it, spreadsheets take UTF-8 for something else
    for rows in table(listing.item, batches):
        yield written(rows)


def written(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows as CSV (RFC 4180)."""
    out = io.StringIO()
    csv.writer(out).writerows([[str(cell).lower() if isinstance(cell, bool) else cell for cell in row] for row in rows])
    return out.getvalue().encode()


def table(item: type, batches: Iterable[Batch]) -> Iterator[list[list[Any]]]:
    """Batches of rows; the first is the head."""
    found = columns.of(item)
    yield [[column.name for column in found]]
    for batch in batches:
        yield [[column.cell(document) for column in found] for document in map(json.loads, batch)]


def _xlsx(listing: Listing, batches: Iterable[Batch]) -> Iterator[bytes]:
    return sheets.workbook(listing.name, table(listing.item, batches))


def _cited(listing: Listing, batches: Iterable[Batch]) -> Iterator[bytes]:
    documents = ([json.loads(document) for document in batch] for batch in batches)
    return citations.file(documents, listing.query.format)


_WRITERS: dict[str, Callable[[Listing, Iterable[Batch]], Iterator[bytes]]] = {
    "ndjson": _ndjson,
    "csv": _csv,
    "xlsx": _xlsx,
    "csl-json": _cited,
    "bibtex": _cited,
    "ris": _cited,
}
BROKEN_OFF = {
    "ndjson": b'{"broken_off": ',
    "csv": b'\r\n"broken off: this file is not whole. Ask for it again.',
    "csl-json": b"",
    "bibtex": b"\n@comment{broken off: this file is not whole. Ask for it again.",
    "ris": b"\nER  - broken off\nTY",
}
"""What a file that could not be finished ends with, so that nobody takes it for whole: no reader accepts it. Others lack
their own end then."""
