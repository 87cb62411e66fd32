"""Lists: found by what people look for, and never counted to the end."""

import pytest

from testimonies.admin import lists
from testimonies.models import SamePersonLink
from tests import factories as make


def found(response) -> set[str]:
    assert response.status_code == 200
    return {str(row.pk) for row in response.context["cl"].result_list}


@pytest.fixture
def rows(desk):
    with make.batch():
        group, collection = make.make_group(), make.make_collection()
        dimension = make.make_code()
        code = make.make_code(parent=dimension, slug="leave-invented")
        person = make.make_person(nationality="IQ")
        desk.one = make.make_testimony(
            membership=make.make_membership(person=person, group=group),
            title="Lighthouse",
            given="2011-03",
            collections=[collection],
            codes=[code],
            sources=[make.make_source(outlet="L'Été")],
            texts=["A pomegranate."],
        )
    desk.group, desk.collection, desk.dimension = group, collection, dimension
    return desk


@pytest.mark.parametrize(
    "query",
    [
        "nationality=IQ",
        "nationality=IQ&given_before=2012&status__exact=published",
        "group={group}",
        "collection={collection}",
        "outlet=l'ete",
        "code=leave-invented",
        "code={dimension}",
        "given_before=2011",
        "given_after=2011-01&given_before=2011-12",
        "q=lighthouse",
        "q=pomegranates",
        "q={ref}",
    ],
)
def test_testimonies_are_found(rows, query):
    query = query.format(
        group=rows.group.slug, collection=rows.collection.slug, dimension=rows.dimension.slug, ref=rows.one.ref.lower()
    )
    for name in ("coder", "editor"):
        assert found(rows.at(name).get(f"testimony/?{query}")) == {str(rows.one.pk)}, name


@pytest.mark.parametrize(
    "query", ["nationality=Iraq", "given_after=soon", "code=nothing", "group=nothing", "q=%22" + "word+" * 40]
)
def test_what_makes_no_sense_is_said(rows, query):
    response = rows.at("editor").get(f"testimony/?{query}")
    assert response.status_code == 200
    assert [str(message) for message in response.context["messages"]] != []


def test_hidden_testimonies_are_not_found(rows):
    assert found(rows.at("coder").get("testimony/?q=invented")) == {str(rows.published.pk), str(rows.one.pk)}
    assert str(rows.draft.pk) in found(rows.at("author").get("testimony/?q=invented"))
    assert found(rows.at("coder").get("testimony/?status__exact=draft")) == set()


def test_records_to_refer_to_are_found_as_far_as_one_may_see(rows):
    def choose(name, term, noun="person"):
        response = rows.at(name).get(f"{noun}/choose/?term={term}")
        assert response.status_code == 200
        return [one["id"] for one in response.json()["results"]]

    assert choose("author", rows.person.ref) == [str(rows.person.pk)]
    assert choose("coder", rows.person.ref) == []
    assert choose("coder", "L%27", "source") == [str(rows.one.citations.get().source_id)]
    assert choose("coder", "%00&page=99999999999", "source") == []


def test_a_list_is_counted_no_further_than_it_needs(rows, monkeypatch):
    monkeypatch.setattr(lists, "MOST_COUNTED", 2)
    response = rows.at("editor").get("testimony/")
    assert b"more than" in response.content
    assert response.context["cl"].paginator.count == 3
    response = rows.at("coder").get("testimony/?q=lighthouse")
    assert b"more than" not in response.content


def test_links_are_seen_where_both_persons_are(rows):
    link = SamePersonLink.objects.create(person=rows.person, other=rows.one.person)
    assert found(rows.at("author").get("samepersonlink/")) == {str(link.pk)}
    assert found(rows.at("coder").get("samepersonlink/")) == set()
    assert found(rows.at("editor").get("samepersonlink/")) == {str(link.pk)}
