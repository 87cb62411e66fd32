"""The OpenAPI document's operations, described from what each view declares; its components are in components.py."""

import re
from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from testimonies.access import Tier
from testimonies.api.components import Components, Node, query, tier_key
from testimonies.projections import shapes
from testimonies.selectors import citations, filters
from testimonies.selectors.filters import Filter
from testimonies.selectors.parameters import MAX_LENGTH, MAX_VALUES, Declared

JSON = "application/json"


class Schema(AutoSchema):
    """Describes an operation from what its view declares: `noun`, `shape`, `item`, `declared`."""

    def get_operation_id(self) -> str:
        action, segment = self._action(), self._segment()
        names = {"list": f"list_{segment}", "retrieve": f"get_{_singular(segment)}", "get": f"get_{segment}"}
        return names.get(action, f"{'list' if action == 'texts' else 'get'}_{_singular(segment)}_{action}")

    def get_tags(self) -> list[str]:
        return [self._segment()]

    def get_summary(self) -> str:
        action, segment = self._action(), self._segment()
        names = {"list": f"List {segment}", "retrieve": f"Get one {_singular(segment)}", "get": "Who am I?"}
        return names.get(action, f"Get a {_singular(segment)}'s {action}")

    def get_description(self) -> str:  # type: ignore[override]  # DRF's own signature is of another generator
        handler = getattr(self.view, self._action(), None)
        own = handler.__doc__ if handler is not None and self._action() not in {"list", "retrieve", "get"} else None
        return " ".join((own or self.view.__doc__ or "").split())

    def get_auth(self) -> list[Node]:
        """A key, or none where the deployment opens what is public."""
        return [*super().get_auth(), {}]

    def get_request_serializer(self) -> None:
        return None

    def get_response_serializers(self) -> None:  # answers are ready bytes
        return None

    def get_filter_backends(self) -> list[Any]:
        return []

    def get_override_parameters(self) -> list[Any]:
        given = list(super().get_override_parameters())
        if "{id}" in self.path:
            text = f"Id (a UUID){_other_keys(getattr(self.view, 'noun', ''), getattr(self.view, 'prefix', ''))}."
            given.append(OpenApiParameter("id", str, OpenApiParameter.PATH, description=text))
        return given

    def _get_parameters(self) -> list[Node]:
        declared = self._declared()
        listed = parameters(declared, self._components()) if declared else []
        return [*super()._get_parameters(), *listed, self._components().parameter("IfNoneMatch")]

    def _get_response_bodies(self, direction: Any = "response") -> Node:  # noqa: ARG002
        components = self._components()
        statuses = ["304", "400", "401", *(["404"] if "{id}" in self.path else []), "429", "500", "503"]
        success = {
            "description": f"{self.get_summary().rstrip('?')}: the answer.",
            "headers": components.headers(["ETag"]),
            "content": self._content(),
        }
        return {"200": success} | {status: components.response(status) for status in statuses}

    def _content(self) -> Node:
        action, components = self._action(), self._components()
        if action == "citation":
            return {
                citations.MEDIA_TYPES["csl-json"]: {"schema": {"type": "array", "items": components.csl_item()}},
                citations.MEDIA_TYPES["bibtex"]: {"schema": {"type": "string"}},
            }
        item = {"list": getattr(self.view, "item", None), "texts": shapes.TextEntry}.get(action)
        if item is not None:
            return {JSON: {"schema": components.page(item)}}
        shape = shapes.CodebookTree if action == "tree" else getattr(self.view, "shape", None)
        return {JSON: {"schema": components.shape(shape)}} if shape else {}

    def _components(self) -> Components:
        return Components(self.registry)

    def _declared(self) -> Declared | None:
        name = {"list": "declared", "texts": "texts_declared"}.get(self._action())
        return getattr(self.view, name, None) if name else None

    def _action(self) -> str:
        return getattr(self.view, "action", None) or self.method.lower()

    def _segment(self) -> str:
        return self.path.removeprefix("/api/v1/").split("/")[0]


def _singular(segment: str) -> str:
    return segment.removesuffix("ies") + "y" if segment.endswith("ies") else segment.removesuffix("s")


def _other_keys(noun: str, prefix: str) -> str:
    """What finds a record beside its id (testimonies.selectors.documents)."""
    prefix = "T" if noun == "testimony" else prefix
    if prefix:
        return f", or reference such as {prefix}-7K3QM2X9"
    return ", or slug" if noun in {"group", "collection"} else ""


def parameters(declared: Declared, components: Components) -> list[Node]:
    """Everything that a list understands."""
    search = 'Search words: all must be found; "in this order", -without, one OR another.'
    return [
        *(_filter(one, components) for one in declared.filters),
        *([query("q", search, {"type": "string", "maxLength": MAX_LENGTH})] if declared.has_search else []),
        *([components.parameter("Match")] if declared.has_match else []),
        _ordering(declared),
        *(components.parameter(name) for name in ("PageSize", "Cursor", "Count")),
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
    """What generators of clients trip over in write serializers, put right: enumerations that only say blank or null."""
    for name in ("BlankEnum", "NullEnum"):
        result["components"]["schemas"].pop(name, None)
    return result
