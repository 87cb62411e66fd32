"""What callers do not write: refused wherever it is sent, and left alone by whatever they do write.

Writing takes the highest tier that any document has; above it are the vault, and what services alone set.
"""

import pytest

from tests import factories as make
from tests.client import document, resolve
from tests.contract.filled import FILLED, as_sent

SCHEMAS = document()["components"]["schemas"]
SET_BY_SERVICES = {
    "id",
    "ref",
    "version",
    "created_at",
    "changed_at",
    "updated_at",
    "created_by",
    "status",
    "published_at",
    "shape",
}
OF_THE_VAULT = {"legal_name", "contact", "whereabouts"}


def _named(node):
    content = node.get("content", {}).get("application/json", {})
    return content.get("schema", {}).get("$ref", "").rpartition("/")[2]


def _writes():
    for path, item in document()["paths"].items():
        for method in ("post", "put", "patch"):
            if body := _named(item.get(method, {}).get("requestBody", {})):
                answers = item[method]["responses"]
                (shown,) = (_named(resolve((), answers[status])[1]) for status in ("200", "201") if status in answers)
                shown = SCHEMAS[shown]["properties"].keys() if shown else set()
                yield (
                    path,
                    method,
                    sorted(({*shown} | SET_BY_SERVICES | OF_THE_VAULT) - SCHEMAS[body]["properties"].keys()),
                )


WRITES = {f"{method} {path.removeprefix('/api/v1/')}": (path, method, names) for path, method, names in _writes()}
NOWHERE = "00000000-0000-4000-8000-000000000000"


def test_every_write_with_a_body_is_looked_at():
    assert len(WRITES) > 45
    assert {len(names) > 8 for _, _, names in WRITES.values()} == {True}
    assert "published_at" in WRITES["patch testimonies/{id}/"][2]


@pytest.mark.parametrize("name", WRITES)
def test_a_field_that_callers_do_not_write_is_refused_by_its_name(api, name):
    path, method, names = WRITES[name]
    with make.batch():
        testimony = make.make_testimony(status="draft")
    url = path.replace("{testimony_id}", str(testimony.pk)).replace("{id}", NOWHERE)
    for value in (None, "anything", 1):
        body = dict.fromkeys(names, value)
        answer = getattr(api.as_("custodian"), method)(
            url, body, content_type="application/json", headers={"If-Match": "*"}
        )
        assert answer.status_code == 400, answer.content
        refused = {error["pointer"] for error in answer.json()["errors"] if error["code"] == "unknown_field"}
        assert refused == {f"/{name}" for name in names}


@pytest.mark.parametrize("path", FILLED)
@pytest.mark.parametrize("method", ["put", "patch"])
def test_what_callers_do_not_write_stays_as_it_is(api, path, method):
    item = document()["paths"][f"/api/v1/{path}"]
    if method not in item:
        assert path in {"testimonies/{testimony_id}/codes/", "codebooks/{id}/map/"}  # set as a whole
        return
    kind = _named(item["put"]["requestBody"]).removesuffix("Write")
    author = make.make_user()
    with make.batch():
        url, row = FILLED[path]()
        type(row).objects.filter(pk=row.pk).update(created_by=author)
    row.refresh_from_db()
    shown = api.as_("editor").get(f"/api/v1/{url}").json()
    needed = SCHEMAS[f"{kind}Write"].get("required", [])
    if kind == "Clearance":
        needed = [*needed, "withdrawn_at"]  # what was withdrawn stays so
    body = {name: as_sent(kind, shown, row, name) for name in needed}
    answer = getattr(api.as_("editor"), method)(
        f"/api/v1/{url}", body, content_type="application/json", headers={"If-Match": "*"}
    )
    assert answer.status_code == 200, answer.content
    columns = {field.attname for field in row._meta.concrete_fields} & {
        "id",
        "ref",
        "created_at",
        "created_by_id",
        "status",
        "published_at",
    }
    was = {name: getattr(row, name) for name in columns - ({"status"} if kind in {"Figure", "Quote"} else set())}
    row.refresh_from_db()
    assert {name: getattr(row, name) for name in was} == was
    assert was["created_by_id"] == author.pk
