"""The desk's pages of agreement: figures and the passages on which coders differ. All records are invented."""

import pytest

from testimonies.access import Role
from testimonies.models import Assignment
from tests import factories as make
from tests.contract.test_budgets import sent

PAGE = "/admin/agreement/"
CONFUSIONS = f"{PAGE}confusions/"
LIMIT = 20


def coded(number, **values):
    """Two coders, one code; they find it on every other testimony, and differ on the first of these."""
    with make.batch():
        code = make.make_code(parent=make.make_code(slug="leaving"), slug="brutality", label="Brutality")
        coders = [make.make_user(role=Role.CODER) for _ in range(2)]
        for n in range(number):
            testimony = make.make_testimony(membership=None, texts=["They took my brother."], **values)
            for place, coder in enumerate(coders):
                one = make.make_assignment(testimony=testimony, codebook=code.codebook, coder=coder, state="submitted")
                if n % 2 and not (n == 1 and place):
                    make.make_coding(assignment=one, code=code, text=testimony.texts.get(), quote="took my brother")
    return code


@pytest.mark.parametrize("role", ["coder", "editor", "custodian"])
def test_who_may_compare_coders(enter, role):
    client = enter(role)
    status = 403 if role == "coder" else 200
    assert (client.get(PAGE).status_code, client.get(CONFUSIONS).status_code) == (status, status)
    assert (PAGE in client.get("/admin/").content.decode()) is (role != "coder")


def test_the_table_says_what_the_figures_are(enter):
    code = coded(12)
    page = enter("editor").get(PAGE, {"codebook": code.codebook.pk, "seed": 3}).content.decode()
    for words in (
        "12 testimonies, 2 coders",
        "Brutality",
        "All of leaving",
        "All codes",
        "92%",
        "1 pair",
        "seed 3",
        " to ",
    ):
        assert words in page, words
    assert f"{CONFUSIONS}?codebook={code.codebook.slug}%401&amp;code={code.pk}" in page


def test_what_is_no_number_is_said_in_words(enter):
    code = coded(2)
    page = enter("editor").get(PAGE, {"codebook": code.codebook.pk}).content.decode()
    assert "fewer than ten testimonies" in page
    page = enter("editor").get(PAGE, {"codebook": code.codebook.pk, "measure": "salience"}).content.decode()
    assert "nothing coded" in page
    page = enter("editor").get(PAGE, {"codebook": code.codebook.pk, "level": "ratio"}).content.decode()
    assert "can only be taken for nominal" in page


def test_the_passages_on_which_coders_differ(enter):
    code = coded(2)
    page = enter("editor").get(CONFUSIONS, {"codebook": str(code.codebook), "code": code.pk}).content.decode()
    assert page.count("took my brother") == 1
    assert "present" in page
    assert "absent" in page
    other = make.make_code()
    assert "Nobody differs here" in enter("editor").get(CONFUSIONS, {"code": other.pk}).content.decode()


def test_a_graphic_passage_is_covered(enter):
    coded(2, content_warnings=["killing"])
    page = enter("editor").get(CONFUSIONS).content.decode()
    assert "<details><summary>Passage (killing)</summary><blockquote" in page


def test_who_codes_and_has_not_submitted_sees_nothing_of_it(enter):
    code, client = coded(2), enter("editor")
    with make.batch():
        for testimony in {one.testimony for one in Assignment.objects.all()}:
            make.make_assignment(testimony=testimony, codebook=make.make_codebook(), coder=client.user, state="open")
    assert "0 testimonies" in client.get(PAGE, {"codebook": code.codebook.pk}).content.decode()
    assert "took my brother" not in client.get(CONFUSIONS).content.decode()


def test_pages_cost_the_same_for_few_and_for_many(enter):
    client, costs = enter("editor"), []
    client.get(PAGE)
    for number in (2, 12):
        code = coded(number)
        for url in (f"{PAGE}?codebook={code.codebook.pk}", CONFUSIONS):
            with sent() as statements:
                assert client.get(url).status_code == 200
            costs.append(len(statements))
    assert costs[:2] == costs[2:]
    assert max(costs) < LIMIT
