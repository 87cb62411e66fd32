"""Hostile bodies sent to every write that the OpenAPI document has: each is refused quickly, and nothing is written.

An operation is tried from the day on which it stands in the document; `rows` says which record its address names.
"""

import json
from time import thread_time

import pytest
from django.apps import apps
from django.db import connection

from testimonies.models import ImportMapping, SamePersonLink
from tests import factories as make
from tests.client import Api, document

LIMIT = 0.1
"""Seconds of this thread that an answer may take, at the best of five: others on the machine do not count, a slow parser does."""
WRITES = [
    (method, path)
    for path, operations in document()["paths"].items()
    for method in ("post", "put", "patch")
    if "application/json" in operations.get(method, {}).get("requestBody", {}).get("content", {})
]
"""Files come as a form (tests/imports)."""
BODIES = {
    "nothing": (b"", {400}),
    "half": (b'{"a": "b"', {400}),
    "a list": (b"[]", {400}),
    "null": (b"null", {400}),
    "a string": (b'"{}"', {400}),
    "not UTF-8": (b'{"a": "\xff"}', {400}),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), {400}),
    "10 MB": (b'{"a": "' + b"x" * 10_000_000 + b'"}', {413}),
    "5,000 brackets": (b"[" * 5_000, {400}),
    "5,000 closed brackets": (b"[" * 5_000 + b"]" * 5_000, {400}),
    "5,000 objects": (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, {400}),
    "50,000 fields": (json.dumps(dict.fromkeys(map(str, range(50_000)), 1)).encode(), {400}),
    "100,000 items": (b'{"a": [' + b"1," * 100_000 + b"1]}", {400}),
    "1,900 fields": (json.dumps(dict.fromkeys(map(str, range(1_900)), 1)).encode(), {400}),
    "NUL": (b'{"title": "a\\u0000b"}', {400}),
    "lone surrogate": (b'{"title": "\\ud800"}', {400}),
    "NaN": (b'{"position": NaN}', {400}),
    "Infinity": (b'{"position": -Infinity}', {400}),
    "a number of 5,000 digits": (b'{"position": ' + b"9" * 5_000 + b"}", {400}),
    "unknown field": (b'{"no_such_field": 1}', {400}),
    "a key twice": (b'{"title": "a", "title": "b"}', {400}),
}
MEDIA = ("text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/xml")


@pytest.fixture
def rows(db) -> dict[str, str]:
    """Ids that an address may name, by the word before them."""
    testimony = make.make_testimony(status="draft", published_at=None, texts=["Invented."])
    code = make.make_code(codebook=make.make_codebook(status="draft"))
    figure = make.make_figure()
    with make.batch():
        link = SamePersonLink.objects.create(person=testimony.person, other=make.make_person())
    found = {
        "same-person-links": link,
        "import-mappings": ImportMapping.objects.create(name="Invented"),
        "testimonies": testimony,
        "persons": testimony.person,
        "sources": make.make_source(),
        "groups": make.make_group(),
        "collections": figure.collection,
        "figures": figure,
        "campaigns": make.make_campaign(),
        "uses": make.make_use(),
        "measurements": make.make_measurement(),
        "quotes": make.make_quote(),
        "codebooks": code.codebook,
        "codes": code,
        "citations": testimony.citations.first(),
        "texts": testimony.texts.first(),
        "clearances": testimony.clearances.first(),
        "claims": make.make_claim(testimony=testimony),
    }
    return {segment: str(row.pk) for segment, row in found.items()}


def address(path: str, rows: dict[str, str]) -> str:
    segment = path.partition("{id}")[0].rstrip("/").rpartition("/")[2]
    nobody = "00000000-0000-4000-8000-000000000000"
    return path.format(testimony_id=rows["testimonies"], id=rows.get(segment, nobody))


def contents() -> list[tuple[str, str]]:
    """A digest of every table but what a request itself notes."""
    tables = sorted(
        model._meta.db_table for model in apps.get_app_config("testimonies").get_models() if model.__name__ != "ApiKey"
    )
    statement = " UNION ALL ".join(
        f"SELECT '{name}', coalesce(md5(string_agg(r::text, '|' ORDER BY r::text)), '') FROM \"{name}\" r"
        for name in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ORDER BY 1")
        return cursor.fetchall()


def send(api: Api, method: str, url: str, body: bytes, media: str = "application/json"):
    return getattr(api, method)(url, body, content_type=media, headers={"If-Match": "*", "Idempotency-Key": "hostile"})


@pytest.mark.parametrize(("method", "path"), WRITES, ids=[f"{method} {path}" for method, path in WRITES])
def test_a_hostile_body_is_refused_quickly_and_writes_nothing(api, rows, method, path):
    custodian, url = api.as_("custodian"), address(path, rows)
    before, slow = contents(), {}
    for name, (body, statuses) in BODIES.items():
        times = []
        while not times or (min(times) > LIMIT and len(times) < 5):
            start = thread_time()
            response = send(custodian, method, url, body)
            times.append(thread_time() - start)
            assert response.status_code in statuses, (name, response.content[:300])
        if min(times) > LIMIT:
            slow[name] = min(times)
    for media in MEDIA:
        assert send(custodian, method, url, b"a=b", media).status_code == 415
    assert slow == {}
    assert contents() == before
