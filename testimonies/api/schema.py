"""The OpenAPI document's operations, described from what each view declares; its components are in components.py."""

import re
from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from testimonies.access import Tier
from testimonies.api.components import Components, tier_key
from testimonies.api.parsing import StrictSerializer
from testimonies.api.permissions import MayAsk
from testimonies.api.saying import JSON, Node, Said, query
from testimonies.selectors import filters
from testimonies.selectors.filters import Filter
from testimonies.selectors.parameters import FORMATS, MAX_LENGTH, MAX_VALUES, Asked, Declared, WholeNumber, longest

WRITES = {"create": "Create", "update": "Replace", "partial_update": "Update", "destroy": "Delete"}
"""What the actions of testimonies.api.writing do, in the words of the document."""


class Generator(SchemaGenerator):
    """Has each view described by what stands below. Were it named in DRF's settings, every process would load it."""

    def create_view(self, callback: Any, method: Any, request: Any = None) -> Any:
        view = super().create_view(callback, method, request)  # type: ignore[no-untyped-call]
        view.schema = Schema()
        return view


class Schema(AutoSchema):
    """Describes an operation: lists, details and writes of one record from what their view declares (`noun`, `shape`, `item`,
    `declared`, `write`), every other one from what it says itself (testimonies.api.saying).
    """

    def get_operation_id(self) -> str:
        """list_sources, get_source, create_source; below a testimony list_testimony_texts, get_text, create_text."""
        action, plural, single = self._action(), self._plural(), self._single()
        if said := self._said():
            return said.operation.format(one=single)
        if action in WRITES:
            return f"{WRITES[action].lower()}_{single}"
        return {"list": f"list_{plural}", "retrieve": f"get_{single}", "get": f"get_{plural}"}[action]

    def get_tags(self) -> list[str]:
        return [self._words()[0]]

    def get_summary(self) -> str:
        action, plural, single = self._action(), _spoken(self._plural()), _spoken(self._single())
        if said := self._said():
            return said.summary.format(one=single)
        if action in WRITES:
            return f"{WRITES[action]} {single}" if self._is_whole() else f"{WRITES[action]} a {single}"
        detail = f"Get {plural}" if self._is_whole() else f"Get one {single}"
        return {"list": f"List {plural}", "retrieve": detail, "get": "Who am I?"}[action]

    def get_description(self) -> str:  # type: ignore[override]  # DRF's own signature is of another generator
        handler = getattr(self.view, self._action(), None)
        own = handler.__doc__ if handler is not None and self._action() not in {"list", "retrieve", "get"} else None
        return " ".join((own or self.view.__doc__ or "").split())

    def get_auth(self) -> list[Node]:
        """A key, or none where the deployment opens what is public. Writing always takes one."""
        return super().get_auth() if self._is_write() else [*super().get_auth(), {}]

    def get_request_serializer(self) -> type[StrictSerializer] | None:
        if said := self._said():
            return said.body
        decision = getattr(self.view, "decide", None) if self.method == "PATCH" else None
        return decision or getattr(self.view, "write", None)

    def get_response_serializers(self) -> None:  # answers are ready bytes
        return None

    def get_filter_backends(self) -> list[Any]:
        return []

    def get_override_parameters(self) -> list[Any]:
        given = list(super().get_override_parameters())
        if "{id}" in self.path:
            reads = not self._is_write()  # writes name a record by its id alone
            other = _other_keys(getattr(self.view, "noun", ""), getattr(self.view, "prefix", "")) if reads else ""
            text = f"Id (a UUID){other}."
            given.append(OpenApiParameter("id", str, OpenApiParameter.PATH, description=text))
        if self._is_below():
            text = f"The testimony: id (a UUID){_other_keys('testimony', '')}."
            given.append(OpenApiParameter("testimony_id", str, OpenApiParameter.PATH, description=text))
        return given

    def _get_parameters(self) -> list[Node]:
        declared = self._declared()
        listed = parameters(declared, self._components()) if declared else []
        if narrowed := getattr(self.view, "narrowed", None):  # by the filters of a list, without its pages
            listed += [_filter(one, self._components()) for one in narrowed.filters]
            listed += [self._components().parameter("Match")]
        listed += [_asked(one, self._components()) for one in getattr(self.view, "asked", ())]
        if said := self._said():
            return [*super()._get_parameters(), *listed, *said.parameters, *self._headers_of(said)]
        post = "OptionalIfMatch" if self._is_whole() else "IdempotencyKey"
        conditional = {"GET": "IfNoneMatch", "POST": post}.get(self.method, "IfMatch")
        if self._action() == "retrieve" and hasattr(self.view, "past"):
            listed = [self._components().parameter("AsOf")]
        named = [conditional] if self.method == "GET" else [conditional, "ChangeReason"]
        if self.method == "POST" and not self._takes_idempotency_key():  # nor a reason: its body says what for
            named = []
        return [*super()._get_parameters(), *listed, *map(self._components().parameter, named)]

    def _get_request_body(self, direction: Any = "request") -> Node | None:
        found: Node | None = super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        return found and found | {"required": True}

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Node:
        """Bodies are strict: a field that is not declared is refused."""
        found: Node = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        return found | {"additionalProperties": False}

    def _get_response_bodies(self, direction: Any = "response") -> Node:  # noqa: ARG002
        components = self._components()
        if self._is_write():
            return self._written(components)
        hidden = ["404"] if "_id}" in self.path or "{id}" in self.path else []
        staff = ["403"] if self._is_for_staff() else []
        statuses = ["304", "400", "401", *staff, *hidden, "429", "500", "503"]
        success = {
            "description": f"{self.get_summary().rstrip('?')}: the answer.",
            "headers": components.headers(["PageETag" if self._is_streamed() else "ETag"]),
            "content": self._content(),
        }
        return {"200": success} | {status: components.response(status) for status in statuses}

    def _written(self, components: Components) -> Node:
        answers = {"POST": ("201", ["ETag", "Location"]), "DELETE": ("204", [])}
        said, makes_none = self._said(), self._is_whole()
        if said:
            made = {"201": ["ETag", "Location"], "202": ["ETag", "Location"], "204": []}
            status, headers = said.status, made.get(said.status, ["ETag"])
        else:
            status, headers = ("200", ["ETag"]) if makes_none else answers.get(self.method, ("200", ["ETag"]))
        success: Node = {"description": f"{self.get_summary()}: done.", "headers": components.headers(headers)}
        if status != "204":
            success["content"] = self._content()
        refused = {"400", "401", "403", "404", "409", "429", "500", "503"}
        if said:
            refused |= {*said.refuses, *(("412", "428") if said.takes_if_match else ())}
        elif self.method != "POST":
            refused |= {"412", "428"}
        else:
            refused |= {"412"} if makes_none else {"422"} if self._takes_idempotency_key() else set()
        refused |= {"413", "415"} if self.method != "DELETE" else set()
        return {status: success} | {name: components.response(name) for name in sorted(refused)}

    def _content(self) -> Node:
        action, components = self._action(), self._components()
        shape: Any = getattr(self.view, "shape", None)
        if said := self._said():
            if said.content is not None:
                return said.content(components)
            if said.media_type != JSON:
                return {said.media_type: {"schema": _FILE}}
            made = components.page if said.lists else components.shape
            return {JSON: {"schema": made(said.shape or shape)}}
        if action == "list" and (item := getattr(self.view, "item", None)):
            return {JSON: {"schema": components.page(item)}}
        if action == "create":
            shape = getattr(self.view, "created_shape", shape)
        return {JSON: {"schema": components.shape(shape)}} if shape else {}

    def _is_streamed(self) -> bool:
        """Whether it may be a file that is made while it is sent."""
        said = self._said()
        return said.is_streamed if said and not said.lists else self._declared() is not None

    def _components(self) -> Components:
        return Components(self.registry)

    def _said(self) -> Said | None:
        return getattr(getattr(self.view, self._action(), None), "said", None)

    def _headers_of(self, said: Said) -> list[Node]:
        conditional = ["IfMatch"] if said.takes_if_match else []
        return list(
            map(self._components().parameter, [*conditional, "ChangeReason"] if self._is_write() else ["IfNoneMatch"])
        )

    def _is_write(self) -> bool:
        return self.method != "GET" if self._said() else self._action() in WRITES

    def _declared(self) -> Declared | None:
        if said := self._said():
            return said.lists
        return getattr(self.view, "declared", None) if self._action() == "list" else None

    def _action(self) -> str:
        return getattr(self.view, "action", None) or self.method.lower()

    def _words(self) -> list[str]:
        """The literal pieces of the path, such as testimonies and texts."""
        pieces = self.path.removeprefix("/api/v1/").strip("/").split("/")
        return [piece for piece in pieces if not piece.startswith("{")]

    def _is_below(self) -> bool:
        """Whether it belongs to a testimony and is written under its address."""
        return "{testimony_id}" in self.path

    def _is_whole(self) -> bool:
        """Whether it has no members with addresses of their own: one document is read and written as a whole."""
        return self._is_below() and not hasattr(self.view, "item")

    def _takes_idempotency_key(self) -> bool:
        return bool(getattr(self.view, "takes_idempotency_key", True))

    def _is_for_staff(self) -> bool:
        """Whether others are refused whatever the record: the view asks more than MayAsk."""
        return [MayAsk] != list(self.view.permission_classes)

    def _plural(self) -> str:
        words = self._words()
        name = f"{_singular(words[0])}_{words[1]}" if self._is_below() else words[0]
        return name.replace("-", "_")

    def _single(self) -> str:
        if self._is_whole():
            return self._plural()
        return _singular(self._words()[1 if self._is_below() else 0]).replace("-", "_")


_FILE: Node = {"type": "string", "format": "binary"}


def _spoken(name: str) -> str:
    return name.replace("testimony_", "testimony's ").replace("_", " ")


def _singular(segment: str) -> str:
    return segment.removesuffix("ies") + "y" if segment.endswith("ies") else segment.removesuffix("s")


def _other_keys(noun: str, prefix: str) -> str:
    """What finds a record beside its id (testimonies.selectors.documents)."""
    prefix = "T" if noun == "testimony" else prefix
    if prefix:
        return f", or reference such as {prefix}-7K3QM2X9"
    return ", or slug" if noun in {"group", "collection", "campaign"} else ""


def parameters(declared: Declared, components: Components) -> list[Node]:
    """Everything that a list understands."""
    search = (
        'Search words: all must be found; "in this order", -without, one OR another. Where nothing has them, titles and names '
        "that are spelt alike are offered (`search_kind`: similar), on one page, whatever the ordering."
    )
    return [
        *(_filter(one, components) for one in declared.filters),
        *([query("q", search, {"type": "string", "maxLength": MAX_LENGTH})] if declared.has_search else []),
        *([components.parameter("Match")] if declared.has_match else []),
        _ordering(declared),
        *(components.parameter(name) for name in ("PageSize", "Cursor", "Count")),
        components.parameter("ListFormat" if declared.formats == FORMATS else "CitedListFormat"),
        components.parameter("ExportPurpose"),
    ]


def _ordering(declared: Declared) -> Node:
    names = "|".join(map(re.escape, declared.orders))
    text = (
        f"Order by {', '.join(declared.orders)}; - for descending, several with commas. Default: {declared.ordering}."
    )
    return query(
        "ordering",
        f"{text} Relevance needs q." if "relevance" in declared.orders else text,
        {"type": "string", "pattern": f"^-?({names})(,-?({names}))*$"},
    )


_KINDS: dict[Callable[..., Any], Node] = {
    filters.country: {"type": "string", "pattern": "^[A-Za-z]{2}$"},
    filters.yes_or_no: {"type": "boolean"},
}
"""What values look like, by how they are read."""


def _filter(declared: Filter, components: Components) -> Node:
    items = _KINDS.get(declared.read) or {"type": "string", "maxLength": MAX_LENGTH}
    if declared.choices:
        items = components.choices(declared.choices)
    elif declared.format:
        items = {"type": "string", "format": declared.format}
    tier = f" Known from tier {declared.tier.label}." if declared.tier > Tier.PUBLIC else ""
    return query(
        declared.name,
        f"{declared.help} Repeated: {_repeated(declared)} of them.{tier}",
        {"type": "array", "items": items, "maxItems": MAX_VALUES},
        style="form",
        explode=True,
        **tier_key(declared.tier),
    )


def _asked(asked: Asked, components: Components) -> Node:
    """A parameter that is given at most once."""
    schema: Node = {"type": "string", "maxLength": longest(asked.name)}
    if asked.choices:
        schema = components.choices(asked.choices)
    elif isinstance(asked.read, WholeNumber):
        schema = {"type": "integer", "minimum": asked.read.least, "maximum": asked.read.most}
    return query(asked.name, asked.help, schema, **({"required": True} if asked.is_required else {}))


def _repeated(declared: Filter) -> str:
    return {"code_all": "all", "code_none": "none"}.get(declared.name, "any")


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "testimonies.api.permissions.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> Node:  # noqa: ARG002
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A key made with manage.py create_key.",
        }


def finish(result: Node, generator: Any, request: Any, public: Any) -> Node:  # noqa: ARG001
    """What generators of clients trip over in write serializers, put right: enumerations and unions that only say blank or null."""
    schemas = result["components"]["schemas"]
    for name in ("BlankEnum", "NullEnum"):
        schemas.pop(name, None)
    for name, schema in schemas.items():
        for field in schema.get("properties", {}).values():
            if "oneOf" in field:  # an address, or nothing
                field |= {key: value for key, value in field.pop("oneOf")[0].items() if key != "format"}
            if name.startswith("Patched"):  # what is left out stays: a default that is sent would undo what is there
                field.pop("default", None)
    return result
