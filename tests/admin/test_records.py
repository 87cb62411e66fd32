"""Every other record type at the desk: loads for each role, saves through its service, refuses."""

import pytest
from django.contrib import admin
from django.urls import reverse

import testimonies.admin.urls  # noqa: F401 - loads the desk
from testimonies import models, projections
from testimonies.admin.parts import PartInline
from testimonies.admin.records import RecordAdmin
from tests import factories as make
from tests.admin.pages import Person, errors_of, form_of
from tests.writers import nothing_is_stale

ADMINS = {kind.opts.model_name: kind for kind in admin.site._registry.values() if isinstance(kind, RecordAdmin)}
NOUNS = (
    *("person", "testimony", "source", "group", "collection", "figure", "codebook", "code", "samepersonlink"),
    *("quote", "campaign", "campaignuse", "measurement"),
)
MAY = {
    # who: may add, may change
    "coder": {"person", "testimony", "source", "samepersonlink", "quote"},
    "editor": set(NOUNS),
    "custodian": set(NOUNS),
}


@pytest.fixture
def rows(desk):
    with make.batch():
        desk.group, desk.collection = make.make_group(), make.make_collection()
        desk.book = make.make_codebook(status="draft")
        desk.dimension = make.make_code(codebook=desk.book)
        desk.code = make.make_code(parent=desk.dimension)
        desk.campaign = make.make_campaign(sources=[desk.source])
        desk.use = make.make_use(campaign=desk.campaign, sources=[desk.source], testimonies=[desk.published])
        desk.measurement = make.make_measurement(use=desk.use)
        text = make.make_text(testimony=desk.published, body="Invented words to quote.")
        desk.quote = make.make_quote(testimony=desk.published, text=text, words="words to quote")
        desk.figure = make.make_figure(collection=desk.collection, sources=[desk.source])
    desk.link = models.SamePersonLink.objects.create(person=desk.person, other=desk.published.person)
    desk.records = {
        "person": desk.published.person, "testimony": desk.published, "source": desk.source, "group": desk.group,
        "collection": desk.collection, "figure": desk.figure, "codebook": desk.book, "code": desk.code,
        "samepersonlink": desk.link, "quote": desk.quote, "campaign": desk.campaign, "campaignuse": desk.use,
        "measurement": desk.measurement,
    }  # fmt: skip
    return desk


def unpublish(testimony) -> None:
    """What is published is frozen; this is about something else."""
    with projections.refreshed():
        type(testimony).objects.filter(pk=testimony.pk).update(status="draft")


def url(record, what="change") -> str:
    return f"{record._meta.model_name}/{record.pk}/{what}/"


def now(row):
    return type(row).objects.get(pk=row.pk)


def test_every_record_type_has_its_page():
    assert ADMINS.keys() == set(NOUNS)


@pytest.mark.parametrize("noun", NOUNS)
def test_no_list_is_edited_in_place(noun):
    """It would save rows whose versions nobody was shown."""
    assert ADMINS[noun].list_editable == ()
    assert ADMINS[noun].actions is None
    assert all(issubclass(inline, PartInline) for inline in ADMINS[noun].inlines)


@pytest.mark.parametrize("who", ["coder", "editor", "custodian"])
def test_pages_load_for_whoever_works_here(rows, who):
    person = rows.at(who)
    for noun in NOUNS:
        assert person.get(f"{noun}/").status_code == 200, noun
        assert person.get(f"{noun}/add/").status_code == (200 if noun in MAY[who] else 403), noun
        sees = who != "coder" or noun != "samepersonlink"
        assert person.get(url(rows.records[noun])).status_code == (200 if sees else 302), noun
    assert person.client.get("/admin/").status_code == 200


def test_readers_have_no_desk(rows):
    reader = rows.at("reader")
    for noun in NOUNS:
        for path in (f"{noun}/", f"{noun}/add/", url(rows.records[noun]), f"{noun}/choose/"):
            assert reader.get(path).status_code in {302, 403, 404}, path
    rows.users["reader"].is_superuser = True
    rows.users["reader"].save()
    for noun in NOUNS:
        for path in (f"{noun}/", f"{noun}/add/", url(rows.records[noun]), f"{noun}/choose/"):
            assert Person(rows.users["reader"]).get(path).status_code in {302, 403, 404}, path


@pytest.mark.parametrize("noun", sorted(set(NOUNS) - MAY["coder"] | {"samepersonlink"}))
def test_a_coder_may_only_look(rows, noun):
    coder, record = rows.at("author"), rows.records[noun]
    response = coder.get(url(record))
    assert response.context["closed"]
    assert b'name="_save"' not in response.content
    form = rows.at("editor").open(url(record))
    assert coder.send(url(record), form).status_code == 403
    assert coder.client.post(f"/admin/testimonies/{url(record, 'delete')}", {"version": "1"}).status_code == 403
    assert now(record).version == record.version


CHANGED = {
    "source": {"outlet": "Invented Outlet", "reliability": "B", "published": "2015~"},
    "group": {"name": "Invented anew"},
    "collection": {"title": "Invented anew", "caveats": "One.\r\n\r\nTwo.", "permitted_uses": ["research", "quote"]},
    "figure": {
        "statement": "Invented anew", "range_low": "1.5", "conflicts-0-source": "An invented paper",
        "conflicts-0-statement": "Otherwise", "conflicts-0-value": "3",
    },
    "codebook": {"title": "Invented anew"},
    "code": {"label": "Invented anew", "inclusion": "Here.\r\nThere."},
    "samepersonlink": {"status": "rejected", "note": "Invented reason"},
}  # fmt: skip
STORED = {
    "collection": {"title": "Invented anew", "caveats": ["One.", "Two."], "permitted_uses": ["research", "quote"]},
    "figure": {
        "statement": "Invented anew",
        "range_low": 1.5,
        "conflicts": [{"source": "An invented paper", "statement": "Otherwise", "value": "3"}],
    },
    "code": {"label": "Invented anew", "inclusion": ["Here.", "There."]},
}


@pytest.mark.parametrize("noun", CHANGED)
def test_an_editor_changes_it(rows, noun):
    record = rows.records[noun]
    unpublish(rows.published)
    form = rows.at("editor").open(url(record))
    response = rows.at("editor").send(url(record), form, **CHANGED[noun])
    assert response.status_code == 302, errors_of(response)
    row = now(record)
    expected = STORED.get(noun, CHANGED[noun])
    assert {name: getattr(row, name) for name in expected} == expected
    assert row.version == record.version + 1
    assert nothing_is_stale()


@pytest.mark.parametrize("noun", CHANGED)
def test_a_form_that_was_overtaken_saves_nothing(rows, noun):
    unpublish(rows.published)
    record, editor = rows.records[noun], rows.at("editor")
    form, second = editor.open(url(record)), editor.open(url(record))
    name, value = next(iter(CHANGED[noun].items()))
    other = {"outlet": "Other", "status": "confirmed"}.get(name, "Other")
    assert editor.send(url(record), second, **{name: other}).status_code == 302
    response = editor.send(url(record), form, **{name: value})
    assert response.status_code == 409
    assert getattr(now(record), name) == other
    assert editor.send(url(record), form_of(response), **{f"take-{name}": "mine"}).status_code == 302
    assert getattr(now(record), name) == value


@pytest.mark.parametrize("noun", [*CHANGED, "person"])
def test_a_record_is_deleted_or_it_is_said_why_not(rows, noun):
    record, editor = rows.records[noun], rows.at("editor")
    response = editor.send(url(record, "delete"), editor.open(url(record, "delete")))
    is_needed = noun in {"source", "collection", "person"}
    assert response.status_code == (409 if is_needed else 302)
    assert type(record).objects.filter(pk=record.pk).exists() == is_needed
    if is_needed:
        assert "Still needed by" in response.context["refusal"]


def test_groups_collections_and_codebooks_are_entered(rows):
    editor = rows.at("editor")
    form = editor.open("group/add/")
    assert editor.send("group/add/", form, slug="invented-new", name="Invented").status_code == 302
    response = editor.send("group/add/", form, slug="invented-new", name="Again")
    assert "There is one like it already" in errors_of(response)["__all__"][0]
    form = editor.open("collection/add/")
    sent = {"slug": "invented-c", "title": "Invented", "basis_of_use": "invented", "codebook": str(rows.book.pk)}
    assert editor.send("collection/add/", form, **sent).status_code == 302
    assert models.Collection.objects.get(slug="invented-c").codebook == rows.book
    form = editor.open("codebook/add/")
    response = editor.send("codebook/add/", form, slug="invented-b", edition="1", title="Invented", status="published")
    assert "begins as a draft" in errors_of(response)["__all__"][0]
    assert editor.send("codebook/add/", form, slug="invented-b", edition="1", title="Invented").status_code == 302
    assert nothing_is_stale()


def test_codes_are_entered_below_others_of_their_codebook(rows):
    editor = rows.at("editor")
    form = editor.open("code/add/")
    sent = {
        "codebook": str(rows.book.pk),
        "slug": "invented-sub",
        "label": "Invented",
        "parent": str(rows.dimension.pk),
    }
    assert editor.send("code/add/", form, **sent).status_code == 302
    code = models.Code.objects.get(slug="invented-sub")
    assert (code.parent, code.level, code.dimension) == (rows.dimension, 2, rows.dimension.slug)
    elsewhere = make.make_code()
    response = editor.send(url(code), editor.open(url(code)), parent=str(elsewhere.pk))
    assert errors_of(response)["parent"] == ["Choose a code of the same codebook."]
    assert editor.send(url(code), editor.open(url(code)), parent="").status_code == 302
    assert (now(code).parent, now(code).level) == (None, 1)


def test_a_published_codebook_is_shown_as_frozen(rows):
    editor = rows.at("editor")
    forms = {record: editor.open(url(record)) for record in (rows.book, rows.code)}
    response = editor.send(url(rows.book), forms[rows.book], status="published")
    assert response.status_code == 302
    for record in (rows.book, rows.code):
        response = editor.get(url(record))
        assert "frozen" in response.context["closed"]
        assert b'name="_save"' not in response.content
    response = editor.send(url(rows.code), forms[rows.code], label="Typed with care")
    assert "frozen" in errors_of(response)["__all__"][0]
    assert b"Typed with care" in response.content
    assert now(rows.code).label == rows.code.label


def test_figures_are_entered_with_their_sources(rows):
    editor, second = rows.at("editor"), make.make_source()
    sent = {
        "collection": str(rows.collection.pk), "slug": "invented-f", "scope": "cases", "statement": "Invented.",
        "status": "given", "metric": "count_persons", "operator": "eq", "value": "58",
        "sources-0-source_id": str(second.pk), "sources-0-locator": "p. 3", "sources-1-source_id": str(rows.source.pk),
    }  # fmt: skip
    response = editor.send("figure/add/", editor.open("figure/add/"), **sent)
    assert response.status_code == 302, errors_of(response)
    figure = models.Figure.objects.get(slug="invented-f")
    found = [(row.source, row.locator) for row in figure.figure_sources.order_by("position")]
    assert found == [(second, "p. 3"), (rows.source, "")]
    unknown = {"sources-0-source_id": "00000000-0000-4000-8000-000000000000"}
    response = editor.send(url(figure), editor.open(url(figure)), **unknown)
    assert errors_of(response)["sources"] == ["There is no such record. Check the id."]
    assert nothing_is_stale()


def test_a_coder_asks_whether_two_are_one_and_an_editor_decides(rows):
    author = rows.at("author")
    person = make.make_person(created_by=rows.users["author"])
    sent = {"person": str(rows.person.pk), "other": str(person.pk), "note": "Invented reason"}
    assert author.send("samepersonlink/add/", author.open("samepersonlink/add/"), **sent).status_code == 302
    link = models.SamePersonLink.objects.get(other=person)
    assert (link.status, link.created_by) == ("possible", rows.users["author"])
    unseen = make.make_person()
    response = author.send(
        "samepersonlink/add/", author.open("samepersonlink/add/"), **sent | {"other": str(unseen.pk)}
    )
    assert errors_of(response) == {"other": ["There is no such record. Check the id."]}
    editor = rows.at("editor")
    assert editor.send(url(link), editor.open(url(link)), status="confirmed").status_code == 302
    assert now(link).status == "confirmed"


def test_addresses_of_hidden_records_say_nothing(rows):
    coder = rows.at("coder")
    for record in (rows.person, rows.draft, rows.link):
        for what in ("change", "delete"):
            name = f"admin:testimonies_{record._meta.model_name}_{what}"
            hidden = coder.client.get(reverse(name, args=[record.pk]))
            never = coder.client.get(reverse(name, args=["00000000-0000-4000-8000-000000000000"]))
            is_forbidden = what == "delete" and record is rows.link  # whatever the record
            assert (hidden.status_code, never.status_code) == ((403, 403) if is_forbidden else (302, 302))
            assert hidden.headers.get("Location") == never.headers.get("Location")
