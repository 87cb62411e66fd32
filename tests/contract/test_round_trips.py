"""Every field that a body declares is stored when it is sent, shown again, and changes nothing beside itself.

And what was read can be written as it is: of nothing that a body declares does PUT lose what the document did not show.
"""

import datetime as dt

import pytest

from testimonies import models
from testimonies.access import Tier
from tests import factories as make
from tests.client import document

SCHEMAS = document()["components"]["schemas"]
VALUES = {
    # what rows, calendars and other fields decide
    "nationality": "IQ", "residence_before": "TN", "given_country": "JO", "published": "2015-09", "given": "2016-03", "joined": "2012",
    "left": "2017", "account_language": "ar", "summary_language": "fr", "language": "de", "url": "https://example.org/new",
    "embargo_until": "2031-01-01T00:00:00Z", "age_from": 21, "age_to": 39, "slug": "invented-anew", "version": "9",
    "external_ids": [{"system": "invented", "value": "anew"}], "range_high": 99.5,
    "conflicts": [{"source": "B", "statement": "Invented.", "value": "57"}],
}  # fmt: skip
NOT_SHOWN_ALIKE = {
    "person_id", "codebook_id", "codebook", "collection", "group", "collections", "cases", "other_names", "sources", "raised", "missing",
    "parent", "status", "name",
}  # fmt: skip
"""Fields that other tests write: they name records, or a document shows them in another place or by their kind."""
FOLLOWS = {
    "updated_at", "version", "given_earliest", "given_latest", "published_earliest", "published_latest", "joined_earliest", "joined_latest",
    "left_earliest", "left_latest", "missing", "dimension",
}  # fmt: skip
"""What is derived from other fields."""
MAKE = {
    "Person": ("persons", lambda: make.make_person(name="Invented", name_kind="outlet_pseudonym")),
    "Testimony": (
        "testimonies",
        lambda: make.make_testimony(membership=make.make_membership(), age_from=25, age_to=29),
    ),
    "Source": ("sources", make.make_source),
    "Group": ("groups", make.make_group),
    "Collection": ("collections", make.make_collection),
    "Figure": ("figures", make.make_figure),
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

LATER = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)


def _person():
    row = make.make_person(
        origin_stated="Invented.", tier=Tier.PARTNER, raised={"gender": 2}, missing={"nationality": "refused"}, nationality=None
    )  # fmt: skip
    other = {"kind": "outlet_pseudonym", "tier": Tier.PARTNER}
    models.PersonName.objects.create(person=row, value="Invented Otherwise", **other)
    models.PersonExternalId.objects.create(person=row, system="invented", value="1")
    return f"persons/{row.pk}/", row


def _testimony():
    membership = make.make_membership(role_in_group="Invented.", joined="2013", left="2015", belonging="says_forced")
    collections = [make.make_collection(), make.make_collection()]
    row = make.make_testimony(
        membership=membership, collections=collections[:1], summary_language="fr", notes_internal="Invented.", speaking_conditions="free",
        credibility="2", content_warnings=["torture"], coding_status="single_reader", embargo_until=LATER, tier=Tier.PARTNER,
        raised={"title": 2, "joined": 1}, missing={"given_country": "refused"}, given_country=None, age_to=31,
    )  # fmt: skip
    models.CaseLink.objects.create(testimony=row, collection=collections[1], is_case=True)
    models.TestimonyExternalId.objects.create(testimony=row, system="invented", value="1")
    return f"testimonies/{row.pk}/", row


def _source():
    row = make.make_source(reliability="B", tier=Tier.PARTNER)
    models.SourceExternalId.objects.create(source=row, system="invented", value="1")
    return f"sources/{row.pk}/", row


def _group():
    row = make.make_group(description="Invented.", tier=Tier.PARTNER)
    return f"groups/{row.pk}/", row


def _collection():
    row = make.make_collection(
        population="Invented.", scope="Invented.", caveats=["Invented."], unavailable=["nothing"], codebook=make.make_codebook(),
        basis_of_use="informed", permitted_uses=["research"], reviewed_by=["invented"], case_status="Invented.", listing="closed",
        is_invented=True, tier=Tier.PARTNER,
    )  # fmt: skip
    return f"collections/{row.pk}/", row


def _figure():
    row = make.make_figure(
        collection=make.make_collection(tier=Tier.RESTRICTED), derivation="Invented.", operator="approx", denominator=58, filter="gender=female",
        range_low=1, range_high=9, note="Invented.", position=7, tier=Tier.PARTNER, status="derived", value=7,
        conflicts=[{"source": "A", "statement": "Invented.", "value": "9"}],
    )  # fmt: skip
    for position in range(2):
        models.FigureSource.objects.create(figure=row, source=make.make_source(), locator="p. 7", position=position)
    return f"figures/{row.pk}/", row


def _codebook():
    row = make.make_codebook(
        status="draft", language="fr", method="Invented.", unit_of_coding="Invented.", hierarchy_rule="Invented.",
        reliability_rule="Invented.", absence_rule="Invented.", tier=Tier.PARTNER,
    )  # fmt: skip
    return f"codebooks/{row.pk}/", row


def _code():
    book = make.make_codebook(status="draft", tier=Tier.RESTRICTED)
    row = make.make_code(
        codebook=book, parent=make.make_code(codebook=book), position=7, is_assignable=False, brief_definition="Invented.", definition="Invented.",
        inclusion=["Invented."], exclusion=["Invented."], example="Invented.", near_miss="Invented.", source_section="1.1", basis=["Invented."],
        tier=Tier.PARTNER,
    )  # fmt: skip
    return f"codes/{row.pk}/", row


def _text():
    testimony = make.make_testimony(texts=["Invented."])
    more = {"kind": "translation", "translation_of": testimony.texts.get(), "position": 7, "tier": Tier.PARTNER}
    row = make.make_text(testimony=testimony, language="fr", **more)
    return f"testimonies/{testimony.pk}/texts/{row.pk}/", row


def _citation():
    row = make.make_citation(
        testimony=make.make_testimony(), locator="p. 7", position=7, relation="report_about", tier=Tier.PARTNER
    )
    models.Evidence.objects.create(citation=row, field="given", basis="derived", note="Invented.")
    return f"testimonies/{row.testimony_id}/citations/{row.pk}/", row


def _claim():
    row = make.make_claim(
        testimony=make.make_testimony(), source=make.make_source(), note="Invented.", is_preferred=True, position=7, tier=Tier.PARTNER
    )  # fmt: skip
    return f"testimonies/{row.testimony_id}/claims/{row.pk}/", row


def _clearance():
    more = {"ends_at": LATER, "withdrawn_at": LATER, "evidence": "Invented.", "reviewed_by": "Invented."}
    row = make.make_clearance(testimony=make.make_testimony(uses=[]), **more)
    return f"testimonies/{row.testimony_id}/clearances/{row.pk}/", row


def _consensus_codes():
    row = make.make_testimony(codes=[make.make_code(is_assignable=True) for _ in range(2)])
    return f"testimonies/{row.pk}/codes/", row


FILLED = {
    "persons/{id}/": _person, "testimonies/{id}/": _testimony, "sources/{id}/": _source, "groups/{id}/": _group,
    "collections/{id}/": _collection, "figures/{id}/": _figure, "codebooks/{id}/": _codebook, "codes/{id}/": _code,
    "testimonies/{testimony_id}/texts/{id}/": _text, "testimonies/{testimony_id}/citations/{id}/": _citation,
    "testimonies/{testimony_id}/claims/{id}/": _claim, "testimonies/{testimony_id}/clearances/{id}/": _clearance,
    "testimonies/{testimony_id}/codes/": _consensus_codes,
}  # fmt: skip
"""By what can be PUT: a record of which every field says something else than a body that leaves it out."""
ELSEWHERE = {
    # where a document says it in another way than the body
    ("Testimony", "person_id"): lambda shown, row: shown["person"]["id"],
    ("Testimony", "missing"): lambda shown, row: [one for one in shown["missing"] if one["field"] in row.missing],
    ("Figure", "sources"): lambda shown, row: [
        {"source_id": one["source"]["id"], "locator": one["locator"]} for one in shown["sources"]
    ],
    ("Code", "codebook_id"): lambda shown, row: str(row.codebook_id),
    ("Text", "translation_of_id"): lambda shown, row: shown["translation_of"],
    ("ConsensusCodes", "codes"): lambda shown, row: [one["code_id"] for one in shown["codes"]],
}
STAYS = {("Text", "position")}
"""Not shown, and left as it is by a PUT without it."""


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
        body[name] = ELSEWHERE[kind, name](shown, row) if (kind, name) in ELSEWHERE else shown[name]
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
