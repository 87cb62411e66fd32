import pytest

from testimonies import models
from tests import factories as make
from tests.contract.test_budgets import sent

HISTORY = "testimony/{}/history/"


def test_who_did_what_when_through_what_and_why(desk):
    author = desk.at("author")
    path = f"testimony/{desk.draft.pk}/change/"
    author.send(
        path, author.open(path), title="Invented: another title", reason_for_history="The old one named a place."
    )
    occasion = author.get(HISTORY.format(desk.draft.pk)).context["occasions"][0]
    assert (occasion.who, occasion.through) == (desk.users["author"].username, "at the desk")
    assert occasion.reason == "The old one named a place."
    changes = [(change["field"], change["after"]) for part in occasion.touched for change in part.changes]
    assert changes == [("title", "Invented: another title")]
    page = author.get(HISTORY.format(desk.draft.pk)).content.decode()
    assert f'<del dir="auto">{desk.draft.title}</del>' in page
    assert '<ins dir="auto">Invented: another title</ins>' in page


def test_what_somebody_wrote_is_no_markup(desk):
    author = desk.at("author")
    path = f"testimony/{desk.draft.pk}/change/"
    author.send(path, author.open(path), title="<script>alert(1)</script>", reason_for_history="<b>why</b>")
    page = author.get(HISTORY.format(desk.draft.pk)).content.decode()
    assert "<script>alert(1)" not in page
    assert "<b>why</b>" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_what_one_may_not_see_has_no_history(desk):
    for name, path, status in (
        ("coder", HISTORY.format(desk.draft.pk), 302),
        ("author", HISTORY.format(desk.draft.pk), 200),
        ("editor", HISTORY.format(desk.draft.pk), 200),
        ("editor", HISTORY.format("00000000-0000-4000-8000-000000000000"), 302),
        ("reader", HISTORY.format(desk.published.pk), 302),
        ("editor", "testimony/%00/history/", 302),
    ):
        assert desk.at(name).get(path).status_code == status, (name, path)


def test_a_link_between_persons_has_its_own_for_who_sees_both(desk):
    link = models.SamePersonLink.objects.create(person=desk.published.person, other=desk.person)
    models.SamePersonLink.objects.filter(pk=link.pk).update(note="Invented: not the same.", status="rejected")
    path = f"samepersonlink/{link.pk}/history/"
    for name in ("author", "editor"):
        answer = desk.at(name).get(path)
        assert answer.status_code == 200, name
        told = [
            (part.what, part.act, change["field"], change["after"])
            for occasion in answer.context["occasions"]
            for part in occasion.touched
            for change in part.changes
            if part.act == "changed"
        ]
        assert {(field, after) for _, _, field, after in told} == {
            ("note", "Invented: not the same."),
            ("status", "rejected"),
        }
    assert desk.at("coder").get(path).status_code == 302


@pytest.mark.parametrize("number", ["0", "2", "40", "999999", "-1", "x", "%00", "1e3"])
def test_any_page_of_it_is_answered(desk, number):
    assert desk.at("editor").get(f"{HISTORY.format(desk.draft.pk)}?p={number}").status_code == 200


def test_it_is_paged(desk, monkeypatch):
    monkeypatch.setattr("testimonies.admin.past.PER_PAGE", 2)
    author, path = desk.at("author"), f"testimony/{desk.draft.pk}/change/"
    for n in range(5):
        author.send(path, author.open(path), title=f"Invented: {n}")
    seen, number = [], 1
    while number:
        page = author.get(f"{HISTORY.format(desk.draft.pk)}?p={number}")
        seen += [
            change["after"]
            for occasion in page.context["occasions"]
            for part in occasion.touched
            for change in part.changes
            if change["field"] == "title"
        ]
        number = page.context["older"]
    assert seen == ["Invented: 4", "Invented: 3", "Invented: 2", "Invented: 1", "Invented: 0", desk.draft.title]


def test_it_costs_little_however_much_happened(desk):
    author, path = desk.at("author"), f"testimony/{desk.draft.pk}/change/"

    def cost() -> int:
        with sent() as statements:
            assert author.get(HISTORY.format(desk.draft.pk)).status_code == 200
        return len(statements)

    cost()  # what a process learns once
    few = cost()
    for n in range(3):
        author.send(path, author.open(path), title=f"Invented: {n}")
    with make.batch():
        for _ in range(20):
            make.make_claim(testimony=desk.draft)
    cost()  # the page that says once that it was saved
    assert cost() == few < 20
