"""Loading: what a line becomes, what a later load changes, and what it leaves to people."""

import datetime as dt
import sys

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from testimonies import models, projections
from testimonies.access import Actor, Role, Tier
from testimonies.errors import RejectedFile
from testimonies.services import erasure
from testimonies.services.loading.records import EDITED, EDITED_AND_WITHDRAWN, ERASED, WITHDRAWN
from tests.factories import make_clearance, make_code, make_source, make_user
from tests.services.folders import CODEBOOK, MANIFEST, changed, line

SECOND = {"outlet": "Invented Blog", "title": "Third", "url": None, "published_edtf": "2017", "medium": "blog", "relation": "original"}  # fmt: skip
CLEARANCE = {"basis": "informed", "status": "active", "uses": ["research"], "valid_from": "2020-01-15"}
WITHDRAWAL = {**CLEARANCE, "status": "withdrawn", "withdrawn_on": "2022-05-09"}


def record(key: str = "one", system: str = "made-up") -> models.Testimony:
    return models.Testimony.objects.get(external_ids__system=system, external_ids__value=key)


def numbers(report) -> tuple[int, int, int, int]:
    changes = report.kinds["testimonies"]
    return changes.created, changes.updated, changes.unchanged, changes.rejected


# --- What a line becomes --------------------------------------------------------------------------------------------


def test_a_record(load):
    assert numbers(load(line())) == (1, 0, 0, 0)
    testimony = record()
    person, membership = testimony.person, testimony.membership
    assert (testimony.status, testimony.tier, testimony.coding_status) == ("published", Tier.PUBLIC, "single_reader")
    assert (testimony.given_earliest, testimony.given_latest) == (dt.date(2016, 5, 1), dt.date(2016, 5, 31))
    assert (testimony.age_from, testimony.age_to, testimony.summary_language) == (31, 31, "en")
    assert (person.name, person.gender, person.residence_before) == ("Pseudonym Z-1", "female", None)
    assert list(person.other_names.values_list("value", "tier")) == [("Pseudonym Z-01", Tier.PUBLIC)]
    assert list(person.external_ids.values_list("system", "value")) == [("made-up", "one")]
    assert (membership.group.slug, membership.group.name, membership.group.tier) == (
        "invented-front",
        "Invented Front",
        Tier.PUBLIC,
    )
    assert (membership.belonging, membership.left_latest) == ("says_member", dt.date(2015, 12, 31))
    assert list(testimony.consensus_codes.values_list("code__slug", flat=True)) == ["leave-one"]
    evidence = models.Evidence.objects.filter(citation__testimony=testimony)
    assert sorted(evidence.values_list("field", flat=True)) == ["codes.leaving", "nationality"]


@pytest.mark.parametrize(
    ("alias", "kind", "name", "tier_of_other_name"),
    [
        ("Pseudonym", "outlet_pseudonym", "Pseudonym", Tier.PUBLIC),
        ("Umm Invented", "kunya", "Umm Invented", Tier.RESTRICTED),
        ("I. N.", "initials", "I. N.", Tier.RESTRICTED),
        ("unnamed", "given_name", "", Tier.RESTRICTED),
        ("unnamed (Invented Daily)", "kunya", "", Tier.RESTRICTED),
        ("unnamedness", "outlet_pseudonym", "unnamedness", Tier.PUBLIC),
    ],
)
def test_names(load, alias, kind, name, tier_of_other_name):
    load(changed(line(), person__alias=alias, person__name_kind=kind))
    assert record().person.name == name
    assert record().person.other_names.get().tier == tier_of_other_name


def test_a_person_without_a_name(load):
    load(line(person__alias=None, person__name_kind="none", person__other_aliases=[], person__gender=None))
    person = record().person
    assert (person.name, person.name_kind, person.gender) == ("", "none", "not_known")


def test_not_coded_is_not_the_same_as_no_code(load):
    load(line("absent", codes=...), line("empty", codes={"leaving": [], "use_risk": []}))
    assert record("absent").coding_status == "not_coded"
    assert record("empty").coding_status == "single_reader"


def test_claims(load):
    load(
        line(
            tier="partner",
            conflicts=[
                {"field": "person.age_at_testimony", "values": [{"value": 31, "source": 0}, {"value": 29.5, "source": None, "note": "a remark"}],
                 "resolution": "31 preferred: told twice"},
                {"field": "testimony.place_country", "values": [{"value": "TR", "source": 1}], "resolution": None},
                {"field": "codes.use_risk", "values": [{"value": "one", "source": 1}], "resolution": "unresolved"},
            ],
        )
    )  # fmt: skip
    rows = record().claims.order_by("position").values_list("field", "value", "is_preferred", "tier", "note")
    assert list(rows) == [
        ("age_from", "31", True, Tier.RESTRICTED, "31 preferred: told twice"),
        ("age_from", "29.5", False, Tier.RESTRICTED, "a remark; 31 preferred: told twice"),
        ("given_country", "TR", False, Tier.PARTNER, ""),
        ("codes.use-risk", "one", False, Tier.RESTRICTED, "unresolved"),
    ]


def test_a_translation_is_of_the_original_before_it(load):
    texts = [
        {"role": role, "language": language, "tier": "public", "body": body}
        for role, language, body in (
            ("translation", "en", "b"),
            ("original", "ar", "a"),
            ("original", "de", "c"),
            ("translation", "en", "d"),
        )
    ]
    load(line(texts=texts))
    rows = record().texts.order_by("position").values_list("body", "kind", "translation_of__body")
    assert list(rows) == [
        ("b", "translation", "a"),
        ("a", "transcript", None),
        ("c", "transcript", None),
        ("d", "translation", "c"),
    ]


def test_what_is_left_out_is_counted(load):
    sealed = {"legal_name": "x", "contact": "y"}
    real = changed(line(codings=[{"coder": "a"}, {}], invented=False), person__sealed=sealed)
    report = load(real, manifest={"basis_of_use": "public_source_no_contact"})
    assert (report.n_sealed, report.n_codings) == (2, 2)
    assert report.lines()[-2:] == ["sealed fields left out: 2", "codings left out: 2"]


@pytest.mark.parametrize(
    ("manifest", "status", "uses"),
    [
        ({}, "published", [["research"]]),
        ({"reviewed_by": ["one role"]}, "draft", [["research"]]),
        ({"reviewed_by": ...}, "draft", [["research"]]),
        ({"permitted_uses": ...}, "draft", []),
        ({"permitted_uses": ["test"]}, "draft", []),
        ({"basis_of_use": ...}, "draft", []),
        ({"basis_of_use": ..., "permitted_uses": ..., "reviewed_by": ...}, "draft", []),
    ],
)
def test_who_says_on_what_basis_publishes(load, manifest, status, uses):
    """A use for software tests is for invented records only."""
    load(line(invented=False), manifest={"basis_of_use": "court_record", **manifest})
    assert record().status == status
    assert list(models.Clearance.objects.values_list("uses", flat=True)) == uses
    assert (record().published_at is not None) == (status == "published")


def test_a_manifest_that_is_completed_publishes(load):
    load(line(), manifest={"reviewed_by": ["one role, another role"]})
    assert record().status == "draft"
    assert numbers(load(line())) == (0, 1, 0, 0)
    assert record().status == "published"


def test_the_line_s_own_clearance_comes_first(load):
    load(line(clearance={**CLEARANCE, "valid_until": "2021-02-28"}, embargo_until="2030-01-01"))
    clearance = record().clearances.get()
    assert (clearance.basis, clearance.uses) == ("informed", ["research"])
    assert (clearance.starts_at, clearance.ends_at) == (
        dt.datetime(2020, 1, 15, tzinfo=dt.UTC),
        dt.datetime(2021, 3, 1, tzinfo=dt.UTC),
    )
    assert record().embargo_until == dt.datetime(2030, 1, 1, tzinfo=dt.UTC)


def test_a_key_belongs_to_its_collection(load):
    load(line())
    load(line(), manifest={"slug": "other"})
    assert record(system="made-up") != record(system="other")
    assert models.Person.objects.count() == 2


def test_a_dry_run_stores_nothing(load):
    assert numbers(load(line(), dry_run=True)) == (1, 0, 0, 0)
    assert not models.Testimony.objects.exists()
    assert not models.StaleMark.objects.exists()


# --- A later load ---------------------------------------------------------------------------------------------------


def versions() -> list[tuple]:
    tables = (models.Testimony, models.Person, models.Membership, models.Citation, models.Clearance, models.Source)
    return [row for model in tables for row in model.objects.order_by("pk").values_list("pk", "version")]


def test_the_same_line_again(load):
    load(line())
    before = versions()
    assert numbers(load(line())) == (0, 0, 1, 0)
    assert versions() == before


def test_a_changed_line_changes_what_differs(load):
    load(line(), line("two"))
    before = dict(versions())
    report = load(line(testimony__summary="Invented. Otherwise.", codes__leaving=["leave-two"]), line("two"))
    assert numbers(report) == (0, 1, 1, 0)
    after = dict(versions())
    assert {pk for pk in after if after[pk] != before[pk]} == {record().pk}
    assert list(record().consensus_codes.values_list("code__slug", flat=True)) == ["leave-two"]


def test_what_a_newer_line_no_longer_has_is_removed(load):
    load(
        line(
            texts=[{"role": "original", "language": "en", "tier": "public", "body": "x"}],
            conflicts=[{"field": "person.left_edtf", "values": [{"value": "2015", "source": 1}], "resolution": None}],
        )
    )
    bare = line(sources=[SECOND], evidence=[], codes=..., person__other_aliases=[], person__joined_edtf=None)
    assert numbers(load(bare)) == (0, 1, 0, 0)
    testimony = record()
    assert [citation.source.outlet for citation in testimony.citations.all()] == ["Invented Blog"]
    for rows in (testimony.texts, testimony.claims, testimony.consensus_codes, testimony.person.other_names):
        assert not rows.exists()
    assert (testimony.membership.joined, testimony.membership.joined_earliest) == (None, None)
    assert testimony.coding_status == "not_coded"


def test_the_projection_follows(load):
    load(line(conflicts=[], codes__leaving=["leave-one"]))
    load(line(tier="restricted"))
    assert not models.PublicTestimony.objects.exists()
    assert models.RestrictedTestimony.objects.filter(tier=Tier.RESTRICTED).exists()


def test_a_record_that_is_no_longer_in_the_file_stays(load):
    load(line(), line("two"))
    report = load(line())
    assert report.n_gone == 1
    assert record("two").status == "published"


def test_a_person_outlives_the_testimony(load):
    """Who deletes a testimony and loads it again finds the person again, with what was written about them since."""
    load(line())
    person = record().person
    with projections.refreshed():
        record().delete()
        models.Person.objects.filter(pk=person.pk).update(origin_stated="by hand")
    assert numbers(load(line())) == (1, 0, 0, 0)
    assert record().person == person
    assert record().person.origin_stated == "by hand"


def test_a_published_codebook_is_frozen(load):
    load(line())
    other = changed(CODEBOOK, codes__1__label="other")
    with pytest.raises(RejectedFile) as caught:
        load(line(), files={"codebook_tiny.json": other})
    assert caught.value.problems == [
        "codebook_tiny.json: codebook: differs from what is stored; what is published is frozen: give it a new version"
    ]
    newer = changed(other, codebook__version="2")
    report = load(line(), manifest={"codebook": "tiny@2"}, files={"codebook_tiny.json": newer})
    assert report.kinds["codebooks"].created == 1
    assert [str(row.code.codebook) for row in record().consensus_codes.all()] == ["tiny@2"]


def test_a_codebook_that_is_stored_need_not_be_in_the_folder(load, tmp_path):
    load(line())
    (tmp_path / "folder/codebook_tiny.json").unlink()
    other = changed(CODEBOOK, codebook__slug="tiny-two")
    report = load(line("two"), files={"codebook_tiny.json": other})
    assert report.kinds["codebooks"].unchanged == 1


def test_figures_follow_their_file(load):
    def figure(slug: str, **values) -> dict:
        source = {"title": "Invented", "publisher": "Invented", "date": None, "section": "p. 1", "access": "a drawer"}
        return {
            "id": slug, "scope": "cases", "quote_free": "Invented.", "status": "given", "metric": "count", "operator": "eq",
            "value": 1.0, "sources": [source, {**source, "access": "https://example.org/f (a copy)"}], **values,
        }  # fmt: skip

    def load_figures(*figures):
        return load(files={"f.json": {"figures": list(figures)}}, manifest={"files": ["f.json"]}).kinds["figures"]

    assert load_figures(figure("one"), figure("two", filter={"a": [1]}, range=[0, 1.5])).created == 2
    one, two = models.Figure.objects.order_by("slug")
    assert (one.value, one.filter, two.filter, two.range_high) == ("1", "", '{"a":[1]}', 1.5)
    assert sorted(str(row.source.url) for row in one.figure_sources.all()) == ["", "https://example.org/f"]
    changes = load_figures(figure("one", value="2014/2015"))
    assert (changes.updated, changes.created) == (1, 0)
    assert list(models.Figure.objects.values_list("slug", "value")) == [("one", "2014/2015")]


# --- What people did since ------------------------------------------------------------------------------------------


def edit_summary(testimony):
    models.Testimony.objects.filter(pk=testimony.pk).update(summary="by hand")


def edit_person(testimony):
    models.Person.objects.filter(pk=testimony.person_id).update(nationality="DE")


def edit_membership(testimony):
    models.Membership.objects.filter(pk=testimony.membership_id).update(role_in_group="other")


def remove_citation(testimony):
    testimony.citations.order_by("position").last().delete()


def remove_name(testimony):
    testimony.person.other_names.all().delete()


def add_code(testimony):
    models.ConsensusCode.objects.create(testimony=testimony, code=make_code())


def add_clearance(testimony):
    make_clearance(testimony=testimony, uses=["media"])


def grade(testimony):
    models.Testimony.objects.filter(pk=testimony.pk).update(credibility="2")


EDITS = [edit_summary, edit_person, edit_membership, remove_citation, remove_name, add_code, add_clearance, grade]


@pytest.mark.parametrize("edit", EDITS)
def test_what_people_changed_is_not_overwritten(load, edit):
    load(line())
    with projections.refreshed():
        edit(record())
    before = versions()
    assert numbers(load(line())) == (0, 0, 1, 0)  # the line says nothing new
    report = load(line("two"), line(testimony__title="Newer"))
    assert numbers(report) == (1, 0, 0, 1)
    assert report.rejected == [f"made_up.jsonl:2: {EDITED}"]
    assert set(before) <= set(versions())

    assert numbers(load(line("two"), line(testimony__title="Newer"), overwrite=True)) == (0, 1, 1, 0)
    testimony = record()
    assert (testimony.title, testimony.summary) == ("Newer", "Invented. Nobody said this.")
    assert (testimony.person.nationality, testimony.membership.role_in_group) == ("TN", "support")
    assert testimony.citations.count() == 2
    assert (
        testimony.person.other_names.count() == testimony.clearances.count() == testimony.consensus_codes.count() == 1
    )
    assert numbers(load(line(testimony__title="Newest"))) == (0, 1, 0, 0)


def test_a_grade_is_no_business_of_the_file(load):
    load(line())
    with projections.refreshed():
        grade(record())
    load(line(testimony__title="Newer"), overwrite=True)
    assert (record().title, record().credibility) == ("Newer", "2")


def test_an_edit_that_was_taken_back_is_none(load):
    load(line())
    for summary in ("by hand", line()["testimony"]["summary"]):
        with projections.refreshed():
            models.Testimony.objects.filter(pk=record().pk).update(summary=summary)
    assert numbers(load(line(testimony__title="Newer"))) == (0, 1, 0, 0)


def test_an_id_that_people_gave_is_not_taken_for_a_load(load):
    load(line("other"))
    testimony = record("other")
    with projections.refreshed():
        models.TestimonyExternalId.objects.create(testimony=testimony, system="made-up", value="one")
    report = load(line())
    assert report.rejected == [f"made_up.jsonl:1: {EDITED}"]
    assert report.n_gone == 1


def test_a_withdrawal_is_never_undone(load):
    load(line())
    with projections.refreshed():
        models.Testimony.objects.filter(pk=record().pk).update(status="withdrawn")
    for overwrite in (False, True):
        assert load(line(testimony__title="Newer"), overwrite=overwrite).rejected == [f"made_up.jsonl:1: {WITHDRAWN}"]
    assert (record().status, record().title) == ("withdrawn", "Invented: one")


def test_an_erasure_is_never_undone(load, now):
    load(line())
    by = Actor(role=Role.CUSTODIAN, tier=Tier.RESTRICTED, now=now, user_id=make_user(role=Role.CUSTODIAN).pk)
    erasure.erase(record().pk, by=by, version=None)
    for overwrite in (False, True):
        assert load(line(), overwrite=overwrite).rejected == [f"made_up.jsonl:1: {ERASED}"]
    assert not models.Testimony.objects.exists()
    assert load(line("another")).rejected == []


def test_nor_is_that_of_a_clearance(load):
    load(line())
    with projections.refreshed():
        models.Clearance.objects.update(withdrawn_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    assert load(line(testimony__title="Newer"), overwrite=True).rejected == [f"made_up.jsonl:1: {WITHDRAWN}"]
    assert models.Clearance.objects.get().withdrawn_at is not None


def test_a_withdrawal_in_the_file_does_not_wait(load):
    load(line(clearance=CLEARANCE))
    with projections.refreshed():
        edit_summary(record())
    report = load(line(clearance=WITHDRAWAL))
    assert report.rejected == [f"made_up.jsonl:1: {EDITED_AND_WITHDRAWN}"]
    assert (record().status, record().summary) == ("withdrawn", "by hand")
    assert not models.PublicTestimony.objects.exists()


def test_a_withdrawal_in_the_file(load):
    load(line(clearance=CLEARANCE))
    assert numbers(load(line(clearance=WITHDRAWAL))) == (0, 1, 0, 0)
    assert record().status == "withdrawn"
    assert record().clearances.get().withdrawn_at == dt.datetime(2022, 5, 9, tzinfo=dt.UTC)


def test_overwriting_publishes_nothing_that_people_took_back(load):
    load(line())
    with projections.refreshed():
        models.Testimony.objects.filter(pk=record().pk).update(status="draft")
    load(line(testimony__title="Newer"), overwrite=True)
    assert (record().status, record().title) == ("draft", "Newer")


# --- Sources --------------------------------------------------------------------------------------------------------


def cite(**values) -> dict:
    return {**SECOND, **values}


def outlets() -> list[tuple]:
    return sorted(models.Source.objects.values_list("outlet", "url", "medium"))


@pytest.mark.parametrize(
    ("one", "two", "found"),
    [
        # the same address, whatever else is said
        (cite(url="https://example.org/a"), cite(url="https://example.org/a", outlet="Else"), [("Invented Blog", "https://example.org/a", "blog")]),
        # no address: outlet, title and date together
        (cite(), cite(), [("Invented Blog", "", "blog")]),
        (cite(), cite(published_edtf="2018"), [("Invented Blog", "", "blog"), ("Invented Blog", "", "blog")]),
        (cite(), cite(title=None), [("Invented Blog", "", "blog"), ("Invented Blog", "", "blog")]),
        # an address that one line holds back does not come in by the other
        (cite(url="https://example.org/a"), cite(), [("Invented Blog", "", "blog"), ("Invented Blog", "https://example.org/a", "blog")]),
        (cite(), cite(url="https://example.org/a"), [("Invented Blog", "", "blog"), ("Invented Blog", "https://example.org/a", "blog")]),
        # two addresses are two sources
        (cite(url="https://example.org/a"), cite(url="https://example.org/b"),
         [("Invented Blog", "https://example.org/a", "blog"), ("Invented Blog", "https://example.org/b", "blog")]),
        # what one line does not know, another may
        (cite(medium=None), cite(), [("Invented Blog", "", "blog")]),
        (cite(), cite(medium="radio"), [("Invented Blog", "", "blog")]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("together", [True, False])
def test_sources_are_found_again(load, one, two, found, together):
    first, second = line("one", sources=[one], evidence=[]), line("two", sources=[two], evidence=[])
    if not together:
        load(first)
    load(first, second)
    assert outlets() == found


def test_one_publication_cited_twice_is_one_citation(load):
    load(line(sources=[cite(), cite()], evidence=[
        {"fields": ["nationality"], "source": 0, "basis": "stated"}, {"fields": ["nationality", "gender"], "source": 1, "basis": "derived"},
    ]))  # fmt: skip
    citation = record().citations.get()
    assert sorted(citation.evidence.values_list("field", "basis")) == [("gender", "derived"), ("nationality", "stated")]


def test_a_source_that_people_wrote_keeps_what_it_has(load):
    make_source(outlet="By hand", title="By hand", url="https://example.org/first", medium="television")
    load(line())
    source = models.Source.objects.get(url="https://example.org/first")
    assert (source.outlet, source.title, source.medium) == ("By hand", "By hand", "television")


# --- Possibly the same person ---------------------------------------------------------------------------------------


def links() -> list[tuple]:
    rows = models.SamePersonLink.objects.values_list(
        "person__external_ids__value", "other__external_ids__value", "awaits"
    )
    return sorted(rows, key=str)


def test_a_link_waits_for_a_later_load(load):
    assert load(line(possible_same_person_as=["two"])).n_waiting == 1
    assert links() == [("one", None, "made-up: two")]
    assert load(line(possible_same_person_as=["two"]), line("two")).n_waiting == 0
    assert links() == [("one", "two", "")]
    assert models.Person.objects.count() == 2, "nothing merges by itself"


def test_a_link_to_another_collection(load):
    load(line(possible_same_person_as=["other: two"]))
    load(line("two"))
    assert links() == [("one", None, "other: two")]
    load(line("two"), manifest={"slug": "other"})
    assert links() == [("one", "two", "")]


def test_two_lines_that_name_each_other_ask_once(load):
    load(line(possible_same_person_as=["two"]), line("two", possible_same_person_as=["one"]))
    assert len(links()) == 1


def test_what_a_human_decided_stays(load):
    load(line(possible_same_person_as=["two"]), line("two"))
    models.SamePersonLink.objects.update(status="rejected", note="by hand")
    load(line(possible_same_person_as=["two"], testimony__title="Newer"), line("two", possible_same_person_as=["one"]))
    assert list(models.SamePersonLink.objects.values_list("status", "note")) == [("rejected", "by hand")]


def test_a_question_that_waits_and_is_no_longer_asked_is_dropped(load):
    load(line(possible_same_person_as=["two", "three"]))
    load(line(possible_same_person_as=["three"]))
    assert links() == [("one", None, "made-up: three")]


# --- Cases ----------------------------------------------------------------------------------------------------------


def test_cases_of_another_collection(load):
    load(manifest={"slug": "icsr2015"})
    load(line("yes", in_icsr_2015=True), line("no", in_icsr_2015=False), line("unknown"))
    rows = models.CaseLink.objects.values_list("testimony__external_ids__value", "collection__slug", "is_case")
    assert sorted(rows) == [("no", "icsr2015", False), ("yes", "icsr2015", True)]
    load(line("yes", in_icsr_2015=None), line("no", in_icsr_2015=True), line("unknown"))
    assert list(rows.all()) == [("no", "icsr2015", True)]


def test_many_lines_are_stored_in_batches(load, monkeypatch):
    from testimonies.services import collections
    from testimonies.services.loading import records

    monkeypatch.setattr(records, "BATCH", 2)
    # more stale testimonies than this at once would be hidden until the commit
    monkeypatch.setattr(sys.modules["testimonies.projections.refresh"], "MANY", 3)
    seen = []
    load_ = collections.load
    monkeypatch.setattr(
        collections, "load", lambda **options: load_(**options, progress=lambda done, total: seen.append((done, total)))
    )
    lines = [
        line(
            str(n),
            sources=[cite(url=f"https://example.org/{n % 4}")],
            evidence=[],
            possible_same_person_as=[str((n + 1) % 5)],
        )
        for n in range(5)
    ]
    assert numbers(load(*lines)) == (5, 0, 0, 0)
    assert seen == [(2, 5), (4, 5), (5, 5)]
    assert models.Source.objects.count() == 4
    assert len(links()) == 5
    assert models.RestrictedTestimony.objects.values("testimony_id").distinct().count() == 5


def test_more_lines_cost_no_more_statements(load):
    """Rows of one kind are stored together: the packaged collections load in about a second, and so would a thousand lines."""

    def statements(n_lines: int) -> int:
        lines = [
            line(f"{n_lines}-{n}", sources=[cite(url=f"https://example.org/{n_lines}-{n}")]) for n in range(n_lines)
        ]
        lines = [changed(item, evidence=[]) for item in lines]
        with CaptureQueriesContext(connection) as queries:
            load(*lines)
        return len(queries)

    statements(2)  # a source of the same outlet and title is known then
    assert statements(1) == statements(40)


def test_the_manifest_entry_is_what_the_collection_says(load):
    load(line())
    collection = models.Collection.objects.get()
    assert (collection.slug, collection.is_invented, collection.tier) == ("made-up", True, Tier.PUBLIC)
    assert collection.caveats == MANIFEST["caveats"]
    assert str(collection.codebook) == "tiny@1"
    load(line(), manifest={"title": "Newer", "tier": "per record (all)"})
    assert models.Collection.objects.get().title == "Newer"
