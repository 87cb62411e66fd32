"""The desk's page of counts. All records are invented."""

import pytest

from tests import factories as make
from tests.contract.test_budgets import sent

PAGE = "/admin/statistics/"
LIMIT = 20


@pytest.mark.parametrize("role", ["coder", "editor", "custodian"])
def test_whoever_is_at_the_desk_may_count(enter, role):
    client = enter(role)
    assert client.get(PAGE).status_code == 200
    assert PAGE in client.get("/admin/").content.decode()


def test_the_table_names_who_was_counted_and_what_is_beside_it(enter):
    with make.batch():
        collection = make.make_collection(title="The counted ones", population="Nobody at all")
        make.make_figure(collection=collection, statement="Invented: seven women.", filter='{"gender": "female"}')
        for gender in ("male", "male", "female"):
            make.make_testimony(person=make.make_person(gender=gender), collections=[collection], status="draft")
    page = enter("editor").get(PAGE, {"by": "gender", "across": "nationality", "over": "year_given"}).content.decode()
    for words in (
        "3 testimonies",
        "male",
        "The counted ones",
        "Nobody at all",
        "Invented: seven women.",
        "Never add them",
    ):
        assert words in page, words
    assert '<rect width="200" height="12"' in page
    assert '<rect width="100" height="12"' in page


def test_a_coder_counts_what_a_coder_sees(enter):
    with make.batch():
        make.make_testimony()
        make.make_testimony(status="draft")
    assert "1 testimony" in enter("coder").get(PAGE).content.decode()
    assert "2 testimonies" in enter("editor").get(PAGE).content.decode()


@pytest.mark.parametrize(
    "query", ["by=nothing", "by=gender&across=gender", "collection=x", "over=month", "by=gen%00der"]
)
def test_what_does_not_fit_is_said(enter, query):
    response = enter("editor").get(f"{PAGE}?{query}")
    assert (response.status_code, "Please correct" in response.content.decode()) == (200, True)


def test_it_counts_by_codes(enter):
    with make.batch():
        code = make.make_code(
            slug="found", parent=make.make_code(slug="leaving", codebook=make.make_codebook(slug="book"))
        )
        make.make_testimony(codes=[code])
    page = enter("coder").get(PAGE, {"by": "code:book/leaving"}).content.decode()
    assert '<th scope="row" dir="auto">found</th>' in page


def test_it_costs_the_same_for_few_and_for_many(enter):
    client, costs = enter("editor"), []
    client.get(PAGE)
    for number in (1, 12):
        with make.batch():
            for _ in range(number):
                make.make_testimony(collections=[make.make_collection()])
        with sent() as statements:
            assert client.get(PAGE, {"by": "gender"}).status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1] < LIMIT
