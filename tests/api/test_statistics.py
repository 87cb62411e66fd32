"""/api/v1/statistics/: what is counted, of whom, and what is beside it. All records are invented."""

import pytest

from testimonies.access import Role, Tier
from tests import factories as make
from tests.api.answers import errors
from tests.contract.test_budgets import sent

pytestmark = pytest.mark.django_db
URL = "/api/v1/statistics/"
WORDS = {"all": "*", "value": "", "not_stated": "?", "uncertain": "~", "none_of_these": "-", "not_coded": "uncoded"}


def told(response):
    """Cells as {(row, column, year): count}, with a sign for each that is no value."""
    assert response.status_code == 200, response.content
    return {
        (
            cell["row"] or WORDS[cell["row_kind"]],
            cell["column"] or WORDS[cell["column_kind"]],
            str(cell["year"] or WORDS[cell["year_kind"]]),
        ): cell["count"]
        for cell in response.json()["cells"]
    }


def rows(response):
    """Of a table with one breakdown: {row: count}, without the total."""
    return {row: count for (row, column, year), count in told(response).items() if row != "*"}


def people(*persons, **values):
    """A testimony of each."""
    with make.batch():
        return [make.make_testimony(person=make.make_person(**one), **values) for one in persons]


def test_without_a_breakdown_it_is_the_total(api):
    people({}, {}, {})
    found = api.get(URL).json()
    assert (found["count"], found["kind"], found["tier"]) == (3, "counted", "public")
    assert told(api.get(URL)) == {("*", "*", "*"): 3}


def test_one_breakdown(api):
    people({"gender": "male"}, {"gender": "male"}, {"gender": "not_known"})
    assert told(api.get(URL, {"by": "gender"})) == {
        ("*", "*", "*"): 3,
        ("male", "*", "*"): 2,
        ("not_known", "*", "*"): 1,
    }


def test_what_is_missing_has_a_cell_of_its_own(api):
    people({"nationality": "SY"}, {"nationality": None})
    found = api.get(URL, {"by": "nationality"})
    assert rows(found) == {"SY": 1, "?": 1}
    assert found.json()["by"] == [{"by": "nationality", "is_multiple": False, "n_stated": 1}]


def test_two_breakdowns_with_their_margins(api):
    people(*[{"gender": g, "nationality": n} for g, n in [("male", "SY"), ("male", "DE"), ("female", "SY")]])
    assert told(api.get(f"{URL}?by=gender&by=nationality")) == {
        ("*", "*", "*"): 3,
        ("male", "*", "*"): 2,
        ("female", "*", "*"): 1,
        ("*", "SY", "*"): 2,
        ("*", "DE", "*"): 1,
        ("male", "SY", "*"): 1,
        ("male", "DE", "*"): 1,
        ("female", "SY", "*"): 1,
    }


@pytest.mark.parametrize(
    ("given", "year"),
    [
        ("2014-09-25", "2014"),
        ("2014", "2014"),
        ("2014~", "2014"),
        ("2014/2015", "~"),
        ("201X", "~"),
        ("../2015", "~"),
        (None, "?"),
    ],
)
def test_a_date_that_spans_years_is_not_guessed(api, given, year):
    """About 2014 is of 2014, as the filters have it."""
    make.make_testimony(given=given)
    assert told(api.get(URL, {"over": "year"})) == {("*", "*", "*"): 1, ("*", "*", year): 1}
    assert rows(api.get(URL, {"by": "year_given"})) == {year: 1}


def test_over_the_year_in_which_the_person_left(api):
    with make.batch():
        for left in ("2014", "2015-03"):
            make.make_testimony(membership=make.make_membership(left=left), given="2016")
    found = api.get(URL, {"by": "gender", "over": "year_left"})
    assert {year for _, _, year in told(found)} == {"*", "2014", "2015"}
    assert [one["by"] for one in found.json()["over"]] == ["year_left"]
    assert found.json()["by"][0]["by"] == "gender"


@pytest.mark.parametrize(
    ("low", "high", "band"), [(27, 27, "20-29"), (20, 29, "20-29"), (27, 34, "~"), (None, None, "?")]
)
def test_age_in_bands_of_ten_years(api, low, high, band):
    """An age that reaches over two bands is counted in neither."""
    make.make_testimony(age_from=low, age_to=high)
    for caller in ("anonymous", "editor"):
        assert rows(api.as_(caller).get(URL, {"by": "age_band"})) == {band: 1}


def test_outlets_and_media_do_not_add_up(api):
    with make.batch():
        both = [make.make_source(outlet="NPR", medium="radio"), make.make_source(outlet="BBC", medium="radio")]
        make.make_testimony(sources=both)
        make.make_testimony(sources=both[:1])
        make.make_testimony(sources=[])
    found = api.get(URL, {"by": "outlet"})
    assert rows(found) == {"npr": 2, "bbc": 1, "?": 1}
    assert found.json()["by"] == [{"by": "outlet", "is_multiple": True, "n_stated": 2}]
    assert found.json()["count"] == 3
    assert rows(api.get(URL, {"by": "medium"})) == {"radio": 2, "?": 1}
    assert told(api.get(f"{URL}?by=outlet&by=medium"))["npr", "radio", "*"] == 2


def test_regions_may_overlap(api):
    make.make_region(slug="near", countries=["SY", "DE"])
    make.make_region(slug="far", countries=["DE"])
    people(*({"nationality": n} for n in ("SY", "DE", "US", None)))
    found = api.get(URL, {"by": "nationality_region"})
    assert rows(found) == {"near": 2, "far": 1, "-": 1, "?": 1}
    assert found.json()["by"][0] == {"by": "nationality_region", "is_multiple": True, "n_stated": 3}


@pytest.fixture
def codes(db):
    """Two dimensions with a code, which has a child, each."""
    with make.batch():
        book = make.make_codebook(slug="book")
        found = {}
        for dimension in ("joining", "leaving"):
            top = make.make_code(slug=dimension, codebook=book)
            found[dimension] = one = make.make_code(slug=f"{dimension}-one", parent=top)
            found[f"{dimension}-child"] = make.make_code(slug=f"{dimension}-child", parent=one)
            found[f"{dimension}-two"] = make.make_code(slug=f"{dimension}-two", parent=top)
    return found


def test_codes_count_with_their_children_and_not_coded_is_not_none(api, codes):
    with make.batch():
        make.make_testimony(codes=[codes["leaving-child"], codes["leaving"]])
        make.make_testimony(codes=[codes["leaving-two"], codes["leaving-child"]])
        make.make_testimony(codes=[codes["joining"]])
        make.make_testimony()
    found = api.get(URL, {"by": "code:leaving"})
    assert rows(found) == {"leaving-one": 2, "leaving-child": 2, "leaving-two": 1, "-": 1, "uncoded": 1}
    assert found.json()["by"] == [{"by": "code:leaving", "is_multiple": True, "n_stated": 3}]


def test_codes_that_occur_together(api, codes):
    with make.batch():
        make.make_testimony(codes=[codes["joining"], codes["leaving"]])
        make.make_testimony(codes=[codes["joining"], codes["leaving-two"]])
    found = told(api.get(f"{URL}?by=code:book/joining&by=code:book/leaving"))
    assert found["joining-one", "leaving-one", "*"] == 1
    assert found["joining-one", "leaving-two", "*"] == 1
    assert found["joining-one", "*", "*"] == 2


def test_a_code_above_the_tier_does_not_count(api, codes):
    with make.batch():
        hidden = make.make_code(slug="hidden", parent=codes["leaving"].parent, tier=Tier.RESTRICTED)
        make.make_testimony(codes=[hidden])
    assert rows(api.get(URL, {"by": "code:leaving"})) == {"uncoded": 1}
    assert rows(api.as_("editor").get(URL, {"by": "code:leaving"})) == {"hidden": 1}


def test_filters_narrow_it_and_are_named(api):
    people({"gender": "male", "nationality": "SY"}, {"gender": "female", "nationality": "SY"}, {"nationality": "DE"})
    found = api.get(f"{URL}?by=gender&nationality=SY&given_after=2014&match=certain")
    assert rows(found) == {"male": 1, "female": 1}
    assert found.json()["filters"] == [
        {"name": "nationality", "value": "SY"},
        {"name": "given_after", "value": "2014"},
        {"name": "match", "value": "certain"},
    ]


def test_every_population_is_named(api):
    with make.batch():
        one, other = make.make_collection(slug="one"), make.make_collection(slug="other")
        make.make_testimony(collections=[one])
        make.make_testimony(collections=[one, other])
        make.make_testimony()
    found = api.get(URL).json()["populations"]
    assert [(p["collection"], p["n_testimonies"]) for p in found] == [("one", 2), ("other", 1), ("", 1)]
    assert found[0]["title"] == one.title
    assert found[0]["population"] == one.population
    assert found[0]["caveats"] == one.caveats
    empty = make.make_collection(slug="empty")
    found = api.get(URL, {"collection": empty.slug}).json()
    assert (found["count"], [(p["collection"], p["n_testimonies"]) for p in found["populations"]]) == (
        0,
        [("empty", 0)],
    )


def test_it_counts_what_the_caller_could_list(api):
    with make.batch():
        for values in ({}, {"tier": Tier.PARTNER}, {"tier": Tier.RESTRICTED}, {"status": "draft"}, {"uses": ()}):
            make.make_testimony(collections=[make.make_collection()], **values)
    for caller in ("anonymous", "reader", "coder", "editor"):
        listed = api.as_(caller).get("/api/v1/testimonies/", {"count": "exact"}).json()["count"]
        assert api.as_(caller).get(URL).json()["count"] == listed
    assert listed == 5


def test_status_is_for_staff(api):
    with make.batch():
        make.make_testimony()
        make.make_testimony(status="draft")
    assert rows(api.as_("editor").get(URL, {"by": "status"})) == {"published": 1, "draft": 1}
    response = api.as_("reader").get(URL, {"by": "status"})
    assert errors(response) == [("by", "unknown_value")]
    assert "status" not in response.json()["errors"][0]["detail"].split()


def test_a_key_for_some_uses_counts_these(api):
    with make.batch():
        make.make_testimony(uses=["quote"])
        make.make_testimony(uses=["research"])
    key = make.make_key(role=Role.READER, uses=["quote"])[1]
    assert api.get(URL, headers={"Authorization": f"Bearer {key}"}).json()["count"] == 1


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("by=gendr", [("by", "unknown_value")]),
        ("by=", [("by", "unknown_value")]),
        ("by=tier", [("by", "unknown_value")]),
        ("by=gender&by=gender", [("by", "too_many_values")]),
        ("by=gender&by=group&by=language", [("by", "too_many_values")]),
        ("by=code:", [("by", "unknown_value")]),
        ("by=code:nothing", [("by", "unknown_value")]),
        ("by=code:leaving-one", [("by", "unknown_value")]),
        ("by=gen%00der", [("by", "invalid")]),
        ("over=month", [("over", "unknown_value")]),
        ("over=year&over=year", [("over", "unknown_value")]),
        ("by=year_given&over=year", [("over", "repeated")]),
        ("ordering=title", [("ordering", "unknown_parameter")]),
        ("q=ash&page_size=1", [("page_size", "unknown_parameter"), ("q", "unknown_parameter")]),
        ("natoinality=SY&by=x", [("natoinality", "unknown_parameter"), ("by", "unknown_value")]),
        ("collection=nothing", [("collection", "unknown_value")]),
    ],
)
def test_what_does_not_fit(api, codes, query, wrong):
    assert sorted(errors(api.get(f"{URL}?{query}"))) == sorted(wrong)


def test_a_dimension_of_two_codebooks_is_not_guessed(api, codes):
    make.make_code(slug="leaving", codebook=make.make_codebook(slug="another"))
    assert errors(api.get(URL, {"by": "code:leaving"})) == [("by", "ambiguous")]
    assert api.get(URL, {"by": "code:another/leaving"}).status_code == 200


def test_a_table_too_large_is_refused(api, monkeypatch):
    monkeypatch.setattr("testimonies.selectors.statistics.MOST_CELLS", 3)
    people(*({"nationality": n} for n in ("SY", "DE")))
    assert api.get(URL, {"by": "nationality"}).status_code == 200
    people({"nationality": "US"})
    assert errors(api.get(URL, {"by": "nationality"})) == [("by", "too_many_cells")]


def test_figures_stand_beside_with_their_own_population(api):
    with make.batch():
        book = make.make_codebook()
        ours = make.make_collection(slug="ours", codebook=book)
        theirs = make.make_collection(slug="theirs", codebook=book, population="58 people of a report")
        make.make_testimony(collections=[ours])
        stated = {
            "women": '{"gender": "female"}',
            "all": "{}",
            "syrians": '{"nationality": "SY"}',
            "ages": "",
        }
        for position, (slug, filter_) in enumerate(stated.items()):
            make.make_figure(collection=theirs, slug=slug, filter=filter_, position=position)
        make.make_figure(collection=make.make_collection(), slug="elsewhere", filter="{}")
        make.make_figure(collection=theirs, slug="hidden", filter="{}", tier=Tier.PARTNER)
    found = api.get(URL, {"by": "gender", "collection": "ours"}).json()
    assert [one["slug"] for one in found["figures"]] == ["women", "all"]
    assert {one["population"] for one in found["figures"]} == {"58 people of a report"}
    assert {one["collection_title"] for one in found["figures"]} == {theirs.title}
    assert [one["collection"] for one in found["populations"]] == ["ours"]
    assert found["count"] == 1


def test_figures_of_codes_stand_beside_their_dimension(api, codes):
    with make.batch():
        collection = make.make_collection()
        for slug, filter_ in {
            "leave": '{"code": "leaving-one"}', "any": '{"any_code": ["leaving-one", "leaving-child"]}',
            "number": '{"dimension": "leaving", "report_narrative": true}', "join": '{"code": "joining-one"}',
        }.items():  # fmt: skip
            make.make_figure(collection=collection, slug=slug, filter=filter_)
    found = api.get(URL, {"by": "code:leaving"}).json()["figures"]
    assert {one["slug"] for one in found} == {"leave", "any", "number"}


def test_what_has_not_changed_is_not_sent_again(api):
    people({})
    first = api.get(URL, {"by": "gender"})
    again = api.get(URL, {"by": "gender"}, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    people({})
    assert api.get(URL, {"by": "gender"}, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_all_counts_are_one_statement(api, codes):
    people({}, {})
    query = f"{URL}?by=code:book/leaving&by=nationality_region&over=year"
    api.get(query)
    with sent() as statements:
        assert api.get(query).status_code == 200
    assert len(statements) == 3, "who asks; collections and figures; the counts"
