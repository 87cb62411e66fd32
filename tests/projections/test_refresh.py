"""What a change reaches: every document that embeds what was changed says the new, and no row is left behind."""

import importlib
import json
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.utils import timezone

from testimonies import projections
from testimonies.access import Tier
from testimonies.models import Citation, Claim, Clearance, ConsensusCode, Membership, Person, Text
from testimonies.models.projections import ROWS, SharedDocument, TextDocument
from testimonies.projections import verify
from testimonies.projections.documents import whole
from tests import factories

refreshing = importlib.import_module("testimonies.projections.refresh")


def detail(row, tier=Tier.PUBLIC):
    """The detail of a testimony as a tier sees it; None when it does not."""
    found = ROWS[tier].objects.filter(testimony_id=row.pk, during__contains=timezone.now()).first()
    return json.loads(whole(found.item, found.extra, "")) if found else None


def document(noun, row, tier=Tier.PUBLIC):
    found = SharedDocument.objects.filter(noun=noun, record_id=row.pk, tier=tier).first()
    return json.loads(found.document) if found else None


def change(row, **values):
    type(row).objects.filter(pk=row.pk).update(**values)


def hide_dimension(w):
    """In a transaction of its own: what follows starts from rows that hide it."""
    with projections.refreshed():
        change(w.dimension, tier=Tier.PARTNER)


def make_hidden_dimension(w):
    projections.refresh()
    factories.make_code(codebook=w.codebook, slug="missing", tier=Tier.RESTRICTED)


REACHES = {
    "person renamed": (
        lambda w: change(w.person, name="Invented Anew"),
        lambda w: (detail(w.testimony)["person"]["name"], document("person", w.person)["name"]),
        ("Invented Anew", "Invented Anew"),
    ),
    "group slug": (
        lambda w: change(w.group, slug="invented-anew"),
        lambda w: (
            detail(w.testimony)["group"],
            document("person", w.person, Tier.RESTRICTED)["memberships"][0]["group"],
            document("group", w.group)["slug"],
        ),
        ("invented-anew", "invented-anew", "invented-anew"),
    ),
    "group hidden": (
        lambda w: change(w.group, tier=Tier.PARTNER),
        lambda w: (detail(w.testimony)["group"], detail(w.testimony, Tier.PARTNER)["group"], document("group", w.group)),
        (None, "invented-group", None),
    ),
    "code slug": (
        lambda w: change(w.code, slug="leave-anew"),
        lambda w: (detail(w.testimony)["codes"][0]["slug"], document("code", w.code)["slug"]),
        ("leave-anew", "leave-anew"),
    ),
    "dimension slug": (
        lambda w: change(w.dimension, slug="leaving-anew"),
        lambda w: document("code", w.code)["parent"],
        "leaving-anew",
    ),
    "dimension hidden": (
        lambda w: change(w.dimension, tier=Tier.PARTNER),
        lambda w: [
            (found["parent"], found["dimension"], detail(w.testimony, tier)["codes"][0]["dimension"])
            for tier in (Tier.PUBLIC, Tier.PARTNER)
            for found in [document("code", w.code, tier)]
        ],
        [(None, "", ""), ("leaving", "leaving", "leaving")],
    ),
    "hidden dimension renamed: it stays hidden": (
        lambda w: (hide_dimension(w), change(w.dimension, slug="secret")),
        lambda w: (document("code", w.code)["dimension"], detail(w.testimony)["codes"][0]["dimension"]),
        ("", ""),
    ),
    "hidden dimension moved below another": (
        lambda w: (hide_dimension(w), change(w.dimension, parent=w.lone_code, level=2)),
        lambda w: (document("code", w.code)["dimension"], detail(w.testimony)["codes"][0]["dimension"]),
        ("", ""),
    ),
    "dimension that was missing": (
        lambda w: (change(w.code, dimension="missing"), make_hidden_dimension(w)),
        lambda w: (document("code", w.code)["dimension"], detail(w.testimony)["codes"][0]["dimension"]),
        ("", ""),
    ),
    "collection closed": (
        lambda w: change(w.collection, listing="closed"),
        lambda w: [set(ROWS[tier].objects.filter(testimony_id=w.testimony.pk).values_list("is_listed", flat=True)) for tier in Tier],
        [{False}, {False}, {True}],
    ),
    "codebook edition": (
        lambda w: change(w.codebook, edition="2"),
        lambda w: (
            detail(w.testimony)["codes"][0]["version"],
            document("code", w.code)["version"],
            document("collection", w.collection)["codebook"],
        ),
        ("2", "2", "invented-codebook@2"),
    ),
    "codebook hidden": (
        lambda w: change(w.codebook, tier=Tier.PARTNER),
        lambda w: (
            detail(w.testimony)["codes"],
            document("code", w.code),
            document("collection", w.collection)["codebook"],
            document("collection", w.collection, Tier.PARTNER)["codebook"],
        ),
        ([], None, None, "invented-codebook@1"),
    ),
    "other name becomes one that an outlet chose": (
        lambda w: change(w.other_name, kind="outlet_pseudonym", tier=Tier.PARTNER),
        lambda w: [[name["value"] for name in document("person", w.person, tier)["other_names"]] for tier in Tier],
        [[], ["Invented Uno"], ["Invented Uno"]],
    ),
    "other name of the group's": (
        lambda w: change(w.other_name, value="Abu Invented"),
        lambda w: [[name["value"] for name in document("person", w.person, tier)["other_names"]] for tier in Tier],
        [[], [], ["Abu Invented"]],
    ),
    "names in other systems": (
        lambda w: (change(w.person_id, value="p-9"), change(w.source_id, value="s-9"), change(w.testimony_id, value="t-9")),
        lambda w: [
            [item["value"] for item in found["external_ids"]]
            for tier in (Tier.PARTNER, Tier.RESTRICTED)
            for found in (document("person", w.person, tier), document("source", w.source, tier), detail(w.testimony, tier))
        ],
        [[], [], [], ["p-9"], ["s-9"], ["t-9"]],
    ),
    "collection caveats": (
        lambda w: change(w.collection, caveats=["Invented. Still."]),
        lambda w: (detail(w.testimony)["caveats"], document("collection", w.collection)["caveats"]),
        (["Invented. Still."], ["Invented. Still."]),
    ),
    "collection slug": (
        lambda w: change(w.collection, slug="anew"),
        lambda w: (detail(w.testimony)["collections"], detail(w.testimony)["cases"], document("figure", w.figure)["collection"]),
        (["anew"], [{"collection": "anew", "is_case": True}], "anew"),
    ),
    "collection hidden": (
        lambda w: change(w.collection, tier=Tier.PARTNER),
        lambda w: (detail(w.testimony)["collections"], document("figure", w.figure), document("figure", w.figure, Tier.PARTNER)["slug"] == w.figure.slug),
        ([], None, True),
    ),
    "source retitled": (
        lambda w: change(w.source, title="Anew"),
        lambda w: (
            detail(w.testimony)["citations"][0]["source"]["title"],
            detail(w.neighbour)["citations"][0]["source"]["title"],
            document("figure", w.figure)["sources"][0]["source"]["title"],
            document("source", w.source)["title"],
        ),
        ("Anew", "Anew", "Anew", "Anew"),
    ),
    "source hidden": (
        lambda w: change(w.source, tier=Tier.RESTRICTED),
        lambda w: (
            detail(w.testimony)["citations"],
            detail(w.testimony)["outlets"],
            detail(w.testimony)["claims"][0]["source_id"],
            document("figure", w.figure)["sources"],
            document("source", w.source),
            len(detail(w.testimony, Tier.RESTRICTED)["citations"]),
        ),
        ([], [], None, [], None, 1),
    ),
    "one testimony restricted: its source is hidden for all who cite it": (
        lambda w: change(w.testimony, tier=Tier.RESTRICTED),
        lambda w: (
            detail(w.testimony),
            detail(w.neighbour, Tier.PARTNER)["citations"],
            document("source", w.source, Tier.PARTNER),
            document("figure", w.figure, Tier.PARTNER)["sources"],
            len(detail(w.neighbour, Tier.RESTRICTED)["citations"]),
        ),
        (None, [], None, [], 1),
    ),
    "one testimony partner": (
        lambda w: change(w.testimony, tier=Tier.PARTNER),
        lambda w: (detail(w.neighbour)["citations"], len(detail(w.neighbour, Tier.PARTNER)["citations"]), document("source", w.source)),
        ([], 1, None),
    ),
    "person restricted: the source of their testimony is hidden for all who cite it": (
        lambda w: change(w.person, tier=Tier.RESTRICTED),
        lambda w: (
            detail(w.testimony, Tier.PARTNER),
            document("person", w.person, Tier.PARTNER),
            detail(w.neighbour, Tier.PARTNER)["citations"],
            document("source", w.source, Tier.PARTNER),
        ),
        (None, None, [], None),
    ),
    "person exchanged for a restricted one": (
        lambda w: change(w.testimony, membership=None, person=factories.make_person(tier=Tier.RESTRICTED)),
        lambda w: (detail(w.testimony), detail(w.neighbour)["citations"], document("source", w.source)),
        (None, [], None),
    ),
    "person exchanged": (
        lambda w: change(w.testimony, membership=None, person=w.lone_person),
        lambda w: (detail(w.testimony)["person"]["name"], detail(w.testimony)["group"], detail(w.testimony)["membership"]),
        ("Invented Alone", None, "not_known"),
    ),
    "citation moved to another testimony": (
        lambda w: change(w.citation, testimony=w.far),
        lambda w: (len(detail(w.testimony)["citations"]), len(detail(w.far)["citations"])),
        (0, 2),
    ),
    "citation moved to a source that a restricted testimony cites": (
        lambda w: change(
            w.citation, source=factories.make_testimony(tier=Tier.RESTRICTED).citations.get().source
        ),
        lambda w: (detail(w.testimony)["citations"], len(detail(w.testimony, Tier.RESTRICTED)["citations"])),
        ([], 1),
    ),
    "citation of a restricted testimony removed: the source is seen again": (
        lambda w: (
            change(w.testimony, tier=Tier.RESTRICTED),
            Citation.objects.filter(pk=w.citation.pk).delete(),
            Claim.objects.filter(pk=w.claim.pk).delete(),
        ),
        lambda w: (len(detail(w.neighbour)["citations"]), document("source", w.source)["title"]),
        (1, "Invented article"),
    ),
    "a claim of a restricted testimony rests on the source: it stays hidden": (
        lambda w: (change(w.testimony, tier=Tier.RESTRICTED), Citation.objects.filter(pk=w.citation.pk).delete()),
        lambda w: (detail(w.neighbour)["citations"], document("source", w.source)),
        ([], None),
    ),
    "a claim of a restricted testimony moved to another source": (
        lambda w: (
            change(w.testimony, tier=Tier.RESTRICTED),
            Citation.objects.filter(pk=w.citation.pk).delete(),
            change(w.claim, source=w.lone_source),
        ),
        lambda w: (len(detail(w.neighbour)["citations"]), document("source", w.lone_source)),
        (1, None),
    ),
    "claim moved": (
        lambda w: Claim.objects.filter(pk=w.claim.pk).update(testimony=w.far, value="2011"),
        lambda w: (detail(w.testimony)["claims"], detail(w.far)["claims"][0]["value"]),
        ([], "2011"),
    ),
    "claim's source exchanged": (
        lambda w: change(w.claim, source=w.lone_source),
        lambda w: [detail(w.testimony, tier)["claims"][0]["source_id"] == str(w.lone_source.pk) for tier in Tier],
        [False, False, True],  # the testimony does not cite it
    ),
    "text moved": (
        lambda w: change(w.text, testimony=w.far),
        lambda w: (
            TextDocument.objects.filter(testimony_id=w.testimony.pk).count(),
            TextDocument.objects.filter(testimony_id=w.far.pk).count(),
        ),
        (0, 2),
    ),
    "text changed": (
        lambda w: change(w.text, body="Anew."),
        lambda w: json.loads(TextDocument.objects.get(text_id=w.text.pk).document)["body"],
        "Anew.",
    ),
    "the original of a translation deleted": (
        lambda w: (
            setattr(w, "translation", factories.make_text(testimony=w.testimony, kind="translation", translation_of=w.text)),
            w.sql("DELETE FROM testimonies_text WHERE id = {text}"),
        ),
        lambda w: json.loads(TextDocument.objects.get(text_id=w.translation.pk).document)["translation_of"],
        None,
    ),
    "membership deleted": (
        lambda w: w.sql("DELETE FROM testimonies_membership WHERE id = {membership}"),
        lambda w: (detail(w.testimony)["group"], document("person", w.person, Tier.RESTRICTED)["memberships"]),
        (None, []),
    ),
    "membership left out": (
        lambda w: change(w.testimony, membership=None),
        lambda w: (detail(w.testimony)["group"], detail(w.testimony)["claims"]),
        (None, []),  # the claim is about the day of leaving, which no membership is there to show
    ),
    "membership added": (
        lambda w: change(w.lone_testimony, membership=factories.make_membership(person=w.lone_testimony.person, group=w.group)),
        lambda w: (detail(w.lone_testimony, Tier.RESTRICTED)["group"], detail(w.lone_testimony)),
        ("invented-group", None),  # it has no clearance
    ),
    "code taken away": (
        lambda w: ConsensusCode.objects.filter(pk=w.consensus.pk).delete(),
        lambda w: detail(w.testimony)["codes"],
        [],
    ),
    "clearance withdrawn": (
        lambda w: Clearance.objects.filter(pk=w.clearance.pk).update(withdrawn_at=datetime(2020, 1, 1, tzinfo=UTC)),
        lambda w: (detail(w.testimony), detail(w.testimony, Tier.PARTNER), detail(w.testimony, Tier.RESTRICTED)["cleared_for"]),
        (None, None, []),
    ),
    "back to draft": (
        lambda w: change(w.testimony, status="draft"),
        lambda w: (detail(w.testimony), detail(w.testimony, Tier.RESTRICTED)["status"]),
        (None, "draft"),
    ),
    "figure's source exchanged": (
        lambda w: change(w.figure_source, source=w.lone_source),
        lambda w: document("figure", w.figure)["sources"][0]["source"]["id"] == str(w.lone_source.pk),
        True,
    ),
    "evidence moved": (
        lambda w: change(w.evidence, citation=w.lone_citation),
        lambda w: [detail(row, Tier.RESTRICTED)["citations"][0]["supports"] for row in (w.testimony, w.neighbour)],
        [[], ["nationality"]],
    ),
    "raised": (
        lambda w: change(w.testimony, raised={"given": 1, "left": 2}),
        lambda w: [
            (detail(w.testimony, tier)["given"], detail(w.testimony, tier)["left"], len(detail(w.testimony, tier)["claims"]))
            for tier in Tier
        ],
        [(None, None, 0), ("2016-05-04", None, 0), ("2016-05-04", "2015", 1)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REACHES)
def test_a_change_reaches_every_document_that_embeds_it(world, name):
    write, read, says = REACHES[name]
    with projections.refreshed():
        write(world)
    assert read(world) == says
    assert list(verify.differences()) == []


def stored(row):
    """How many rows of it hold at some time."""
    rows = {tier.label: ROWS[tier].objects.filter(testimony_id=row.pk) for tier in Tier}
    return {label: rows.filter(during__isempty=False).count() for label, rows in rows.items()}


def test_a_deleted_testimony_leaves_nothing(world):
    key = world.testimony.pk
    with projections.refreshed():
        world.testimony.delete()
    world.testimony.pk = key
    assert stored(world.testimony) == {"public": 0, "partner": 0, "restricted": 0}
    assert TextDocument.objects.filter(testimony_id=key).count() == 0
    assert list(verify.differences()) == []


def test_a_person_deleted_by_plain_sql_leaves_nothing(world):
    with projections.refreshed():
        for table in (
            "text",
            "clearance",
            "consensuscode",
            "claim",
            "collectionitem",
            "caselink",
            "testimonyexternalid",
            "assignment",
        ):
            world.sql(f"DELETE FROM testimonies_{table} WHERE testimony_id = {{testimony}}")
        world.sql("DELETE FROM testimonies_evidence WHERE citation_id = {citation}")
        # parents first, as nobody should: the references are checked at the commit
        world.sql("DELETE FROM testimonies_person WHERE id = {person}")
        world.sql("DELETE FROM testimonies_testimony WHERE id = {testimony}")
        world.sql("DELETE FROM testimonies_citation WHERE testimony_id = {testimony}")
        for table in ("personname", "personexternalid", "membership"):
            world.sql(f"DELETE FROM testimonies_{table} WHERE person_id = {{person}}")
    assert stored(world.testimony) == {"public": 0, "partner": 0, "restricted": 0}
    assert document("person", world.person, Tier.RESTRICTED) is None
    assert len(detail(world.neighbour)["citations"]) == 1
    assert list(verify.differences()) == []


def test_words_are_stemmed_anew_when_only_the_language_of_the_summary_changes(world):
    with projections.refreshed():
        change(world.testimony, summary="Invented. He says: houses and gardens.")
    with projections.refreshed():
        change(world.testimony, summary_language="de")
    assert list(verify.differences()) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT vector::text FROM projection_public WHERE testimony_id = %s", [world.testimony.pk])
        assert "'gard':" in cursor.fetchone()[0]  # German cuts off what English keeps: gardens, garden


def test_names_are_searched_anew_when_one_is_the_word_for_no_name(world):
    for name in ("", "unnamed", ""):
        with projections.refreshed():
            change(world.person, name=name)
        assert list(verify.differences()) == []


def test_a_change_with_many_dependants_hides_them_until_they_are_rebuilt(world, monkeypatch):
    monkeypatch.setattr(refreshing, "MANY", 3)
    monkeypatch.setattr(refreshing, "BATCH", 2)
    with factories.batch():
        others = [factories.make_testimony(membership=factories.make_membership(group=world.group)) for _ in range(3)]
    assert list(verify.differences()) == []
    with transaction.atomic():
        change(world.group, slug="invented-anew")
        projections.refresh()
        assert [stored(row) for row in others] == [{"public": 0, "partner": 0, "restricted": 0}] * 3
        assert stored(world.testimony) == {"public": 0, "partner": 0, "restricted": 0}
        assert TextDocument.objects.filter(testimony_id=world.testimony.pk).count() == 0
        assert stored(world.far) == {
            "public": 1,
            "partner": 1,
            "restricted": 1,
        }  # since its clearance; what was before is read by nobody
    assert [detail(row)["group"] for row in (world.testimony, *others)] == ["invented-anew"] * 4
    assert list(verify.differences()) == []


def test_many_new_testimonies_are_there_at_once_and_hide_nothing(world, monkeypatch):
    """As an import makes them: in batches, within the transaction that made them."""
    monkeypatch.setattr(refreshing, "MANY", 3)
    monkeypatch.setattr(refreshing, "BATCH", 2)
    hidden = []
    monkeypatch.setattr(refreshing, "_hide", hidden.append)
    with transaction.atomic(), factories.batch():
        change(world.testimony, title="Invented anew")
        others = [factories.make_testimony(membership=factories.make_membership(group=world.group)) for _ in range(5)]
    assert hidden == []
    assert [detail(row)["group"] for row in others] == ["invented-group"] * 5
    assert detail(world.testimony)["title"] == "Invented anew"
    assert list(verify.differences()) == []


def test_membership_of_a_person_without_testimonies(world):
    with projections.refreshed():
        Membership.objects.create(person=world.lone_person, group=world.group)
    assert document("person", world.lone_person, Tier.RESTRICTED)["memberships"][0]["group"] == "invented-group"
    assert document("person", world.lone_person)["memberships"] == []


def test_a_hidden_original_is_not_named_by_its_translation(world):
    with projections.refreshed():
        translation = factories.make_text(testimony=world.testimony, kind="translation", translation_of=world.text)
    with projections.refreshed():
        Text.objects.filter(pk=world.text.pk).update(tier=Tier.PARTNER)
    assert json.loads(TextDocument.objects.get(text_id=translation.pk).document)["translation_of"] is None
    with projections.refreshed():
        Text.objects.filter(pk=translation.pk).update(tier=Tier.PARTNER)
    assert json.loads(TextDocument.objects.get(text_id=translation.pk).document)["translation_of"] == str(world.text.pk)
    assert list(verify.differences()) == []


def test_a_refresh_that_was_begun_is_finished_or_nothing_is_stored(world):
    def begun():
        change(world.person, name="Invented Anew")
        return projections.begin_refresh()

    with pytest.raises(RuntimeError, match="not finished"), projections.refreshed():
        begun()
    assert "Invented Anew" not in (
        detail(world.testimony)["person"]["name"],
        Person.objects.get(pk=world.person.pk).name,
    )
    with projections.refreshed():
        batches = begun()
        for batch in batches:
            batch.make()
        assert projections.finish_refresh(batches) == projections.Change.OTHER
    assert detail(world.testimony)["person"]["name"] == "Invented Anew"
    assert list(verify.differences()) == []
