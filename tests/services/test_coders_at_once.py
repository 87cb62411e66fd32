"""Two coders code the same testimony at once: neither waits for the other, and an edited text waits for neither to be lost."""

import pytest
from django.db import connection, transaction

from testimonies import models
from testimonies.access import HIGHEST_TIER, Actor, Role
from testimonies.projections import verify
from testimonies.selectors import actors
from testimonies.services import assignments, codings, texts
from tests import factories as make
from tests.projections.sessions import Session, Signal, together

pytestmark = pytest.mark.django_db(transaction=True)
BODY = "Invented words of one and of another."


@pytest.fixture
def desk():
    with make.batch():
        code = make.make_code(parent=make.make_code())
        testimony = make.make_testimony(texts=[BODY], status="draft", published_at=None, codes=[code])
    coders = [make.make_user(role=Role.CODER) for _ in range(2)]
    for coder in coders:
        make.make_assignment(testimony=testimony, codebook=code.codebook, coder=coder, state="open")
    return code, testimony, [actor(coder) for coder in coders], actor(make.make_user())


def actor(user):
    now, role = actors.caller(None).actor.now, Role(user.role)
    return Actor(role=role, tier=HIGHEST_TIER[role], now=now, user_id=user.pk)


def code_passage(desk, by, quote):
    code, testimony, _, _ = desk
    text = testimony.texts.get()
    start = BODY.index(quote)
    place = {"text_id": text.pk, "start": start, "end": start + len(quote), "quote": quote}
    return codings.create(by=by, testimony_id=testimony.pk, code_id=code.pk, **place)


def test_neither_waits_for_the_other(desk):
    """One has coded and not yet committed; the other codes all the same, and submits."""
    _, testimony, (one, two), _ = desk
    has_coded, may_go = Signal(), Signal()

    def first():
        with transaction.atomic():
            code_passage(desk, one, "Invented")
            has_coded.set()
            may_go.await_()

    def second():
        has_coded.await_()
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        code_passage(desk, two, "Invented")
        mine = models.Assignment.objects.get(coder=two.user_id)
        assignments.move(mine.pk, by=two, to="submitted")
        assert models.Coding.objects.count() == 1  # of the other nothing is committed
        may_go.set()

    with together(first, second):
        pass
    assert models.Coding.objects.filter(testimony=testimony).count() == 2
    assert list(verify.differences()) == []


def test_a_text_is_edited_while_somebody_codes_it(desk):
    """The editor waits for the coding, and finds it: none is left at words that it was not made on."""
    _, testimony, (one, _), editor = desk
    text = testimony.texts.get()

    def edit():
        texts.change(testimony.pk, text.pk, by=editor, version=None, body="New: " + BODY)

    with transaction.atomic():
        code_passage(desk, one, "words of one")
        session = Session(edit)
        session.wait_until_blocked()
    session.finish()
    coding = models.Coding.objects.get()
    text.refresh_from_db()
    assert (coding.anchor, text.body[coding.start : coding.end]) == ("moved", "words of one")
    assert list(verify.differences()) == []


def test_who_codes_after_the_edit_is_told(desk):
    _, testimony, (one, _), editor = desk
    text = testimony.texts.get()
    errors = []

    def code():
        try:
            code_passage(desk, one, "words of one")
        except Exception as error:  # noqa: BLE001 - looked at below
            errors.append(type(error).__name__)

    with transaction.atomic():
        texts.change(testimony.pk, text.pk, by=editor, version=None, body="New: " + BODY)
        session = Session(code)
        session.wait_until_blocked()
    session.finish()
    assert errors == ["Invalid"]
    assert not models.Coding.objects.exists()
