"""Every field that a body declares is stored when it is sent, shown again, and changes nothing beside itself.

And what was read can be written as it is: of nothing that a body declares does PUT lose what the document did not show.
"""

import pytest

from tests import factories as make
from tests.client import document
from tests.contract.filled import FILLED, STAYS, as_sent

SCHEMAS = document()["components"]["schemas"]
VALUES = {
    # what rows, calendars and other fields decide
    "nationality": "IQ", "residence_before": "TN", "given_country": "JO", "published": "2015-09", "given": "2016-03", "joined": "2012",
    "left": "2017", "account_language": "ar", "summary_language": "fr", "language": "de", "url": "https://example.org/new",
    "embargo_until": "2031-01-01T00:00:00Z", "age_from": 21, "age_to": 39, "slug": "invented-anew", "version": "9",
    "external_ids": [{"system": "invented", "value": "anew"}], "range_high": 99.5,
    "languages": ["fr"], "starts": "2013", "ends": "2018", "color": "#1f77b4", "conflicts": [{"source": "B", "statement": "Invented.", "value": "57"}],
}  # fmt: skip
NOT_SHOWN_ALIKE = {
    "person_id", "codebook_id", "codebook", "collection", "group", "collections", "cases", "other_names", "sources", "raised", "missing",
    "parent", "status", "name", "campaign", "channels", "testimonies",
}  # fmt: skip
"""Fields that other tests write: they name records, or a document shows them in another place or by their kind."""
FOLLOWS = {
    "updated_at", "version", "given_earliest", "given_latest", "published_earliest", "published_latest", "joined_earliest", "joined_latest",
    "left_earliest", "left_latest", "starts_earliest", "starts_latest", "ends_earliest", "ends_latest", "missing", "dimension",
}  # fmt: skip
"""What is derived from other fields."""
MAKE = {
    "Person": ("persons", lambda: make.make_person(name="Invented", name_kind="outlet_pseudonym")),
    "Testimony": (
        "testimonies",
        lambda: make.make_testimony(membership=make.make_membership(), age_from=25, age_to=29, status="draft"),
    ),
    "Source": ("sources", make.make_source),
    "Group": ("groups", make.make_group),
    "Collection": ("collections", make.make_collection),
    "Figure": ("figures", make.make_figure),
    "Campaign": ("campaigns", make.make_campaign),
    "CampaignUse": ("uses", make.make_use),
    "Codebook": ("codebooks", lambda: make.make_codebook(status="draft")),
    "Code": ("codes", lambda: make.make_code(codebook=make.make_codebook(status="draft"))),
}
FIELDS = [
    (kind, name)
    for kind in MAKE
    for name in SCHEMAS[f"Patched{kind}Write"]["properties"]
    if name not in NOT_SHOWN_ALIKE and (kind, name) != ("Person", "name_kind")
]


def another(schema, old):
    """A value that fits the schema and is not the old one."""
    while "$ref" in schema or "allOf" in schema or "oneOf" in schema:
        inner = schema.get("$ref") or (schema.get("allOf") or schema["oneOf"])[0]["$ref"]
        schema = SCHEMAS[inner.rpartition("/")[2]]
    if "enum" in schema:
        return next(word for word in schema["enum"] if word is not None and word != old)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "array" in kinds:
        item = schema["items"]
        is_plain = "$ref" in item or item.get("type") == "string"
        return [another(item, None)] if is_plain and another(item, None) != old else []
    return {"boolean": not old, "integer": 7, "number": 7.5}.get(kinds[0], "Invented otherwise")


@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=[f"{kind}.{name}" for kind, name in FIELDS])
def test_a_field_that_is_sent_is_stored_and_nothing_else_changes(api, kind, name):
    segment, make_row = MAKE[kind]
    row, editor = make_row(), api.as_("editor")
    url = f"/api/v1/{segment}/{row.pk}/"
    before = editor.get(url).json()
    old = before[name]
    value = VALUES.get(name) or another(SCHEMAS[f"Patched{kind}Write"]["properties"][name], old)
    assert value != old
    answer = editor.patch(url, {name: value}, content_type="application/json", headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.content
    after = editor.get(url).json()
    assert answer.json() == after
    assert after[name] == value
    assert {key for key in before if before[key] != after[key]} - FOLLOWS <= {name}


# --- GET, then PUT --------------------------------------------------------------------------------------------------


def puts():
    return {path: item["put"] for path, item in document()["paths"].items() if "put" in item}


def test_there_is_a_record_for_everything_that_can_be_put():
    assert {path.removeprefix("/api/v1/") for path in puts()} == FILLED.keys()


@pytest.mark.parametrize("path", FILLED)
def test_what_was_read_can_be_put_and_changes_nothing(api, path):
    reference = puts()[f"/api/v1/{path}"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    kind = reference.rpartition("/")[2].removesuffix("Write")
    with make.batch():
        url, row = FILLED[path]()
    row.refresh_from_db()
    editor = api.as_("editor")
    before = editor.get(f"/api/v1/{url}")
    shown, body = before.json(), {}
    for name, field in SCHEMAS[f"{kind}Write"]["properties"].items():
        if (kind, name) in STAYS:
            continue
        body[name] = as_sent(kind, shown, row, name)
        nothing = field["default"] if "default" in field else [] if field.get("type") == "array" else None
        is_missing = any(one["field"] == name for one in shown.get("missing", ()))
        assert body[name] != nothing or is_missing or (kind, name) == ("Codebook", "status"), (
            f"give {name} another value: PUT writes {nothing!r} when it is left out"
        )
    answer = editor.put(f"/api/v1/{url}", body, content_type="application/json", headers={"If-Match": before["ETag"]})
    assert answer.status_code == 200, answer.content
    moves = {"updated_at": None, "version": None} if kind not in {"Codebook", "Code"} else {"updated_at": None}
    assert {**answer.json(), **moves} == {**shown, **moves}
    was = {name: getattr(row, name) for name in _columns(row)}
    row.refresh_from_db()
    assert {name: getattr(row, name) for name in _columns(row)} == was


def _columns(row):
    """All columns but those which tell only that it was written."""
    return [field.attname for field in row._meta.concrete_fields if field.attname not in {"version", "changed_at"}]
