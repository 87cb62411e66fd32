"""Answers that are large, and those that would take too long."""

import gzip

import pytest
from django.db import connection
from django.test import Client

from testimonies.api import concurrency
from tests import factories as make

pytestmark = pytest.mark.django_db
URL = "/api/v1/testimonies/"


@pytest.fixture
def many(db):
    with make.batch():
        for number in range(20):
            make.make_testimony(title=f"Invented {number}", summary="Invented words. " * 30)


@pytest.fixture
def plain(settings):
    settings.PUBLIC_READ = True
    return Client(SERVER_NAME="localhost")


def test_a_large_answer_is_compressed_for_who_reads_that(plain, many):
    whole = plain.get(URL)
    packed = plain.get(URL, headers={"Accept-Encoding": "br, gzip"})
    assert gzip.decompress(packed.content) == whole.content
    assert len(packed.content) < len(whole.content) / 4
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in whole.headers
    assert whole.headers["Vary"] == packed.headers["Vary"] == "Authorization, Accept-Encoding"
    assert int(packed.headers["Content-Length"]) == len(packed.content)


def test_other_bytes_have_a_weak_etag_and_either_is_known_again(plain, many):
    """Weak, since the bytes differ; the same but for that, since the answer is the same."""
    whole = plain.get(URL).headers["ETag"]
    packed = plain.get(URL, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    assert packed == f"W/{whole}"
    for accepted in ("", "gzip"):
        for etag in (whole, packed):
            answer = plain.get(URL, headers={"Accept-Encoding": accepted, "If-None-Match": etag})
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["ETag"] == (packed if accepted else whole)
            assert answer.headers["Vary"] == "Authorization, Accept-Encoding"


ACCEPTED = {
    "gzip": True,
    "GZIP": True,
    "deflate, gzip;q=0.5": True,
    "gzip ; q=1.0": True,
    "": False,
    "identity": False,
    "gzip;q=0": False,
    "gzip; q=0.000": False,
    "x-gzipped": False,
}


@pytest.mark.parametrize("header", ACCEPTED)
def test_nobody_is_sent_what_they_do_not_read(plain, many, header):
    answer = plain.get(URL, headers={"Accept-Encoding": header})
    assert (answer.headers.get("Content-Encoding") == "gzip") is ACCEPTED[header]


def test_small_answers_stay_as_they_are(plain, many):
    answer = plain.get(f"{URL}?page_size=1", headers={"Accept-Encoding": "gzip"})
    assert len(answer.content) < concurrency.LARGE
    assert "Content-Encoding" not in answer.headers
    assert not answer.headers["ETag"].startswith("W/")


def test_a_detail_read_compressed_can_be_changed(api):
    """The version stands in the weak ETag as well."""
    editor = api.as_("editor")
    testimony = make.make_testimony(status="draft", texts=["Invented. " * 1_000])
    url = f"{URL}{testimony.pk}/"
    etag = Client(SERVER_NAME="localhost").get(url, headers={**editor.keys["editor"], "Accept-Encoding": "gzip"})
    assert etag.headers["ETag"].startswith('W/"')
    changed = editor.patch(
        url, {"title": "Invented anew"}, content_type="application/json", headers={"If-Match": etag.headers["ETag"]}
    )
    assert changed.status_code == 200


def test_what_takes_too_long_says_what_to_narrow(api):
    make.make_testimony()
    query = {"kind": "interview", "ordering": "credibility,-given", "count": "exact", "page_size": "500"}
    assert api.get(URL, query).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.slow() RETURNS boolean LANGUAGE sql AS 'SELECT pg_sleep(9) IS NOT NULL'"
        )
        # every row waits, as if there were millions of them
        cursor.execute("ALTER TABLE projection_public RENAME TO slow")
        cursor.execute("CREATE VIEW projection_public AS SELECT * FROM slow WHERE pg_temp.slow()")
        cursor.execute("SET LOCAL statement_timeout = 100")
    answer = api.get(URL, query)
    assert answer.status_code == 503
    assert answer.json()["code"] == "too_slow"
    assert [(error["parameter"], error["code"]) for error in answer.json()["errors"]] == [
        (name, "narrow") for name in query
    ]
