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
from testimonies.api.v1 import (
    agreement,
    assignments,
    citations,
    claims,
    clearances,
    codes,
    codings,
    corrections,
    decisions,
    erasures,
    import_mappings,
    imports,
    persons,
    same_person_links,
    sources,
    testimonies,
    texts,
    vault,
)
from testimonies.projections import exposure, shapes
from tests.client import DOCUMENT, document, resolve

WRITTEN = yaml.load(DOCUMENT.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
DIALECT = "https://json-schema.org/draft/2020-12/schema"
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, operations in WRITTEN["paths"].items()
    for method, operation in operations.items()
}
PARAMETERS = [
    (name, resolve((), parameter)[1])
    for name, (_, _, operation) in OPERATIONS.items()
    for parameter in operation.get("parameters", [])
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
    assert {name: f"{method.upper()} {path}" for name, (method, path, _) in OPERATIONS.items()} == {
        "list_changes": "GET /api/v1/changes/",
        "list_codebooks": "GET /api/v1/codebooks/",
        "create_codebook": "POST /api/v1/codebooks/",
        "get_codebook": "GET /api/v1/codebooks/{id}/",
        "replace_codebook": "PUT /api/v1/codebooks/{id}/",
        "update_codebook": "PATCH /api/v1/codebooks/{id}/",
        "delete_codebook": "DELETE /api/v1/codebooks/{id}/",
        "get_codebook_history": "GET /api/v1/codebooks/{id}/history/",
        "revert_codebook": "POST /api/v1/codebooks/{id}/revert/",
        "get_codebook_tree": "GET /api/v1/codebooks/{id}/tree/",
        "get_codebook_map": "GET /api/v1/codebooks/{id}/map/",
        "replace_codebook_map": "PUT /api/v1/codebooks/{id}/map/",
        "compare_codebook": "GET /api/v1/codebooks/{id}/compare/",
        "list_codebook_recode": "GET /api/v1/codebooks/{id}/recode/",
        "get_codebook_qdc": "GET /api/v1/codebooks/{id}/qdc/",
        "get_codebook_qdpx": "GET /api/v1/codebooks/{id}/qdpx/",
        "create_codebook_next_version": "POST /api/v1/codebooks/{id}/next-version/",
        "create_codebook_carry_over": "POST /api/v1/codebooks/{id}/carry-over/",
        "create_codebook_from_qdc": "POST /api/v1/codebooks/import/",
        "list_codes": "GET /api/v1/codes/",
        "create_code": "POST /api/v1/codes/",
        "get_code": "GET /api/v1/codes/{id}/",
        "replace_code": "PUT /api/v1/codes/{id}/",
        "update_code": "PATCH /api/v1/codes/{id}/",
        "delete_code": "DELETE /api/v1/codes/{id}/",
        "get_code_history": "GET /api/v1/codes/{id}/history/",
        "revert_code": "POST /api/v1/codes/{id}/revert/",
        "list_collections": "GET /api/v1/collections/",
        "create_collection": "POST /api/v1/collections/",
        "get_collection": "GET /api/v1/collections/{id}/",
        "replace_collection": "PUT /api/v1/collections/{id}/",
        "update_collection": "PATCH /api/v1/collections/{id}/",
        "delete_collection": "DELETE /api/v1/collections/{id}/",
        "get_collection_history": "GET /api/v1/collections/{id}/history/",
        "revert_collection": "POST /api/v1/collections/{id}/revert/",
        "list_figures": "GET /api/v1/figures/",
        "create_figure": "POST /api/v1/figures/",
        "get_figure": "GET /api/v1/figures/{id}/",
        "replace_figure": "PUT /api/v1/figures/{id}/",
        "update_figure": "PATCH /api/v1/figures/{id}/",
        "delete_figure": "DELETE /api/v1/figures/{id}/",
        "get_figure_history": "GET /api/v1/figures/{id}/history/",
        "revert_figure": "POST /api/v1/figures/{id}/revert/",
        "list_campaigns": "GET /api/v1/campaigns/",
        "create_campaign": "POST /api/v1/campaigns/",
        "get_campaign": "GET /api/v1/campaigns/{id}/",
        "replace_campaign": "PUT /api/v1/campaigns/{id}/",
        "update_campaign": "PATCH /api/v1/campaigns/{id}/",
        "delete_campaign": "DELETE /api/v1/campaigns/{id}/",
        "get_campaign_history": "GET /api/v1/campaigns/{id}/history/",
        "revert_campaign": "POST /api/v1/campaigns/{id}/revert/",
        "list_uses": "GET /api/v1/uses/",
        "create_use": "POST /api/v1/uses/",
        "get_use": "GET /api/v1/uses/{id}/",
        "replace_use": "PUT /api/v1/uses/{id}/",
        "update_use": "PATCH /api/v1/uses/{id}/",
        "delete_use": "DELETE /api/v1/uses/{id}/",
        "get_use_history": "GET /api/v1/uses/{id}/history/",
        "revert_use": "POST /api/v1/uses/{id}/revert/",
        "list_figures_beside_a_collection": "GET /api/v1/collections/{id}/beside/",
        "list_measurements": "GET /api/v1/measurements/",
        "create_measurement": "POST /api/v1/measurements/",
        "get_measurement": "GET /api/v1/measurements/{id}/",
        "delete_measurement": "DELETE /api/v1/measurements/{id}/",
        "list_quotes": "GET /api/v1/quotes/",
        "create_quote": "POST /api/v1/quotes/",
        "get_quote": "GET /api/v1/quotes/{id}/",
        "replace_quote": "PUT /api/v1/quotes/{id}/",
        "update_quote": "PATCH /api/v1/quotes/{id}/",
        "delete_quote": "DELETE /api/v1/quotes/{id}/",
        "decide_quote": "POST /api/v1/quotes/{id}/decision/",
        "get_reach": "GET /api/v1/reach/",
        "list_groups": "GET /api/v1/groups/",
        "create_group": "POST /api/v1/groups/",
        "get_group": "GET /api/v1/groups/{id}/",
        "replace_group": "PUT /api/v1/groups/{id}/",
        "update_group": "PATCH /api/v1/groups/{id}/",
        "delete_group": "DELETE /api/v1/groups/{id}/",
        "get_group_history": "GET /api/v1/groups/{id}/history/",
        "revert_group": "POST /api/v1/groups/{id}/revert/",
        "get_me": "GET /api/v1/me/",
        "list_persons": "GET /api/v1/persons/",
        "create_person": "POST /api/v1/persons/",
        "get_person": "GET /api/v1/persons/{id}/",
        "replace_person": "PUT /api/v1/persons/{id}/",
        "update_person": "PATCH /api/v1/persons/{id}/",
        "delete_person": "DELETE /api/v1/persons/{id}/",
        "get_person_history": "GET /api/v1/persons/{id}/history/",
        "revert_person": "POST /api/v1/persons/{id}/revert/",
        "list_same_person_links": "GET /api/v1/same-person-links/",
        "create_same_person_link": "POST /api/v1/same-person-links/",
        "get_same_person_link": "GET /api/v1/same-person-links/{id}/",
        "update_same_person_link": "PATCH /api/v1/same-person-links/{id}/",
        "delete_same_person_link": "DELETE /api/v1/same-person-links/{id}/",
        "list_import_mappings": "GET /api/v1/import-mappings/",
        "create_import_mapping": "POST /api/v1/import-mappings/",
        "get_import_mapping": "GET /api/v1/import-mappings/{id}/",
        "replace_import_mapping": "PUT /api/v1/import-mappings/{id}/",
        "update_import_mapping": "PATCH /api/v1/import-mappings/{id}/",
        "delete_import_mapping": "DELETE /api/v1/import-mappings/{id}/",
        "list_import_columns": "GET /api/v1/import-mappings/columns/",
        "list_corrections": "GET /api/v1/corrections/",
        "create_correction": "POST /api/v1/corrections/",
        "get_correction": "GET /api/v1/corrections/{id}/",
        "decide_correction": "POST /api/v1/corrections/{id}/decision/",
        "get_agreement": "GET /api/v1/agreement/",
        "list_confusions": "GET /api/v1/agreement/confusions/",
        "get_statistics": "GET /api/v1/statistics/",
        "list_assignments": "GET /api/v1/assignments/",
        "create_assignment": "POST /api/v1/assignments/",
        "get_assignment": "GET /api/v1/assignments/{id}/",
        "delete_assignment": "DELETE /api/v1/assignments/{id}/",
        "move_assignment": "POST /api/v1/assignments/{id}/transition/",
        "create_assignment_share": "POST /api/v1/assignment-shares/",
        "list_codings": "GET /api/v1/codings/",
        "create_coding": "POST /api/v1/codings/",
        "get_coding": "GET /api/v1/codings/{id}/",
        "replace_coding": "PUT /api/v1/codings/{id}/",
        "update_coding": "PATCH /api/v1/codings/{id}/",
        "delete_coding": "DELETE /api/v1/codings/{id}/",
        "list_decisions": "GET /api/v1/decisions/",
        "create_decision": "POST /api/v1/decisions/",
        "get_decision": "GET /api/v1/decisions/{id}/",
        "reopen_decision": "POST /api/v1/decisions/{id}/reopening/",
        "list_testimony_codings": "GET /api/v1/testimonies/{testimony_id}/codings/",
        "get_testimony_comparison": "GET /api/v1/testimonies/{testimony_id}/comparison/",
        "list_imports": "GET /api/v1/imports/",
        "create_import": "POST /api/v1/imports/",
        "get_import": "GET /api/v1/imports/{id}/",
        "list_import_rows": "GET /api/v1/imports/{id}/rows/",
        "apply_import": "POST /api/v1/imports/{id}/apply/",
        "cancel_import": "DELETE /api/v1/imports/{id}/",
        "list_erasures": "GET /api/v1/erasures/",
        "get_erasure": "GET /api/v1/erasures/{id}/",
        "create_testimony_erasure": "POST /api/v1/testimonies/{testimony_id}/erasure/",
        "list_exports": "GET /api/v1/exports/",
        "create_export": "POST /api/v1/exports/",
        "get_export": "GET /api/v1/exports/{id}/",
        "get_export_file": "GET /api/v1/exports/{id}/file/",
        "create_vault_entry": "POST /api/v1/vault-entries/",
        "create_vault_lookup": "POST /api/v1/vault-lookups/",
        "list_vault_openings": "GET /api/v1/vault-openings/",
        "create_vault_opening": "POST /api/v1/vault-openings/",
        "get_vault_opening": "GET /api/v1/vault-openings/{id}/",
        "create_vault_removal": "POST /api/v1/vault-removals/",
        "list_sources": "GET /api/v1/sources/",
        "create_source": "POST /api/v1/sources/",
        "get_source": "GET /api/v1/sources/{id}/",
        "replace_source": "PUT /api/v1/sources/{id}/",
        "update_source": "PATCH /api/v1/sources/{id}/",
        "delete_source": "DELETE /api/v1/sources/{id}/",
        "get_source_history": "GET /api/v1/sources/{id}/history/",
        "revert_source": "POST /api/v1/sources/{id}/revert/",
        "list_testimonies": "GET /api/v1/testimonies/",
        "create_testimony": "POST /api/v1/testimonies/",
        "get_testimony": "GET /api/v1/testimonies/{id}/",
        "replace_testimony": "PUT /api/v1/testimonies/{id}/",
        "update_testimony": "PATCH /api/v1/testimonies/{id}/",
        "delete_testimony": "DELETE /api/v1/testimonies/{id}/",
        "get_testimony_history": "GET /api/v1/testimonies/{id}/history/",
        "revert_testimony": "POST /api/v1/testimonies/{id}/revert/",
        "get_testimony_citation": "GET /api/v1/testimonies/{id}/citation/",
        "list_testimony_citations": "GET /api/v1/testimonies/{testimony_id}/citations/",
        "create_citation": "POST /api/v1/testimonies/{testimony_id}/citations/",
        "get_citation": "GET /api/v1/testimonies/{testimony_id}/citations/{id}/",
        "replace_citation": "PUT /api/v1/testimonies/{testimony_id}/citations/{id}/",
        "update_citation": "PATCH /api/v1/testimonies/{testimony_id}/citations/{id}/",
        "delete_citation": "DELETE /api/v1/testimonies/{testimony_id}/citations/{id}/",
        "list_testimony_claims": "GET /api/v1/testimonies/{testimony_id}/claims/",
        "create_claim": "POST /api/v1/testimonies/{testimony_id}/claims/",
        "get_claim": "GET /api/v1/testimonies/{testimony_id}/claims/{id}/",
        "replace_claim": "PUT /api/v1/testimonies/{testimony_id}/claims/{id}/",
        "update_claim": "PATCH /api/v1/testimonies/{testimony_id}/claims/{id}/",
        "delete_claim": "DELETE /api/v1/testimonies/{testimony_id}/claims/{id}/",
        "list_testimony_clearances": "GET /api/v1/testimonies/{testimony_id}/clearances/",
        "create_clearance": "POST /api/v1/testimonies/{testimony_id}/clearances/",
        "get_clearance": "GET /api/v1/testimonies/{testimony_id}/clearances/{id}/",
        "replace_clearance": "PUT /api/v1/testimonies/{testimony_id}/clearances/{id}/",
        "update_clearance": "PATCH /api/v1/testimonies/{testimony_id}/clearances/{id}/",
        "delete_clearance": "DELETE /api/v1/testimonies/{testimony_id}/clearances/{id}/",
        "get_testimony_codes": "GET /api/v1/testimonies/{testimony_id}/codes/",
        "replace_testimony_codes": "PUT /api/v1/testimonies/{testimony_id}/codes/",
        "list_testimony_texts": "GET /api/v1/testimonies/{testimony_id}/texts/",
        "create_text": "POST /api/v1/testimonies/{testimony_id}/texts/",
        "get_text": "GET /api/v1/testimonies/{testimony_id}/texts/{id}/",
        "replace_text": "PUT /api/v1/testimonies/{testimony_id}/texts/{id}/",
        "update_text": "PATCH /api/v1/testimonies/{testimony_id}/texts/{id}/",
        "delete_text": "DELETE /api/v1/testimonies/{testimony_id}/texts/{id}/",
        "get_testimony_transitions": "GET /api/v1/testimonies/{testimony_id}/transitions/",
        "create_testimony_transitions": "POST /api/v1/testimonies/{testimony_id}/transitions/",
    }


def test_everything_is_described():
    bare = [
        name
        for name, (_, _, operation) in OPERATIONS.items()
        if not (operation["summary"] and operation["description"])
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
    used = {tag for _, _, operation in OPERATIONS.values() for tag in operation["tags"]}
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


def reached(node) -> set[str]:
    """The schemas that the node refers to, and what those refer to."""
    found, waiting = set(), set(references(node))
    while waiting:
        reference = waiting.pop()
        found.add(reference)
        waiting |= set(references(resolve((), {"$ref": reference})[1])) - found
    return {reference.rpartition("/")[2] for reference in found if reference.startswith("#/components/schemas/")}


ANSWERED = reached([operation["responses"] for _, _, operation in OPERATIONS.values()])
SENT = reached([operation["requestBody"] for _, _, operation in OPERATIONS.values() if "requestBody" in operation])


def properties(name) -> Iterator[tuple[str, dict, list]]:
    """Each property of a component with its place and its types."""
    for key, part in WRITTEN["components"]["schemas"][name]["properties"].items():
        yield f"{name}.{key}", part, part["type"] if isinstance(part.get("type"), list) else [part.get("type")]


def is_object(name) -> bool:
    return "properties" in WRITTEN["components"]["schemas"][name] and name != "CslItem"


def test_answers_are_flat_for_generators():
    """No unions but with null, no enumeration with null, no free maps, every key required."""
    for name in filter(is_object, ANSWERED):
        schema = WRITTEN["components"]["schemas"][name]
        assert schema["required"] == list(schema["properties"]), name
        for where, part, kinds in properties(name):
            assert not {"anyOf", "oneOf", "nullable", "additionalProperties"} & set(part), where
            assert len(set(kinds) - {"null"}) == 1, where
            assert part.get("type") != "object", where
            assert "allOf" not in part or (len(part["allOf"]) == 1 and "null" not in kinds), where


def test_bodies_are_strict_and_as_flat():
    """No key beside the declared ones; what is changed may leave out any, and a default is for what is left out."""
    sent = {name for name in SENT if is_object(name)}
    assert len(sent) > 30
    assert sent & ANSWERED == set()
    for name in sent:
        schema = WRITTEN["components"]["schemas"][name]
        assert schema["additionalProperties"] is False, name
        required = set(schema.get("required", ()))
        assert required <= {key for key, part in schema["properties"].items() if "default" not in part}, name
        assert not (required and name.startswith("Patched")), name
        for where, part, kinds in properties(name):
            assert not {"anyOf", "oneOf", "nullable", "additionalProperties"} & set(part), where
            assert len(set(kinds) - {"null"}) == 1, where
            assert part.get("type") != "object", where
            assert "allOf" not in part or (len(part["allOf"]) == 1 and "null" not in kinds), where


@pytest.mark.parametrize("name", WRITTEN["components"]["schemas"])
def test_a_component_is_json_schema(name):
    jsonschema_rs.meta.validate(WRITTEN["components"]["schemas"][name] | {"$schema": DIALECT})


FOR_STAFF = re.compile(
    r"/(agreement|exports|same-person-links|corrections|assignments|codings|decisions|vault-openings|erasures|import-mappings|imports|\{testimony_id\}/(citations|claims|clearances|codes|comparison|transitions)|\{id\}/(history|recode|qdpx))/"
)
ALWAYS = {"400", "401", "429", "500", "503"}
CHANGES = ALWAYS | {"200", "403", "404", "409", "412", "413", "415", "428"}
STATUSES = {
    "get": ALWAYS | {"200", "304"},
    "post": ALWAYS | {"201", "403", "404", "409", "413", "415", "422"},
    "put": CHANGES,
    "patch": CHANGES,
    "delete": CHANGES - {"200", "413", "415"} | {"204"},
}
STEP = ALWAYS | {"200", "403", "404", "409", "412", "413", "415"}
"""A step of the workflow makes nothing, and its If-Match may be left out."""
CONDITIONS = {
    "get": "If-None-Match",
    "post": "Idempotency-Key",
    "put": "If-Match",
    "patch": "If-Match",
    "delete": "If-Match",
}
HEADERS = {
    "200": {"ETag"},
    "202": {"ETag", "Location"},
    "201": {"ETag", "Location"},
    "304": {"ETag"},
    "401": {"WWW-Authenticate"},
    "412": {"ETag"},
    "429": {"Retry-After"},
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_tells_its_problems_and_headers(name):
    method, path, operation = OPERATIONS[name]
    found = {status: resolve((), response)[1] for status, response in operation["responses"].items()}
    expected, condition = STATUSES[method], CONDITIONS[method]
    if method == "get":
        expected = expected | ({"404"} if "{" in path else set()) | ({"403"} if FOR_STAFF.search(path) else set())
    if name in {"create_testimony_transitions", "create_testimony_erasure"}:
        expected, condition = STEP, "If-Match"
    if path.endswith(("/decision/", "/transition/", "/reopening/")):
        expected, condition = STEP - {"412"}, None
    if name == "decide_correction":  # the record that it corrects may be changed meanwhile
        expected = STEP
    if path.endswith("/revert/"):
        expected, condition = CHANGES, "If-Match"
    if path.endswith(("/next-version/", "/codebooks/import/")):  # a second one is refused for what the first one made
        expected, condition = expected - {"422"}, None
    if path.endswith("/carry-over/"):
        expected, condition = expected - {"201", "422"} | {"200"}, None
    if (
        path.startswith(("/api/v1/vault-", "/api/v1/assignment-shares/", "/api/v1/exports/")) and method == "post"
    ):  # each is an opening of its own, never the one before
        expected, condition = expected - {"422"}, None
    if path.startswith("/api/v1/imports/") and method != "get":  # what a worker does: neither key nor version
        expected = expected - {"201", "412", "422", "428"} | ({"202"} if method == "post" else set())
        condition = None
    assert set(found) == expected
    for status, response in found.items():
        assert set(response["headers"]) == {"X-Request-ID"} | HEADERS.get(status, set())
        if status >= "400":
            ((media_type, content),) = response["content"].items()
            assert (media_type, content["schema"]) == (
                "application/problem+json",
                {"$ref": "#/components/schemas/Problem"},
            )
    assert [status for status, response in found.items() if "content" not in response] == [
        status for status in found if status in {"204", "304"}
    ]
    assert operation["security"] == ([{"key": []}, {}] if method == "get" else [{"key": []}])
    conditional = {"If-None-Match", "If-Match", "Idempotency-Key"}
    given = [resolve((), parameter)[1] for parameter in operation.get("parameters", [])]
    assert [parameter["name"] for parameter in given if parameter["name"] in conditional] == [condition] * (
        condition is not None
    )
    assert ("requestBody" in operation) == (method in {"post", "put", "patch"} and name != "apply_import")


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
        "raised": "restricted",
        "version": "restricted",
    }
    assert schemas["Person"]["properties"]["memberships"]["x-tier"] == "restricted"


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("list_testimonies", testimonies.TestimonyViewSet.declared),
        ("list_testimony_texts", texts.TextViewSet.declared),
        ("list_testimony_citations", citations.CitationViewSet.declared),
        ("list_testimony_claims", claims.ClaimViewSet.declared),
        ("list_testimony_clearances", clearances.ClearanceViewSet.declared),
        ("list_corrections", corrections.CorrectionViewSet.declared),
        ("list_confusions", agreement.ConfusionViewSet.declared),
        ("list_assignments", assignments.AssignmentViewSet.declared),
        ("list_codings", codings.CodingViewSet.declared),
        ("list_testimony_codings", codings.TestimonyCodingViewSet.declared),
        ("list_decisions", decisions.DecisionViewSet.declared),
        ("list_import_mappings", import_mappings.ImportMappingViewSet.declared),
        ("list_imports", imports.ImportViewSet.declared),
        ("list_import_rows", imports.ROWS),
        ("list_erasures", erasures.ErasuresViewSet.declared),
        ("list_vault_openings", vault.VaultOpeningViewSet.declared),
        ("list_same_person_links", same_person_links.SamePersonLinkViewSet.declared),
        ("list_persons", persons.PersonViewSet.declared),
        ("list_sources", sources.SourceViewSet.declared),
        ("list_codes", codes.CodeViewSet.declared),
    ],
)
def test_a_list_shows_all_parameters_and_which_are_for_staff(name, declared):
    queries = [parameter for owner, parameter in PARAMETERS if owner == name and parameter["in"] == "query"]
    assert tuple(parameter["name"] for parameter in queries) == declared.names(Tier.RESTRICTED)
    assert tuple(one["name"] for one in queries if "x-tier" not in one) == declared.names(Tier.PUBLIC)


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


def test_a_patch_has_no_defaults():
    """A client made of the document would send them, and undo what is there."""
    bodies = {
        name: schema for name, schema in document()["components"]["schemas"].items() if name.startswith("Patched")
    }
    assert len(bodies) > 10
    assert [
        (name, key)
        for name, schema in bodies.items()
        for key, field in schema["properties"].items()
        if "default" in field
    ] == []
