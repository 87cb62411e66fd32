"""A Frictionless data package (https://specs.frictionlessdata.io/data-package/) of everything that the caller may see.

Written as it is sent: each table is asked for when its turn comes, all of them in one snapshot, and none is kept. What is
known only at the end, such as checksums, stands in the last files of the archive.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, get_args, get_origin

from django.conf import settings

from testimonies.access import Actor, Tier
from testimonies.projections.exposure import described
from testimonies.projections.shapes import CitationEntry, CodeRef, Described, Id
from testimonies.selectors import columns, documents, exports, qdc
from testimonies.selectors.columns import Column, Document
from testimonies.selectors.exports import Batch, Listing
from testimonies.selectors.sql import snapshot
from testimonies.values.sheets import Outbox

DESCRIPTION = (
    "What people said publicly, to whom, when, where it was published, and what researchers coded in it. "
    "Read README.md and the caveats of the collections before using any of it."
)
LICENCE = {
    "name": "LicenseRef-as-cleared",
    "title": "For the uses that `cleared_for` of each testimony and `permitted_uses` of its collections name, and no other",
}


class CitationRow(CitationEntry):
    """How a testimony cites a source."""

    testimony_id: Id


class CodedRow(CodeRef):
    """A consensus code of a testimony. That a code is absent means not mentioned; it was not denied."""

    testimony_id: Id


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the shape of its rows, where they come from, what identifies one, and what its columns lead to."""

    name: str
    shape: type
    rows: Callable[[], Generator[Batch]]
    key: tuple[str, ...]
    leads_to: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()
    within: Callable[[Document], Iterable[Document]] = lambda document: [document]


_LEADS_TO = {
    "testimonies": ((("person.id",), "persons", ("id",)), (("group",), "groups", ("slug",))),
    "figures": ((("collection",), "collections", ("slug",)),),
    "codes": ((("codebook", "version"), "codebooks", ("slug", "version")),),
    "citations": ((("testimony_id",), "testimonies", ("id",)), (("source.id",), "sources", ("id",))),
    "testimony_codes": (
        (("testimony_id",), "testimonies", ("id",)),
        (("codebook", "version", "slug"), "codes", ("codebook", "version", "slug")),
    ),
}


def tables(lists: Mapping[str, Listing], actor: Actor) -> list[Table]:
    """What is referred to comes first."""
    order = ("collections", "figures", "groups", "codebooks", "codes", "persons", "sources", "testimonies")
    found = [
        Table(name, lists[name].item, _everything(lists[name]), ("id",), _LEADS_TO.get(name, ())) for name in order
    ]
    rows, query = documents.cited_rows(lists["testimonies"].query, actor)
    cited = _everything(replace(lists["testimonies"], rows=rows, query=query))
    found.append(Table("citations", CitationRow, cited, ("id",), _LEADS_TO["citations"], _within("citations")))
    coded = _everything(lists["testimonies"])
    key = ("testimony_id", "codebook", "version", "slug")
    found.append(Table("testimony_codes", CodedRow, coded, key, _LEADS_TO["testimony_codes"], _within("codes")))
    return found


def _everything(listing: Listing) -> Callable[[], Generator[Batch]]:
    return lambda: exports.batches_of(listing)


def _within(key: str) -> Callable[[Document], Iterable[Document]]:
    return lambda testimony: ({**entry, "testimony_id": testimony["id"]} for entry in testimony[key])


def file(lists: Mapping[str, Listing], actor: Actor, count: Callable[[int], None]) -> Generator[bytes]:
    """The archive's bytes. `lists` are those of every kind of record, `count` is told how many rows went into it."""
    with snapshot(settings.EXPORT_TIMEOUT):
        archive = _Archive()
        for table in tables(lists, actor):
            with closing(table.rows()) as batches:
                yield from archive.add(f"{table.name}.csv", _rows(table, batches, count), _described(table))
        for name, body in _codebooks(lists["codebooks"], actor):
            says = {"name": name.lower().replace("@", "-"), "format": "qdc", "mediatype": qdc.MEDIA_TYPE}
            yield from archive.add(f"codebooks/{name}.qdc", iter([(body, 0)]), says)
        with closing(exports.batches_of(lists["collections"])) as batches:
            collections = [json.loads(document) for batch in batches for document in batch]
        yield from archive.add("README.md", iter([(_readme(collections, actor).encode(), 0)]))
        yield from archive.add("datapackage.json", iter([(_package(archive, collections, actor).encode(), 0)]))
        sums = "".join(f"{digest}  {path}\n" for path, digest in archive.digests.items())
        yield from archive.add("SHA256SUMS", iter([(sums.encode(), 0)]))
        yield archive.end()


@dataclass(slots=True)
class _Archive:
    out: Outbox = field(default_factory=Outbox)
    zip: zipfile.ZipFile = field(init=False)
    resources: list[dict[str, Any]] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.zip = zipfile.ZipFile(self.out, "w", zipfile.ZIP_DEFLATED, compresslevel=1)

    def add(
        self, path: str, pieces: Iterator[tuple[bytes, int]], says: Mapping[str, Any] | None = None
    ) -> Iterator[bytes]:
        """A file of pieces, each with its number of rows. What `says` describes is a resource of the package."""
        digest, size, rows = hashlib.sha256(), 0, 0
        with self.zip.open(path, "w", force_zip64=True) as written:
            for piece, number in pieces:
                written.write(piece)
                digest.update(piece)
                size, rows = size + len(piece), rows + number
                if sent := self.out.take():
                    yield sent
        self.digests[path] = digest.hexdigest()
        if says is not None:
            counted = {"rows": rows} if "schema" in says else {}
            self.resources.append(
                {**says, "path": path, "bytes": size, "hash": f"sha256:{digest.hexdigest()}", **counted}
            )

    def end(self) -> bytes:
        self.zip.close()
        return self.out.take()


def _rows(table: Table, batches: Iterable[Batch], count: Callable[[int], None]) -> Iterator[tuple[bytes, int]]:
    found = columns.of(table.shape)
    yield exports.written([[column.name for column in found]]), 0
    for batch in batches:
        rows = [entry for document in map(json.loads, batch) for entry in table.within(document)]
        count(len(rows))
        yield exports.written([column.cell(row) for column in found] for row in rows), len(rows)


def _described(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(column, table.key) for column in columns.of(table.shape)],
        "primaryKey": list(table.key),
        "missingValues": [""],
    }
    if table.leads_to:
        schema["foreignKeys"] = [
            {"fields": list(here), "reference": {"resource": there, "fields": list(keys)}}
            for here, there, keys in table.leads_to
        ]
    return {
        "name": table.name,
        "profile": "tabular-data-resource",
        "description": " ".join((table.shape.__doc__ or "").split()),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(column: Column, key: tuple[str, ...]) -> dict[str, Any]:
    says = described(column.hint, column.path[-1])
    plain = _plain(column.hint)
    of_model = says.model._meta.get_field(says.field) if says.model else None
    text = says.help or str(getattr(of_model, "help_text", ""))
    found: dict[str, Any] = {"name": column.name, "type": _TYPES[plain], "description": text.strip()}
    form = _format(column.hint)
    if form in {"date", "date-time"}:
        found |= {"date": {"type": "date"}, "date-time": {"type": "datetime", "format": "any"}}[form]
    elif form == "uuid":
        found["format"] = "uuid"
    constraints: dict[str, Any] = {}
    if column.name in key:
        constraints["required"] = True
    if key == (column.name,):
        constraints["unique"] = True
    if says.choices and plain is str and not columns.is_list(column.hint):
        words = [word for word in _words(says) if word]
        constraints["enum"] = words
    return found | ({"constraints": constraints} if constraints else {})


def _words(says: Described) -> list[str]:
    choices = says.choices
    assert choices is not None  # noqa: S101 - asked before
    return [tier.label for tier in Tier] if choices is Tier else [str(value) for value in choices.values]


_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}


def _plain(hint: Any) -> type:
    """What a cell holds: of lists and of what is nested, their text."""
    if columns.is_list(hint):
        return str
    return next((one for one in _inside(hint) if one in _TYPES), str)


def _inside(hint: Any) -> Iterator[Any]:
    if get_origin(hint) is None:
        yield hint
    for argument in get_args(hint):
        if not isinstance(argument, Described):
            yield from _inside(argument)


def _format(hint: Any) -> str:
    """The format that an annotation names, however far in it stands."""
    extras = [one for one in getattr(hint, "__metadata__", ()) if isinstance(one, Described)]
    found = next((one.format for one in extras if one.format), "")
    if found or columns.is_list(hint):
        return found
    return next((form for argument in get_args(hint) if (form := _format(argument))), "")


def _codebooks(listing: Listing, actor: Actor) -> Iterator[tuple[str, bytes]]:
    with closing(exports.batches_of(listing)) as batches:
        books = [json.loads(document) for batch in batches for document in batch]
    for book in books:
        _, body = qdc.export(book["id"], actor)
        yield f"{book['slug']}-{book['version']}", body


def _package(archive: _Archive, collections: list[Document], actor: Actor) -> str:
    package = {
        "profile": "data-package",
        "name": "testimony-records",
        "title": "Testimony records",
        "description": DESCRIPTION,
        "created": actor.now.isoformat(),
        "licenses": [LICENCE],
        "sources": [{"title": one["title"]} for one in collections],
        "caveats": [
            {
                key: one[key]
                for key in ("slug", "title", "population", "scope", "caveats", "permitted_uses", "is_invented")
            }
            for one in collections
        ],
        "tier": actor.tier.label,
        "resources": archive.resources,
    }
    return json.dumps(package, ensure_ascii=False, indent=1)


_README = """\
# Testimony records

{description}

Made on {day} (UTC), of what the tier `{tier}` may see at that moment. What is withdrawn later must not be used any more: ask
for the package again rather than keep it.

Licence: {licence}.

`datapackage.json` describes every table and column. `SHA256SUMS` has the checksums (`sha256sum -c SHA256SUMS`), and
`codebooks/` the codebooks as REFI-QDA files.

Several values share a cell: `a; b`, with a backslash before a semicolon or backslash of theirs. A text that a spreadsheet
would run begins with an apostrophe of ours. An empty cell has no value; `missing` says why.

A code that is absent was not mentioned; it was not denied. Never count invented records with real ones, and never present
counts of records as the figures of a report.
"""


def _readme(collections: list[Document], actor: Actor) -> str:
    day, tier = actor.now.date().isoformat(), actor.tier.label
    about = [_README.format(description=DESCRIPTION, day=day, tier=tier, licence=LICENCE["title"])]
    for one in collections:
        invented = " (invented records: nobody said this)" if one["is_invented"] else ""
        about += [f"## {one['title']} (`{one['slug']}`){invented}\n", one["scope"], ""]
        about += [f"- {caveat}" for caveat in one["caveats"]]
        about.append("")
    return "\n".join(about)
