"""Components of the OpenAPI document: shapes and enumerations as JSON Schema, and what all operations share.

Nothing is described twice: help texts, words and tiers come from the models through testimonies.projections.shapes.
They are written for generators of clients: flat objects, no unions but with null, every key required, enums named.
"""

import json
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, TypedDict, Union, get_args, get_origin, get_type_hints

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Choices
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent, deep_import_string
from drf_spectacular.settings import spectacular_settings

from testimonies.access import Tier
from testimonies.api import problems
from testimonies.api.saying import TIER_WORDS, Node, query
from testimonies.projections import exposure
from testimonies.projections.shapes import Described, Uri
from testimonies.selectors.exports import MEDIA_TYPES
from testimonies.selectors.pages import CAP
from testimonies.selectors.parameters import CITED, COUNTS, FORMATS, MATCHES, MAX_PAGE

_SHAPES: dict[str, type] = {}
"""By the name of their component."""

EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
"""One record of each kind from the sample collections, as the public tier sees it."""

_SAID_OF_FORMATS = {
    "json": "one page",
    "csv": "everything, as comma-separated values",
    "xlsx": "everything, as a spreadsheet",
    "ndjson": "everything, one JSON document on each line",
    "csl-json": "citations as CSL-JSON",
    "bibtex": "citations as BibTeX",
    "ris": "citations as RIS",
}


def _formats(names: Iterable[str]) -> list[tuple[str, str]]:
    """With their media types: beside the page's own schema, generators would take these for a union."""
    return [(name, f"{_SAID_OF_FORMATS[name]} ({MEDIA_TYPES.get(name, 'application/json')})") for name in names]


WORDS = {
    "CountMode": [
        ("none", "do not count"),
        ("exact", "count all"),
        ("capped", f"count up to {CAP:,}"),
    ],
    "DateMatch": [
        ("possible", "an uncertain date may lie within the bounds"),
        ("certain", "an uncertain date lies within the bounds as a whole"),
    ],
    "ListFormat": _formats(FORMATS),
    "CitedListFormat": _formats(CITED),
}
"""Enumerations of parameters, by the name of their component."""


class CountKind(models.TextChoices):
    NONE = "none", "was not asked for"
    EXACT = "exact", "all of them"
    CAPPED = "capped", "there are more than this"


class SearchKind(models.TextChoices):
    NONE = "none", "there were no words to search for"
    WORDS = "words", "the words of `q`"
    SIMILAR = "similar", "nothing has the words of `q`; these titles or names are spelt most alike, the closest first"


class Page(TypedDict):
    """One page of a list."""

    next: Annotated[Uri | None, Described("Address of the next page; null on the last.")]
    previous: Annotated[Uri | None, Described("Address of the previous page; null on the first.")]
    next_cursor: Annotated[str | None, Described("Value of `cursor` for the next page.")]
    previous_cursor: Annotated[str | None, Described("Value of `cursor` for the previous page.")]
    count: Annotated[int | None, Described("How many match; null unless asked for with `count`.")]
    count_kind: Annotated[str, Described("How the count is meant.", choices=CountKind)]
    count_of: Annotated[
        str,
        Described(
            "What is counted: the kind of record, for which tier, and of each collection that was asked for its population; empty "
            "where nothing is counted. Show it with the count, and beside a published figure with that figure's own population."
        ),
    ]
    search_kind: Annotated[str, Described("What the search found.", choices=SearchKind)]


ProblemError = TypedDict(
    "ProblemError",
    {
        "in": Annotated[str, Described("Where it is: query, body, header or path.")],
        "parameter": Annotated[str, Described("Name of the parameter; empty for a body.")],
        "pointer": Annotated[str, Described("JSON pointer into the body; empty for a parameter.")],
        "code": Annotated[str, Described("Stable code of what is wrong.")],
        "detail": Annotated[str, Described("What fits instead.")],
    },
)
ProblemError.__doc__ = "One thing that is wrong."


class Problem(TypedDict):
    """RFC 9457 problem details: every answer of 4xx and 5xx has this shape."""

    type: Annotated[str, Described("Address of a page that explains the problem.", format="uri-reference")]
    title: Annotated[str, Described("The kind of problem.")]
    status: Annotated[int, Described("The HTTP status.")]
    detail: Annotated[str, Described("What to do next.")]
    code: Annotated[str, Described("Stable code of the problem.")]
    request_id: Annotated[str, Described("Id of the request, for asking about it.")]
    errors: Annotated[list[ProblemError], Described("Everything that is wrong, at once.")]


CSL_ITEM: Node = {
    "type": "object",
    "description": "One item of CSL-JSON (https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html).",
    "properties": {
        "id": {"type": "string", "description": "The testimony's reference and the number of the citation."},
        "type": {"type": "string", "description": "A type of CSL, such as article-newspaper."},
        "title": {"type": "string", "description": "Title of the source."},
    },
    "required": ["id", "type", "title"],
    "additionalProperties": True,
}

HEADERS: dict[str, tuple[str, Node]] = {
    "X-Request-ID": ("Id of this request: name it when you ask about an answer.", {"type": "string", "pattern": "^[0-9a-f]{32}$"}),
    "ETag": ("Of these very bytes, as this caller sees them. Send it back as If-None-Match.", {"type": "string", "pattern": '^(W/)?"[^"]+"$'}),
    "CurrentETag": ("The version that is current, as If-Match takes it. Read the record before you send it.", {"type": "string", "pattern": '^"[0-9]+"$'}),
    "PageETag": ("Of these very bytes, as this caller sees them. Send it back as If-None-Match. Files have none.", {"type": "string", "pattern": '^"[^"]+"$'}),
    "Location": ("Address of the new record.", {"type": "string", "format": "uri-reference"}),
    "WWW-Authenticate": ("How to send a key.", {"type": "string"}),
    "Retry-After": ("Seconds to wait before asking again.", {"type": "integer", "minimum": 1}),
}  # fmt: skip
RESPONSES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "304": ("NotModified", "What If-None-Match names is still current. No body.", ("ETag",)),
    "400": ("BadRequest", "The request does not fit. `errors` lists everything at fault.", ()),
    "401": ("Unauthorized", "A key is needed, or the one sent is unknown, revoked or expired.", ("WWW-Authenticate",)),
    "404": ("NotFound", "There is nothing here that the caller may see: hidden or never there, the answer is the same.", ()),
    "403": ("Forbidden", "The key's role does not do this kind of thing, whatever the record.", ()),
    "409": ("Conflict", "The record's state, or other records, do not allow it now. The detail says what would.", ()),
    "412": ("Overtaken", "If-Match names a version that is no longer current. The detail and the ETag name the one that is.", ("CurrentETag",)),
    "413": ("BodyTooLarge", "The body has more bytes than are read.", ()),
    "415": ("UnsupportedMediaType", "The body is not application/json.", ()),
    "422": ("IdempotencyMismatch", "The Idempotency-Key came with another request before.", ()),
    "428": ("VersionNeeded", "If-Match is missing.", ()),
    "429": ("TooManyRequests", "Too many requests. Wait as long as Retry-After says.", ("Retry-After",)),
    "500": ("InternalError", "Something is broken here. It was noted under the request id.", ()),
    "503": ("Unavailable", "The service cannot answer now, or the answer takes too long.", ()),
}  # fmt: skip
"""By status: name, description, and headers beside X-Request-ID."""


class Components:
    """Registers what an operation refers to, and gives the reference."""

    def __init__(self, registry: ComponentRegistry) -> None:
        self.registry = registry

    def _add(self, kind: str, name: str, make: Callable[[], Node]) -> Node:
        component = ResolvedComponent(name=name, type=kind, object=name)  # type: ignore[no-untyped-call]
        if component not in self.registry:
            self.registry.register(component)  # before it is made: a shape may hold itself
            component.schema = make()
        return component.ref

    # --- Schemas ---

    def shape(self, shape: type) -> Node:
        if _SHAPES.setdefault(shape.__name__, shape) is not shape:
            raise ImproperlyConfigured(
                f"Two shapes are called {shape.__name__}: the document could show only one of them."
            )
        return self._add(ResolvedComponent.SCHEMA, shape.__name__, lambda: self._object(shape))

    def page(self, item: type) -> Node:
        """The envelope of a list of items."""
        name = f"{item.__name__.removesuffix('Summary').removesuffix('Entry')}Page"
        return self._add(ResolvedComponent.SCHEMA, name, lambda: self._page(item))

    def words(self, name: str) -> Node:
        return self._add(ResolvedComponent.SCHEMA, name, lambda: _enumeration(WORDS[name]))

    def choices(self, choices: type[Choices]) -> Node:
        """A named enumeration. Its name stands in settings, where write serializers find it too."""
        words = TIER_WORDS if choices is Tier else choices
        name = next(name for name, where in _OVERRIDES.items() if deep_import_string(where) is words)
        return self._add(
            ResolvedComponent.SCHEMA, name, lambda: _enumeration(TIER_WORDS if choices is Tier else choices.choices)
        )

    def csl_item(self) -> Node:
        return self._add(ResolvedComponent.SCHEMA, "CslItem", lambda: CSL_ITEM | _example("CslItem"))

    def _page(self, item: type) -> Node:
        found = self._object(Page)
        results = {"type": "array", "items": self.shape(item), "description": "The page's records."}
        found["properties"]["results"] = results
        found["required"].append("results")
        return found

    def _object(self, shape: type) -> Node:
        hints = get_type_hints(shape, include_extras=True)
        return {
            "type": "object",
            "description": shape.__doc__,
            "properties": {key: self._property(shape, key, hint) for key, hint in hints.items()},
            "required": list(hints),
            **_example(shape.__name__),
        }

    def _property(self, shape: type, key: str, hint: Any) -> Node:
        says, tier = exposure.described(hint, key), exposure.tiers(shape)[key]
        found = self._type(hint, Described())
        if "$ref" in found:
            found = {"allOf": [found]}  # generators overlook what stands beside a reference
        text = says.help or _help_text(says) or _inner_doc(hint) or _DEFAULT_HELP.get(key, "")
        return found | {"description": f"{text.strip()}{tier_says(tier)}"} | tier_key(tier)

    def _type(self, hint: Any, says: Described) -> Node:
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Annotated:
            given = next((extra for extra in arguments[1:] if isinstance(extra, Described)), Described())
            # the outermost description wins; a format may lie further in (Day, Moment, Id)
            merged = Described(choices=says.choices or given.choices, format=says.format or given.format)
            return self._type(arguments[0], merged)
        if origin in {Union, types.UnionType}:
            (inner,) = (argument for argument in arguments if argument is not type(None))
            found = self._type(inner, says)
            return found | {"type": [found["type"], "null"]}  # of plain values only: nothing nested may be null
        if origin is list:
            return {"type": "array", "items": self._type(arguments[0], Described(choices=says.choices))}
        if hasattr(hint, "__total__"):
            return self.shape(hint)
        if says.choices:
            return self.choices(says.choices)
        return {"type": _PLAIN[hint]} | ({"format": says.format} if says.format else {})

    # --- Headers, responses, parameters ---

    def headers(self, names: Iterable[str] = ()) -> Node:
        shown = {"CurrentETag": "ETag", "PageETag": "ETag"}
        return {shown.get(name, name): self._header(name) for name in ("X-Request-ID", *names)}

    def _header(self, name: str) -> Node:
        text, schema = HEADERS[name]
        return self._add(
            ResolvedComponent.HEADER,
            name,
            lambda: {"description": text, "required": name != "PageETag", "schema": schema},
        )

    def response(self, status: str) -> Node:
        name, text, headers = RESPONSES[status]
        content = {} if status == "304" else {"content": {problems.MEDIA_TYPE: {"schema": self.shape(Problem)}}}
        return self._add(
            ResolvedComponent.RESPONSE,
            name,
            lambda: {"description": text, "headers": self.headers(headers), **content},
        )

    def parameter(self, name: str) -> Node:
        """One of the parameters that many operations take."""
        return self._add(ResolvedComponent.PARAMETER, name, lambda: self._shared()[name])

    def _shared(self) -> dict[str, Node]:
        return {
            "PageSize": query(
                "page_size",
                "Records on a page.",
                {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 50},
            ),
            "Cursor": query(
                "cursor",
                "From `next_cursor` or `previous_cursor`; fits only the same filters and ordering.",
                {"type": "string", "minLength": 1},
            ),
            "Count": query("count", "Whether to count what matches.", self._one_of("CountMode", COUNTS)),
            "Match": query("match", "How uncertain dates are compared.", self._one_of("DateMatch", MATCHES)),
            "IfMatch": {
                "in": "header",
                "name": "If-Match",
                "required": True,
                "description": "The ETag of the version that the change was made on, or * to overwrite whatever is there.",
                "schema": {"type": "string"},
            },
            "OptionalIfMatch": {
                "in": "header",
                "name": "If-Match",
                "description": "The ETag of the version that was read: 412 if it has changed since. Left out, nothing is compared.",
                "schema": {"type": "string"},
            },
            "IdempotencyKey": {
                "in": "header",
                "name": "Idempotency-Key",
                "description": "Any unique string: within 24 hours, the same request again with it makes no second record.",
                "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
            },
            "AsOf": query(
                "as_of",
                "The record as it was at this moment. Known from tier restricted.",
                {"type": "string", "format": "date-time"},
                **tier_key(Tier.RESTRICTED),
            ),
            "ChangeReason": {
                "in": "header",
                "name": "Change-Reason",
                "description": "Why, for the history of the record. Printable characters in UTF-8, at most 500.",
                "schema": {"type": "string", "maxLength": 500, "pattern": "^[^\\x00-\\x1f\\x7f]*$"},
            },
            "ListFormat": self._format("ListFormat"),
            "CitedListFormat": self._format("CitedListFormat"),
            "ExportPurpose": {
                "in": "header",
                "name": "Export-Purpose",
                "description": "What the file is for, in a sentence of 10 to 500 characters that names nobody. Needed above the "
                "public tier for every format but json, and recorded there.",
                "schema": {"type": "string"},
            },
            "IfNoneMatch": {
                "in": "header",
                "name": "If-None-Match",
                "description": "The ETag of an earlier answer: 304 without a body if nothing changed since.",
                "schema": {"type": "string"},
            },
        }

    def _format(self, name: str) -> Node:
        text = "A page, or all of the list as one file, without `page_size`, `cursor` and `count`."
        return query("format", text, self._one_of(name, FORMATS))

    def _one_of(self, name: str, words: tuple[str, ...]) -> Node:
        return {"allOf": [self.words(name)], "default": words[0]}


def _enumeration(words: Iterable[tuple[Any, Any]]) -> Node:
    pairs = [(str(value), str(label)) for value, label in words]
    return {
        "type": "string",
        "enum": [value for value, _ in pairs],
        "description": "\n".join(f"* `{value}` - {label}" for value, label in pairs),
    }


def _example(name: str) -> Node:
    return {"examples": [EXAMPLES[name]]} if name in EXAMPLES else {}


def _help_text(says: Described) -> str:
    field = says.model._meta.get_field(says.field) if says.model else None
    return str(getattr(field, "help_text", ""))


def _inner_doc(hint: Any) -> str:
    inner = get_args(hint)[0] if get_origin(hint) is list else hint
    return (inner.__doc__ or "") if hasattr(inner, "__total__") else ""


def tier_key(tier: Tier) -> Node:
    """For programs; absent where it is public."""
    return {"x-tier": tier.label} if tier > Tier.PUBLIC else {}


def tier_says(tier: Tier) -> str:
    return f" Filled from tier {tier.label}." if tier > Tier.PUBLIC else ""


_OVERRIDES: dict[str, str] = dict(spectacular_settings.ENUM_NAME_OVERRIDES)
_PLAIN = {str: "string", int: "integer", bool: "boolean", float: "number"}
_DEFAULT_HELP = {"id": "A random UUID."}
