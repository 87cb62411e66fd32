"""A testimony and its parts in one act: all or nothing, all that is wrong at once, and nobody waits in a circle."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from testimonies import models
from testimonies.errors import Exists, Forbidden, Invalid, NotFound, Overtaken
from testimonies.services import claims, together
from testimonies.services.together import Part, Refused
from tests import factories as make
from tests.writers import Writers, nothing_is_stale

WORDS = {"language": "en", "kind": "transcript", "body": "Invented."}


@pytest.fixture
def w(transactional_db) -> Writers:
    return Writers()


def write(w, *parts, name="author", version=1, codes=None, **values):
    return together.write(w.draft.pk, by=w.actor(name), version=version, values=values, parts=parts, codes=codes)


def test_all_is_written_in_one_act(w):
    text = make.make_text(testimony=w.draft)
    code = make.make_code(is_assignable=True)
    parts = [
        Part(name="a", kind=models.Text, id=text.pk, version=1, values={"body": "Anew."}),
        Part(name="b", kind=models.Citation, values={"source_id": w.source.pk, "relation": "original"}),
        Part(name="c", kind=models.Claim, values={"field": "left", "value": "2014", "source_id": w.source.pk}),
    ]
    testimony = write(w, *parts, name="editor", codes=[code.pk], title="Anew")
    assert (testimony.title, testimony.version > 1) == ("Anew", True)
    assert testimony.texts.get().body == "Anew."
    assert testimony.citations.get().source == testimony.claims.get().source == w.source
    assert testimony.consensus_codes.get().code == code
    assert nothing_is_stale()


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_written(w):
    make.make_citation(testimony=w.draft, source=w.source)
    same = {"source_id": w.source.pk, "relation": "original"}
    with pytest.raises(Refused) as refused:
        write(
            w,
            Part(name="a", kind=models.Text, values=WORDS | {"body": " "}),
            Part(name="b", kind=models.Text, values=WORDS),
            Part(name="c", kind=models.Citation, values=same),
            age_from=40,
            age_to=30,
        )
    assert {name: type(error) for name, error in refused.value.errors.items()} == {
        "": Invalid,
        "a": Invalid,
        "c": Exists,
    }
    assert models.Testimony.objects.get(pk=w.draft.pk).version == 1
    assert not w.draft.texts.exists()
    assert nothing_is_stale()


def test_whatever_has_moved_on_stops_all(w):
    text = make.make_text(testimony=w.draft)
    for version, part in (
        (2, Part(name="a", kind=models.Text, values=WORDS)),
        (1, Part(name="a", kind=models.Text, id=text.pk, version=2, values={"body": "Anew."})),
        (1, Part(name="a", kind=models.Text, id=text.pk, version=2, values=None)),
        (1, Part(name="a", kind=models.Text, id=uuid4(), version=1, values=None)),
        (1, Part(name="a", kind=models.Text, id=make.make_text(testimony=w.published).pk, version=1, values=None)),
    ):
        with pytest.raises(Overtaken):
            write(w, part, version=version, title="Anew")
    assert models.Testimony.objects.get(pk=w.draft.pk).title == w.draft.title
    assert w.draft.texts.get() == text


def test_what_is_not_given_is_not_asked_about(w):
    write(w, Part(name="a", kind=models.Text, values=WORDS), version=None)
    write(w, Part(name="a", kind=models.Text, values=WORDS), version=99)
    assert w.draft.texts.count() == 2


def test_rules_are_those_of_the_acts(w):
    with pytest.raises(Forbidden):
        write(w, name="reader", title="Anew")
    with pytest.raises(NotFound):
        write(w, name="coder", title="Anew")
    with pytest.raises(Refused) as refused:
        write(w, codes=[make.make_code(is_assignable=True).pk])
    assert isinstance(refused.value.errors[""], Forbidden)


def test_a_new_testimony_that_is_refused_leaves_nothing(w):
    person = make.make_person(created_by=w.users["author"])
    values = {"person_id": person.pk, "title": "Invented anew", "kind": "interview", "account_language": "en"}
    part = Part(name="a", kind=models.Text, values=WORDS | {"body": " "})
    with pytest.raises(Refused):
        together.write(None, by=w.actor("author"), version=None, values=values, parts=[part])
    assert not models.Testimony.objects.filter(person=person).exists()
    together.write(
        None, by=w.actor("author"), version=None, values=values, parts=[Part(name="a", kind=models.Text, values=WORDS)]
    )
    assert models.Testimony.objects.get(person=person).texts.get().body == "Invented."


def test_nobody_waits_in_a_circle(w):
    """Each writes the other's testimony and sources, in the opposite order, beside people who write a part alone."""
    with make.batch():
        sources = [make.make_source() for _ in range(4)]
        people = [make.make_person() for _ in range(2)]
        drafts = [
            make.make_testimony(person=person, status="draft", published_at=None, sources=sources) for person in people
        ]
    rounds, barrier = 8, Barrier(4)
    editor = w.actor("editor")

    def run(number):
        barrier.wait()
        try:
            for n in range(rounds):
                draft = drafts[(number + n) % 2]
                order = sources if number % 2 else sources[::-1]
                parts = [
                    Part(
                        name=str(i),
                        kind=models.Citation,
                        values={"source_id": one.pk, "relation": "original", "locator": f"{number}-{n}"},
                    )
                    for i, one in enumerate(order)
                ]
                if number == 3:
                    claims.create(draft.pk, by=editor, field="left", value="2014", source_id=order[0].pk)
                else:
                    values = {"person_id": people[n % 2].pk, "notes_internal": f"{number}-{n}"}
                    together.write(draft.pk, by=editor, version=None, values=values, parts=parts)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(run, number) for number in range(4)]:
            done.result(timeout=120)
    assert models.Citation.objects.filter(testimony__in=drafts).count() == 2 * 4 + 3 * rounds * 4
    assert models.Claim.objects.filter(testimony__in=drafts).count() == rounds
    assert models.Person.objects.filter(pk__in=[one.pk for one in people]).count() == 2
    assert nothing_is_stale()
