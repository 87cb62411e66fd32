"""Assigning, coding, submitting and deciding: what is done, what is refused, and that nothing is written then. All is invented."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from testimonies import models
from testimonies.access import HIGHEST_TIER, Actor, Role
from testimonies.errors import (
    BeingCoded,
    DomainError,
    Exists,
    Forbidden,
    InUse,
    Invalid,
    NotAllowedNow,
    NotAssigned,
    NotFound,
    Overtaken,
    OwnCoding,
    Submitted,
)
from testimonies.services import assignments, codings, consensus_codes, decisions, testimonies, texts
from tests import factories as make

pytestmark = pytest.mark.django_db
EMOJI = "\N{GRINNING FACE}"
BODY = f"Abc {EMOJI} cafe\N{COMBINING ACUTE ACCENT} سلام عليكم. Again: cafe\N{COMBINING ACUTE ACCENT}."


@pytest.fixture
def w(now):
    def actor(role):
        return Actor(role=role, tier=HIGHEST_TIER[role], now=now, user_id=make.make_user(role=role).pk)

    found = SimpleNamespace(
        one=actor(Role.CODER), two=actor(Role.CODER), editor=actor(Role.EDITOR), other=actor(Role.EDITOR)
    )
    with make.batch():
        found.code = make.make_code(parent=make.make_code())
        found.near = make.make_code(parent=found.code.parent)
        found.foreign = make.make_code(parent=make.make_code())
        found.testimony = make.make_testimony(texts=[BODY], codes=[found.near], coding_status="single_reader")
        found.elsewhere = make.make_testimony(texts=[BODY])
    found.text = found.testimony.texts.get()
    for name in ("one", "two"):
        coder = models.User.objects.get(pk=getattr(found, name).user_id).username
        found.__dict__[f"of_{name}"] = give(found, coder)
    return found


def give(w, coder=None, **values):
    wanted = {"testimony_id": w.testimony.pk, "codebook_id": w.code.codebook_id, "coder": coder, **values}
    return assignments.create(by=w.editor, **wanted)


def passage(w, quote, text=None, after=0):
    start = BODY.index(quote, after)
    return {"text_id": (text or w.text).pk, "start": start, "end": start + len(quote), "quote": quote}


def code(w, by, **values):
    wanted = {"testimony_id": w.testimony.pk, "code_id": w.code.pk, **values}
    return codings.create(by=by, **wanted)


def submit(w, *names):
    for name in names or ("one", "two"):
        assignments.move(getattr(w, f"of_{name}").pk, by=getattr(w, name), to="submitted")


def codes_shown(w):
    rows = models.RestrictedTestimony.objects.filter(testimony_id=w.testimony.pk)
    assert rows
    return {str(pk) for row in rows for pk in row.codes}


def status_shown(w):
    (status,) = {
        json.loads(row.item)["coding_status"]
        for row in models.PublicTestimony.objects.filter(testimony_id=w.testimony.pk)
    }
    return status


# --- Assignments ------------------------------------------------------------------------------------------------------


def test_the_first_coding_begins_it_and_submitting_ends_it(w):
    assert models.Assignment.objects.get(pk=w.of_one.pk).state == "open"
    code(w, w.one)
    begun = models.Assignment.objects.get(pk=w.of_one.pk)
    assert (begun.state, begun.started_at is None) == ("in_progress", False)
    submit(w, "one")
    done = models.Assignment.objects.get(pk=w.of_one.pk)
    assert (done.state, done.submitted_at is None, done.started_at) == ("submitted", False, begun.started_at)
    back = assignments.move(w.of_one.pk, by=w.editor, to="returned", reason="Look at the end again.")
    assert (back.state, back.return_reason) == ("returned", "Look at the end again.")
    code(w, w.one, code_id=w.near.pk)
    submit(w, "one")


def test_who_may_assign_and_to_whom(w):
    with pytest.raises(Forbidden):
        assignments.create(by=w.one, testimony_id=w.testimony.pk, codebook_id=w.code.codebook_id)
    for coder in (
        "nobody",
        make.make_user(role=Role.READER).username,
        make.make_user(role=Role.CODER, is_active=False).username,
    ):
        with pytest.raises(Invalid):
            give(w, coder)
    with pytest.raises(Exists):
        give(w, models.User.objects.get(pk=w.one.user_id).username)
    with pytest.raises(NotAllowedNow):
        give(w, codebook_id=make.make_codebook(status="draft").pk)
    with pytest.raises(NotAllowedNow):
        give(w, testimony_id=make.make_testimony(status="withdrawn").pk)
    assert models.Assignment.objects.count() == 2


def test_whoever_has_least_to_do_gets_it(w):
    idle = make.make_user(role=Role.CODER)
    assert give(w).coder == idle
    with pytest.raises(NotAllowedNow):
        give(w)


def test_a_share_is_the_same_for_the_same_seed(w):
    names = sorted(make.make_user(role=Role.CODER).username for _ in range(3))
    made = [make.make_testimony(membership=None, sources=[]) for _ in range(8)]
    wanted = {"testimony_ids": [one.pk for one in made], "codebook_id": w.code.codebook_id, "coders": names}

    def shared(seed):
        found = assignments.share(by=w.editor, double=0.25, seed=seed, **wanted)
        return sorted((one.testimony.ref, one.coder.username) for one in found)

    first = shared(7)
    assert len(first) == 10
    loads = [sum(coder == name for _, coder in first) for name in names]
    assert max(loads) - min(loads) <= 1
    assert shared(7) == []  # each has as many as it should
    models.Assignment.objects.filter(testimony__in=made).delete()
    assert shared(7) == first
    models.Assignment.objects.filter(testimony__in=made).delete()
    assert shared(8) != first


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda w: submit(w, "one"), Submitted),  # twice
        (lambda w: assignments.move(w.of_one.pk, by=w.two, to="submitted"), NotFound),
        (lambda w: assignments.move(w.of_one.pk, by=w.editor, to="submitted"), NotAssigned),
        (lambda w: assignments.move(w.of_one.pk, by=w.two, to="returned", reason="x"), Forbidden),
        (lambda w: assignments.move(w.of_one.pk, by=w.editor, to="returned"), Invalid),
        (lambda w: assignments.move(w.of_two.pk, by=w.editor, to="returned", reason="x"), NotAllowedNow),
        (lambda w: assignments.remove(w.of_one.pk, by=w.editor, version=None), Submitted),
        (lambda w: assignments.remove(w.of_two.pk, by=w.editor, version=7), Overtaken),
        (lambda w: code(w, w.one), Submitted),
        (lambda w: code(w, w.editor), NotAssigned),
        (lambda w: codings.change(w.coding.pk, by=w.one, version=None, memo="x"), Submitted),
        (lambda w: codings.remove(w.coding.pk, by=w.one, version=None), Submitted),
        (lambda w: codings.change(w.coding.pk, by=w.editor, version=None, memo="x"), NotAssigned),
        (lambda w: codings.change(w.coding.pk, by=w.two, version=None, memo="x"), NotFound),
        (
            lambda w: decisions.create(by=w.editor, testimony_id=w.testimony.pk, codebook_id=w.code.codebook_id),
            BeingCoded,
        ),
        (lambda w: testimonies.remove(w.testimony.pk, by=w.editor, version=None), NotAllowedNow),
    ],
)
def test_what_is_refused_once_it_is_submitted(w, act, error):
    w.coding = code(w, w.one)
    submit(w, "one")
    before = list(models.Assignment.objects.order_by("pk").values()), list(models.Coding.objects.values())
    with pytest.raises(error):
        act(w)
    assert (list(models.Assignment.objects.order_by("pk").values()), list(models.Coding.objects.values())) == before


# --- Codings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "quote", [EMOJI, "cafe\N{COMBINING ACUTE ACCENT}", "\N{COMBINING ACUTE ACCENT}", "سلام عليكم", BODY]
)
def test_a_passage_is_counted_in_code_points(w, quote):
    made = code(w, w.one, **passage(w, quote))
    assert (made.quote, BODY[made.start : made.end]) == (quote, quote)
    assert made.prefix == BODY[max(0, made.start - 32) : made.start]
    assert made.suffix == BODY[made.end : made.end + 32]


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"start": 5, "end": 5, "quote": "x"}, ("/end", "outside")),
        ({"start": 9, "end": 5, "quote": "x"}, ("/end", "outside")),
        ({"start": 0, "end": len(BODY) + 1, "quote": BODY}, ("/end", "outside")),
        ({"start": 4, "end": 6, "quote": EMOJI}, ("/quote", "differs")),  # UTF-16 units
        ({"start": 0, "end": 3, "quote": "abc"}, ("/quote", "differs")),
        ({"start": 0, "end": 3}, ("/quote", "required")),
        ({"text_id": None, "start": 0, "end": 3, "quote": "Abc"}, ("/text_id", "required")),
    ],
)
def test_a_bad_passage_is_refused(w, values, fault):
    with pytest.raises(Invalid) as refused:
        code(w, w.one, **{"text_id": w.text.pk, **values})
    assert refused.value.errors[0][:2] == fault
    assert not models.Coding.objects.exists()
    assert models.Assignment.objects.get(pk=w.of_one.pk).state == "open"


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        (lambda w: {"code_id": w.foreign.pk}, ("/code_id", "other_codebook")),
        (lambda w: {"code_id": w.code.parent_id}, ("/code_id", "not_assignable")),
        (lambda w: {"code_id": w.testimony.pk}, ("/code_id", "unknown")),
        (lambda w: {"testimony_id": w.code.pk}, ("/testimony_id", "unknown")),
        (lambda w: passage(w, "Abc", w.elsewhere.texts.get()), ("/text_id", "unknown")),
    ],
)
def test_what_does_not_belong_together_is_refused(w, values, fault):
    with pytest.raises(Invalid) as refused:
        code(w, w.one, **values(w))
    assert refused.value.errors[0][:2] == fault
    assert not models.Coding.objects.exists()


def test_another_version_of_the_codebook_is_another_codebook(w):
    book = w.code.codebook
    newer = make.make_codebook(slug=book.slug, edition="2")
    dimension = make.make_code(codebook=newer)
    with pytest.raises(Invalid) as refused:
        code(w, w.one, code_id=make.make_code(parent=dimension, slug=w.code.slug).pk)
    assert refused.value.errors[0][1] == "other_codebook"


def test_what_is_not_assigned_is_not_coded(w):
    with pytest.raises(NotAssigned):
        code(w, w.one, testimony_id=w.elsewhere.pk)


def test_overlaps_are_allowed_and_the_same_twice_is_not(w):
    first = code(w, w.one, **passage(w, "Abc"))
    code(w, w.one, **passage(w, "Abc "))
    code(w, w.one, code_id=w.near.pk, **passage(w, "Abc"))
    code(w, w.two, **passage(w, "Abc"))
    whole = code(w, w.one, presence="absent")
    for values in (passage(w, "Abc"), {}, {"presence": "uncertain"}):
        with pytest.raises(Exists):
            code(w, w.one, **values)
    with pytest.raises(Exists):
        codings.change(first.pk, by=w.one, version=first.version, **passage(w, "Abc "))
    assert models.Coding.objects.count() == 5
    assert (whole.quote, whole.text, whole.presence) == ("", None, "absent")


def test_a_coding_changes_and_goes_as_long_as_it_is_ones_own(w):
    made = code(w, w.one, **passage(w, "Abc"))
    moved = codings.change(made.pk, by=w.one, version=made.version, memo="Invented.", **passage(w, EMOJI))
    assert (moved.quote, moved.memo, moved.version) == (EMOJI, "Invented.", 2)
    with pytest.raises(Overtaken):
        codings.change(made.pk, by=w.one, version=1, memo="x")
    with pytest.raises(Invalid):
        codings.change(made.pk, by=w.one, version=2, testimony_id=w.elsewhere.pk)
    codings.remove(made.pk, by=w.one, version=2)
    assert not models.Coding.objects.exists()


# --- When the text is edited ------------------------------------------------------------------------------------------


def test_codings_follow_their_text(w):
    draft = make.make_testimony(status="draft", texts=[BODY])
    give(w, models.User.objects.get(pk=w.one.user_id).username, testimony_id=draft.pk)
    text = draft.texts.get()
    kept, gone = (code(w, w.one, testimony_id=draft.pk, **passage(w, q, text)) for q in ("سلام عليكم", "Abc"))
    whole = code(w, w.one, testimony_id=draft.pk)
    body = "New at the start. " + BODY.removeprefix("Abc ")
    texts.change(draft.pk, text.pk, by=w.editor, version=None, body=body)
    kept.refresh_from_db()
    gone.refresh_from_db()
    whole.refresh_from_db()
    assert (kept.anchor, body[kept.start : kept.end], kept.quote) == ("moved", "سلام عليكم", "سلام عليكم")
    assert (gone.anchor, gone.quote) == ("orphaned", "Abc")
    assert whole.anchor == "anchored"
    texts.remove(draft.pk, text.pk, by=w.editor, version=None)
    kept.refresh_from_db()
    assert (kept.anchor, kept.text, kept.quote) == ("orphaned", None, "سلام عليكم")
    assert models.Coding.objects.count() == 3


# --- Consensus codes --------------------------------------------------------------------------------------------------


def test_while_it_is_coded_nobody_sees_the_codes(w):
    assert codes_shown(w) == set()
    assert status_shown(w) == "not_coded"
    submit(w, "one")
    assert codes_shown(w) == set()
    submit(w, "two")
    assert codes_shown(w) == {str(w.near.pk)}
    assert status_shown(w) == "single_reader"


def test_codes_that_coders_apply_are_not_set_by_hand(w):
    for codes in ([w.code.pk], []):
        if codes:
            with pytest.raises(NotAllowedNow):
                consensus_codes.change(w.testimony.pk, by=w.editor, version=None, codes=codes)
        else:
            consensus_codes.change(w.testimony.pk, by=w.editor, version=None, codes=codes)
    assert {one.code_id for one in w.testimony.consensus_codes.all()} == {w.near.pk}


def test_the_coding_status_stays_while_it_is_withheld(w):
    testimonies.change(w.testimony.pk, by=w.editor, version=None, coding_status="not_coded", notes_internal="x")
    w.testimony.refresh_from_db()
    assert (w.testimony.coding_status, w.testimony.notes_internal) == ("single_reader", "x")


# --- Decisions --------------------------------------------------------------------------------------------------------


def decide(w, **values):
    wanted = {"testimony_id": w.testimony.pk, "codebook_id": w.code.codebook_id, "by": w.editor, **values}
    return decisions.create(**wanted)


def both_code(w):
    """Both find `code`; one finds `near`."""
    code(w, w.one)
    code(w, w.two, **passage(w, "Abc"))
    code(w, w.one, code_id=w.near.pk)
    submit(w)


def test_where_all_agree_nothing_need_be_said(w):
    code(w, w.one)
    code(w, w.two, **passage(w, "Abc"))
    submit(w)
    made = decide(w)
    assert [(one.code, one.applies, one.is_agreed) for one in made.codes.all()] == [(w.code, True, True)]
    assert made.settled.count() == 2
    assert codes_shown(w) == {str(w.code.pk)}  # and what stood there before has gone
    assert status_shown(w) == "decided"


def test_where_they_differ_there_is_a_reason(w):
    both_code(w)
    for codes in ([], [{"code_id": w.near.pk, "applies": True, "reason": " "}]):
        with pytest.raises(Invalid):
            decide(w, codes=codes)
    assert not models.Decision.objects.exists()
    made = decide(w, codes=[{"code_id": w.near.pk, "applies": False, "reason": "Invented: said of another."}])
    assert codes_shown(w) == {str(w.code.pk)}
    assert {(one.code, one.applies, one.is_agreed) for one in made.codes.all()} == {
        (w.code, True, True),
        (w.near, False, False),
    }
    assert models.Coding.objects.count() == 3  # every one is kept


def test_overruling_everybody_takes_a_reason_and_a_code_of_the_codebook(w):
    both_code(w)
    near = {"code_id": w.near.pk, "applies": True, "reason": "Invented."}
    for codes in (
        [near, {"code_id": w.code.pk, "applies": False}],
        [near, near],
        [near, {"code_id": w.foreign.pk, "applies": True, "reason": "x"}],
    ):
        with pytest.raises(Invalid):
            decide(w, codes=codes)
    decide(w, codes=[near, {"code_id": w.code.pk, "applies": False, "reason": "Invented."}])
    assert codes_shown(w) == {str(w.near.pk)}


def test_nobody_decides_where_they_coded(w):
    give(w, models.User.objects.get(pk=w.other.user_id).username)
    submit(w)
    with pytest.raises(BeingCoded):
        decide(w)
    assignments.move(models.Assignment.objects.get(coder=w.other.user_id).pk, by=w.other, to="submitted")
    with pytest.raises(OwnCoding):
        decide(w, by=w.other)
    with pytest.raises(Forbidden):
        decide(w, by=replace(w.editor, user_id=None))
    with pytest.raises(Forbidden):
        decide(w, by=w.one)
    made = decide(w)
    with pytest.raises(OwnCoding):
        decisions.reopen(made.pk, by=w.other, reason="Invented.")


def test_it_is_decided_once_and_reopened_with_a_reason(w):
    both_code(w)
    near = [{"code_id": w.near.pk, "applies": False, "reason": "Invented."}]
    made = decide(w, codes=near)
    for refused in (
        lambda: decide(w, codes=near),
        lambda: assignments.move(w.of_one.pk, by=w.editor, to="returned", reason="x"),
    ):
        with pytest.raises(NotAllowedNow):
            refused()
    reopened = decisions.reopen(made.pk, by=w.editor, reason="Invented: read it again.")
    assert (reopened.reopen_reason, reopened.reopened_by_id) == ("Invented: read it again.", w.editor.user_id)
    assert codes_shown(w) == set()
    with pytest.raises(NotAllowedNow):
        decisions.reopen(made.pk, by=w.editor, reason="x")
    assignments.move(w.of_one.pk, by=w.editor, to="returned", reason="Invented.")
    with pytest.raises(InUse):
        assignments.remove(w.of_one.pk, by=w.editor, version=None)
    kept = models.Coding.objects.filter(assignment=w.of_one).first()
    with pytest.raises(DomainError):
        codings.remove(kept.pk, by=w.one, version=None)


def test_a_coder_asked_later_reads_nothing_of_what_was_decided(w):
    code(w, w.one)
    code(w, w.two)
    submit(w)
    decide(w)
    assert codes_shown(w) == {str(w.code.pk)}
    late = make.make_user(role=Role.CODER)
    given = give(w, late.username)
    assert codes_shown(w) == set()
    assert not models.Decision.objects.visible_to(replace(w.one, user_id=late.pk)).exists()
    assignments.move(given.pk, by=replace(w.one, user_id=late.pk), to="submitted")
    assert codes_shown(w) == {str(w.code.pk)}
