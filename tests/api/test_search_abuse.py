"""Searches that were not written by somebody who looks for something: refused with a reason, or answered in time."""

import time

import pytest

from testimonies.access import Tier
from tests import factories as make
from tests.api.answers import errors, results

pytestmark = pytest.mark.django_db
URL = "/api/v1/testimonies/"
SECONDS = 2.0
"""Of one answer, on a machine that does other things as well."""


def make_records():
    with make.batch():
        for number in range(60):
            make.make_testimony(
                title=f"Invented lantern {number}", membership=None, sources=[], texts=["A lantern " * 200],
                tier=Tier.RESTRICTED if number % 2 else Tier.PUBLIC,
            )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def made(keep):
    keep(make_records)


def asked(client, q, **values):
    begun = time.perf_counter()
    answer = client.get(URL, {"q": q, **values})
    assert time.perf_counter() - begun < SECONDS
    return answer


@pytest.mark.parametrize(
    "q",
    [
        "word " * 10_000,
        "lantern " * 33,
        '"' + "lantern " * 33 + '"',
        "a" * 1_001,
        "- " * 501,
        '"' * 1_001,
        "a OR " * 40,
        "-a " * 40,
        "\ufdfa" * 32,
        "lantern\0",
    ],
    ids=range(10),
)
def test_too_much_is_refused_with_a_reason(api, q):
    answer = asked(api, q, ordering="relevance")
    ((parameter, code),) = [(name, code) for name, code in errors(answer) if name == "q"]
    assert (parameter, code) in {("q", "too_long"), ("q", "invalid")}
    assert "lantern" not in answer.content.decode()


@pytest.mark.parametrize(
    "q",
    [
        "a" * 1_000,
        "ل" * 1_000,
        "字" * 1_000,
        "-" * 1_000,
        '"' * 1_000,
        '-"' * 500,
        "(a+)+$ " * 20,
        ".*.*.*.*.*=lantern",
        "(?:lantern|lantern)*!",
        "%_%_%_%",
        "lan'tern' & | ! <-> :* \\ ",
        "1e5 5e3x 3e4e5 0x1F",
        "lantren " * 32,
        " ".join(f"lantren{n}" for n in range(32)),
        " OR ".join(f"lantrn{n}" for n in range(32)),
        " ".join(f"-lantern{n}" for n in range(32)),
        "the of and to is",
        "؟ ، … —",
        "\u200b\u200d\u0301",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") * 200,
    ],
    ids=range(20),
)
@pytest.mark.parametrize(
    "values", [{}, {"ordering": "relevance", "page_size": "500", "count": "exact"}], ids=["plain", "all"]
)
def test_whatever_is_asked_is_answered_in_time(api, q, values):
    if not any(letter.isalnum() for letter in q):
        values = {name: value for name, value in values.items() if name != "ordering"}
    answer = asked(api.as_("public"), q, **values)
    assert {item["tier"] for item in results(answer)} <= {"public"}


def test_a_repeated_query_is_refused(api):
    answer = api.get(f"{URL}?{'&'.join(['q=lantern'] * 100)}")
    assert errors(answer) == [("q", "too_many_values")]
    assert errors(api.get(f"{URL}?q=lantern&q=lantern")) == [("q", "repeated")]


@pytest.mark.parametrize("ordering", ["relevance", "-updated_at"])
def test_a_cursor_of_somebody_who_sees_more_fits_nobody_else(api, ordering):
    query = {"q": "lantern", "ordering": ordering, "page_size": "7"}
    theirs = api.as_("editor").get(URL, query).json()["next_cursor"]
    for caller in ("public", "reader"):
        assert errors(api.as_(caller).get(URL, {**query, "cursor": theirs})) == [("cursor", "foreign_cursor")]
    ours = api.as_("public").get(URL, query).json()["next_cursor"]
    assert {item["tier"] for item in results(api.as_("public").get(URL, {**query, "cursor": ours}))} == {"public"}
    assert errors(api.as_("public").get(URL, {**query, "q": "lanterns", "cursor": ours})) == [
        ("cursor", "foreign_cursor")
    ]


def test_five_hundred_on_a_page_are_what_the_caller_sees(api):
    for caller, number in (("public", 30), ("editor", 60)):
        answer = asked(api.as_(caller), "lantern", page_size="500", ordering="relevance", count="exact")
        assert (len(results(answer)), answer.json()["count"]) == (number, number)
