"""The OpenAPI document itself: current, valid, described throughout, and without what generators of clients trip over."""

import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import get_type_hints

import jsonschema_rs
import pytest
import yaml
from django.core.management import call_command

from testimonies.access import Tier
from testimonies.api.v1 import codes, persons, sources, testimonies
from testimonies.projections import exposure, shapes
from tests.client import DOCUMENT, document, resolve

WRITTEN = yaml.load(DOCUMENT.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
DIALECT = "https://json-schema.org/draft/2020-12/schema"
OPERATIONS = {
    operation["operationId"]: (path, operation)
    for path, operations in WRITTEN["paths"].items()
    for operation in operations.values()
}
PARAMETERS = [
    (name, resolve((), parameter)[1])
    for name, (_, operation) in OPERATIONS.items()
    for parameter in operation["parameters"]
]


@pytest.fixture(scope="module")
def generated() -> str:
    """What `make schema` writes; a warning of the generator is an error."""
    out = io.StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    return out.getvalue()


def test_the_committed_document_is_current(generated):
    assert DOCUMENT.read_text(encoding="utf-8") == generated, "The contract changed. If that is meant: make schema"


def test_the_service_shows_the_same_document_without_a_key(client, generated):
    response = client.get("/api/schema/")
    assert response.status_code == 200
    assert yaml.load(response.content, Loader=yaml.CSafeLoader) == yaml.load(generated, Loader=yaml.CSafeLoader)


def test_operations_have_stable_names():
    assert {name: path for name, (path, _) in OPERATIONS.items()} == {
        "list_testimonies": "/api/v1/testimonies/",
        "get_testimony": "/api/v1/testimonies/{id}/",
        "list_testimony_texts": "/api/v1/testimonies/{id}/texts/",
        "get_testimony_citation": "/api/v1/testimonies/{id}/citation/",
        "list_persons": "/api/v1/persons/",
        "get_person": "/api/v1/persons/{id}/",
        "list_sources": "/api/v1/sources/",
        "get_source": "/api/v1/sources/{id}/",
        "list_groups": "/api/v1/groups/",
        "get_group": "/api/v1/groups/{id}/",
        "list_collections": "/api/v1/collections/",
        "get_collection": "/api/v1/collections/{id}/",
        "list_figures": "/api/v1/figures/",
        "get_figure": "/api/v1/figures/{id}/",
        "list_codebooks": "/api/v1/codebooks/",
        "get_codebook": "/api/v1/codebooks/{id}/",
        "get_codebook_tree": "/api/v1/codebooks/{id}/tree/",
        "list_codes": "/api/v1/codes/",
        "get_code": "/api/v1/codes/{id}/",
        "get_me": "/api/v1/me/",
    }


def test_everything_is_described():
    bare = [
        name for name, (_, operation) in OPERATIONS.items() if not (operation["summary"] and operation["description"])
    ]
    bare += [f"{name} {parameter['name']}" for name, parameter in PARAMETERS if not parameter["description"]]
    bare += [tag["name"] for tag in WRITTEN["tags"] if not tag["description"]]
    for kind in ("headers", "responses", "parameters"):
        bare += [name for name, part in WRITTEN["components"][kind].items() if not part["description"]]
    for name, schema in WRITTEN["components"]["schemas"].items():
        bare += [name] if not schema["description"] else []
        bare += [f"{name}.{key}" for key, part in schema.get("properties", {}).items() if not part.get("description")]
    assert bare == []


def test_every_tag_is_declared_and_used():
    used = {tag for _, operation in OPERATIONS.values() for tag in operation["tags"]}
    assert used == {tag["name"] for tag in WRITTEN["tags"]}


def references(node) -> Iterator[str]:
    if isinstance(node, dict):
        yield from [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        for key, value in node.items():
            yield from references(value) if key != "examples" else ()
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_component_is_referred_to_and_every_reference_leads_somewhere():
    kept = {
        f"#/components/{kind}/{name}"
        for kind, parts in WRITTEN["components"].items()
        for name in parts
        if kind != "securitySchemes"
    }
    assert set(references(WRITTEN)) == kept


def test_an_enumeration_is_written_once_and_named():
    """Generators make a type of each; an unnamed one gets a name that changes with its neighbours."""
    lists = Counter(tuple(schema["enum"]) for schema in WRITTEN["components"]["schemas"].values() if "enum" in schema)
    # how to count, and how it was counted: the same words with unlike meanings
    assert [words for words, times in lists.items() if times > 1] == [("none", "exact", "capped")]
    inline = [
        f"{name} {parameter['name']}" for name, parameter in PARAMETERS if "enum" in json.dumps(parameter["schema"])
    ]
    assert inline == ["get_testimony_citation format"]
    assert [
        f"{name}.{key}"
        for name, schema in WRITTEN["components"]["schemas"].items()
        for key, part in schema.get("properties", {}).items()
        if "enum" in part
    ] == []


def test_answers_are_flat_for_generators():
    """No unions but with null, no enumeration with null, no free maps, every key required."""
    for name, schema in WRITTEN["components"]["schemas"].items():
        if "properties" not in schema or name == "CslItem":
            continue
        assert schema["required"] == list(schema["properties"]), name
        for key, part in schema["properties"].items():
            where = f"{name}.{key}"
            assert not {"anyOf", "oneOf", "nullable", "additionalProperties"} & set(part), where
            kinds = part["type"] if isinstance(part.get("type"), list) else [part.get("type")]
            assert len(set(kinds) - {"null"}) == 1, where
            assert part.get("type") != "object", where
            assert "allOf" not in part or (len(part["allOf"]) == 1 and "null" not in kinds), where


@pytest.mark.parametrize("name", WRITTEN["components"]["schemas"])
def test_a_component_is_json_schema(name):
    jsonschema_rs.meta.validate(WRITTEN["components"]["schemas"][name] | {"$schema": DIALECT})


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_tells_its_problems_and_headers(name):
    path, operation = OPERATIONS[name]
    found = {status: resolve((), response)[1] for status, response in operation["responses"].items()}
    expected = {"200", "304", "400", "401", "429", "500", "503"} | ({"404"} if "{id}" in path else set())
    assert set(found) == expected
    for status, response in found.items():
        headers = {"X-Request-ID"}
        headers |= {"ETag"} if status in {"200", "304"} else set()
        headers |= {"401": {"WWW-Authenticate"}, "429": {"Retry-After"}}.get(status, set())
        assert set(response["headers"]) == headers
        if status >= "400":
            ((media_type, content),) = response["content"].items()
            assert (media_type, content["schema"]) == (
                "application/problem+json",
                {"$ref": "#/components/schemas/Problem"},
            )
    assert "content" not in found["304"]
    assert operation["security"] == [{"key": []}, {}]
    assert "If-None-Match" in [resolve((), parameter)[1]["name"] for parameter in operation["parameters"]]


SHAPES = [
    *exposure.DOCUMENTS,
    shapes.TestimonySummary,
    shapes.CitationEntry,
    shapes.ClaimEntry,
    shapes.TextEntry,
    shapes.Me,
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_each_field_says_from_which_tier_it_is_filled(shape):
    properties = WRITTEN["components"]["schemas"][shape.__name__]["properties"]
    assert list(properties) == list(get_type_hints(shape))
    for key, tier in exposure.tiers(shape).items():
        label = tier.label if tier > Tier.PUBLIC else None
        assert properties[key].get("x-tier") == label, key
        assert bool(re.search(f"Filled from tier {label}\\.$", properties[key]["description"])) == bool(label), key


def test_some_fields_are_filled_from_above_the_public_tier():
    """Literals, so that the test above cannot pass because nothing says a tier at all."""
    schemas = WRITTEN["components"]["schemas"]
    assert {key: part["x-tier"] for key, part in schemas["Testimony"]["properties"].items() if "x-tier" in part} == {
        "notes_internal": "restricted",
        "embargo_until": "restricted",
        "external_ids": "restricted",
        "version": "restricted",
    }
    assert schemas["Person"]["properties"]["memberships"]["x-tier"] == "restricted"


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("list_testimonies", testimonies.TestimonyViewSet.declared),
        ("list_testimony_texts", testimonies.TestimonyViewSet.texts_declared),
        ("list_persons", persons.PersonViewSet.declared),
        ("list_sources", sources.SourceViewSet.declared),
        ("list_codes", codes.CodeViewSet.declared),
    ],
)
def test_a_list_shows_all_parameters_and_which_are_for_staff(name, declared):
    queries = [parameter for owner, parameter in PARAMETERS if owner == name and parameter["in"] == "query"]
    assert [parameter["name"] for parameter in queries] == declared.names(Tier.RESTRICTED)
    public = [parameter["name"] for parameter in queries if "x-tier" not in parameter]
    assert public == declared.names(Tier.PUBLIC)


def test_the_words_of_parameters_are_those_that_are_read():
    schemas = document()["components"]["schemas"]
    assert schemas["CountMode"]["enum"] == ["none", "exact", "capped"]
    assert schemas["DateMatch"]["enum"] == ["possible", "certain"]
    assert schemas["Tier"]["enum"] == ["public", "partner", "restricted"]
    assert WRITTEN["components"]["parameters"]["PageSize"]["schema"] == {
        "type": "integer", "minimum": 1, "maximum": 500, "default": 50
    }  # fmt: skip


def test_nothing_of_this_machine_is_in_it():
    assert WRITTEN["openapi"] == "3.1.0"
    assert WRITTEN["servers"] == [{"url": "/", "description": "this service"}]
    addresses = set(re.findall(r"https?://[^/\s'\"]+", DOCUMENT.read_text(encoding="utf-8")))
    assert not [address for address in addresses if re.search(r"localhost:\d|127\.0\.0\.1|/root|/home", address)]
