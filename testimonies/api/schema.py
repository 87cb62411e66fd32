"""The OpenAPI document: shapes become components, declared filters become parameters, problems are shown everywhere.

Nothing is described twice: help texts, words and tiers come from the models through testimonies.projections.shapes.
"""

import json
import types
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypedDict, Union, get_args, get_origin, get_type_hints

from django.db.models import Choices
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from testimonies.access import Tier
from testimonies.api import problems
from testimonies.projections import exposure, shapes
from testimonies.projections.shapes import Described
from testimonies.selectors import citations
from testimonies.selectors.filters import Filter
from testimonies.selectors.parameters import COUNTS, MATCHES, MAX_PAGE, Declared

EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
"""One record of each kind from the sample collections, as the public tier sees it."""

TIER_WORDS = [(tier.label, f"least tier that may see it: {tier.label}") for tier in Tier]
COUNT_KINDS = [("none", "was not asked for"), ("exact", "all of them"), ("capped", "there are more than this")]


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

    type: Annotated[str, Described("Address of a page that explains the problem.", format="uri")]
    title: Annotated[str, Described("The kind of problem.")]
    status: Annotated[int, Described("The HTTP status.")]
    detail: Annotated[str, Described("What to do next.")]
    code: Annotated[str, Described("Stable code of the problem.")]
    request_id: Annotated[str, Described("Id of the request, for asking about it.")]
    errors: Annotated[list[ProblemError], Described("Everything that is wrong, at once.")]


# --- Shapes as serializers, which drf-spectacular reads -----------------------------------------------------------------


@cache
def serializer_of(shape: type) -> type[serializers.Serializer]:
    """A read-only serializer with the shape's keys. Only the OpenAPI document uses it: answers are ready bytes."""
    fields: dict[str, Any] = {"__doc__": shape.__doc__}
    for key, hint in get_type_hints(shape, include_extras=True).items():
        if key == "children":  # a code's children have its own shape; the hook `finish` closes the circle
            fields[key] = serializers.ListField(child=serializers.DictField(), help_text="Codes below this one.")
        else:
            fields[key] = _field(hint, exposure.described(hint, key), exposure.tiers(shape).get(key, Tier.PUBLIC))
    return type(f"{shape.__name__}Serializer", (serializers.Serializer,), fields)


def _field(hint: Any, says: Described, tier: Tier = Tier.PUBLIC, *, nullable: bool = False) -> serializers.Field:
    if get_origin(hint) is Annotated:
        inner, *extra = get_args(hint)
        # the outermost description wins; the format may lie further in (Day, Moment, Id)
        given = next((e for e in extra if isinstance(e, Described)), Described())
        merged = Described(**{**vars(given), **{k: v for k, v in vars(says).items() if v}})
        return _field(inner, merged, tier, nullable=nullable)
    if get_origin(hint) in {Union, types.UnionType}:
        (inner,) = (arg for arg in get_args(hint) if arg is not type(None))
        return _field(inner, says, tier, nullable=True)
    options: dict[str, Any] = {"help_text": _help(says, tier)} | ({"allow_null": True} if nullable else {})
    if get_origin(hint) is list:
        (inner,) = get_args(hint)
        if hasattr(inner, "__total__"):
            return serializer_of(inner)(many=True, **options)
        return serializers.ListField(child=_field(inner, Described(choices=says.choices)), **options)
    if hasattr(hint, "__total__"):
        return serializer_of(hint)(**options)
    return _plain(hint, says, options)


def _plain(hint: type, says: Described, options: dict[str, Any]) -> serializers.Field:
    if says.choices:
        return serializers.ChoiceField(choices=words_of(says.choices), **options)
    if hint is str:
        kinds = {"uuid": serializers.UUIDField, "date": serializers.DateField, "date-time": serializers.DateTimeField}
        return kinds.get(says.format, serializers.CharField)(**options)  # type: ignore[no-any-return]
    kinds_of = {int: serializers.IntegerField, bool: serializers.BooleanField, float: serializers.FloatField}
    return kinds_of[hint](**options)


def words_of(choices: type[Choices]) -> list[tuple[str, str]]:
    return TIER_WORDS if choices is Tier else [(str(value), str(label)) for value, label in choices.choices]


def _help(says: Described, tier: Tier) -> str:
    text = says.help or (str(says.model._meta.get_field(says.field).help_text) if says.model else "")  # type: ignore[attr-defined]
    return f"{text} Filled from tier {tier.label}.".strip() if tier > Tier.PUBLIC else text


@cache
def list_of(shape: type) -> type[serializers.Serializer]:
    """The envelope of a list."""
    name = shape.__name__.removesuffix("Summary").removesuffix("Entry")
    return type(
        f"{name}PageSerializer",
        (serializers.Serializer,),
        {
            "__doc__": "One page of a list.",
            "next": serializers.CharField(allow_null=True, help_text="Address of the next page; null on the last."),
            "previous": serializers.CharField(
                allow_null=True, help_text="Address of the previous page; null on the first."
            ),
            "next_cursor": serializers.CharField(allow_null=True, help_text="Value of `cursor` for the next page."),
            "previous_cursor": serializers.CharField(
                allow_null=True, help_text="Value of `cursor` for the previous page."
            ),
            "count": serializers.IntegerField(
                allow_null=True, help_text="How many match; null unless asked for with `count`."
            ),
            "count_kind": serializers.ChoiceField(choices=COUNT_KINDS, help_text="How the count is meant."),
            "results": serializer_of(shape)(many=True, help_text="The page's records."),
        },
    )


# --- Operations ---------------------------------------------------------------------------------------------------------

JSON, PROBLEM = "application/json", problems.MEDIA_TYPE


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

    def get_description(self) -> str:
        handler = getattr(self.view, self._action(), None)
        own = handler.__doc__ if handler is not None and self._action() not in {"list", "retrieve", "get"} else None
        return " ".join((own or self.view.__doc__ or "").split())

    def get_request_serializer(self) -> None:
        return None

    def get_override_parameters(self) -> list[OpenApiParameter]:
        given = list(super().get_override_parameters())
        declared = self._declared()
        if declared is not None:
            given += parameters(declared)
        if "{id}" in self.path:
            references = getattr(self.view, "prefix", "") or ("T" if self._segment() == "testimonies" else "")
            found = f", or reference such as {references}-7K3QM2X9" if references else ""
            given.append(OpenApiParameter("id", str, OpenApiParameter.PATH, description=f"Id (a UUID){found}."))
        return given

    def get_filter_backends(self) -> list[Any]:
        return []

    def _is_list_view(self, serializer: Any = None) -> bool:  # noqa: ARG002
        """No: the envelope of a list is declared as a whole."""
        return False

    def get_response_serializers(self) -> dict[Any, Any]:
        action = self._action()
        found: dict[Any, Any] = dict(self._success(action))
        statuses = ["400", "401"] + (["404"] if "{id}" in self.path else [])
        found["304"] = None
        return found | {(status, PROBLEM): serializer_of(Problem) for status in [*statuses, "429", "503"]}

    def _success(self, action: str) -> dict[Any, Any]:
        if action == "citation":
            csl = {"type": "array", "items": {"type": "object", "additionalProperties": True}}
            return {("200", citations.MEDIA_TYPES["csl-json"]): csl, ("200", citations.MEDIA_TYPES["bibtex"]): str}
        shape = {"list": getattr(self.view, "item", None), "texts": shapes.TextEntry}.get(action)
        if shape is not None:
            return {("200", JSON): list_of(shape)}
        return {("200", JSON): serializer_of(shapes.CodebookTree if action == "tree" else self.view.shape)}

    def _declared(self) -> Declared | None:
        names = {"list": "declared", "texts": "texts_declared"}
        return getattr(self.view, names.get(self._action(), ""), None) if self._action() in names else None

    def _action(self) -> str:
        return getattr(self.view, "action", None) or self.method.lower()

    def _segment(self) -> str:
        return self.path.removeprefix("/api/v1/").split("/")[0]


def _singular(segment: str) -> str:
    return segment.removesuffix("ies") + "y" if segment.endswith("ies") else segment.removesuffix("s")


def parameters(declared: Declared) -> list[OpenApiParameter]:
    """Everything that a list understands."""
    found = [_parameter(one) for one in declared.filters]
    if declared.has_search:
        found.append(
            OpenApiParameter(
                "q", str, description='Search words: all must be found; "in this order", -without, one OR another.'
            )
        )
    if declared.has_match:
        found.append(
            _choice("match", MATCHES, "Whether uncertain dates only may lie within the bounds, or must as a whole.")
        )
    orders = ", ".join(name for name in declared.orders)
    return [
        *found,
        OpenApiParameter(
            "ordering",
            str,
            description=f"Order by {orders}; - for descending, several with commas. Default: {declared.ordering}.",
        ),
        OpenApiParameter(
            "page_size",
            {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 50},
            description="Records on a page.",
        ),
        OpenApiParameter(
            "cursor",
            str,
            description="From `next_cursor` or `previous_cursor`; fits only the same filters and ordering.",
        ),
        _choice("count", COUNTS, "Whether to count: not at all, all of them, or up to 10,000."),
    ]


def _choice(name: str, words: tuple[str, ...], text: str) -> OpenApiParameter:
    return OpenApiParameter(name, {"type": "string", "enum": list(words), "default": words[0]}, description=text)


def _parameter(declared: Filter) -> OpenApiParameter:
    items: dict[str, Any] = {"type": "string"}
    if declared.choices:
        items["enum"] = [word for word, _ in words_of(declared.choices)]
    elif declared.format:
        items["format"] = declared.format
    tier = f" Known from tier {declared.tier.label}." if declared.tier else ""
    return OpenApiParameter(
        declared.name,
        {"type": "array", "items": items},
        description=f"{declared.help} Repeated: any of them.{tier}",
        style="form",
        explode=True,
    )


class KeyScheme(OpenApiAuthenticationExtension):
    target_class = "testimonies.api.permissions.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A key made with manage.py create_key or in the admin.",
        }


# --- The finished document ----------------------------------------------------------------------------------------------


def finish(result: dict[str, Any], generator: Any, request: Any, public: Any) -> dict[str, Any]:  # noqa: ARG001
    """What generators of clients trip over, put right: nullability as 3.1 writes it, every response field required."""
    components = result["components"]["schemas"]
    for name in ("BlankEnum", "NullEnum"):
        components.pop(name, None)
    if "CodeNode" in components:
        components["CodeNode"]["properties"]["children"] = {
            "type": "array", "items": {"$ref": "#/components/schemas/CodeNode"}, "description": "Codes below this one."
        }  # fmt: skip
    for name, component in components.items():
        if "properties" in component:
            component["required"] = list(component["properties"])
        if name in EXAMPLES:
            component["examples"] = [EXAMPLES[name]]
    return _null_as_type(result)  # type: ignore[no-any-return]


def _null_as_type(node: Any) -> Any:
    if isinstance(node, list):
        return [_null_as_type(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: value if key in {"examples", "example"} else _null_as_type(value) for key, value in node.items()}
    if node.pop("nullable", False) and isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]
    return node
