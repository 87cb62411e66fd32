"""Acts on texts: who may, when, and what a text is."""

import pytest

from testimonies.errors import Forbidden, InUse, Invalid, NotAllowedNow, NotFound, Overtaken
from testimonies.models import Text
from testimonies.services import texts
from tests import factories as make
from tests.writers import Writers, nothing_is_stale


@pytest.fixture
def w(transactional_db) -> Writers:
    return Writers()


def add(w, name="author", testimony=None, **values):
    values = {"language": "en", "kind": "transcript", "body": "Invented.", **values}
    return texts.create((testimony or w.draft).pk, by=w.actor(name), **values)


def test_texts_are_added_last_changed_and_removed(w):
    first, second = add(w), add(w, "editor", language="ar")
    assert [(row.position, row.created_by) for row in (first, second)] == [
        (0, w.users["author"]),
        (1, w.users["editor"]),
    ]
    changed = texts.change(w.draft.pk, first.pk, by=w.actor("author"), version=1, body="Other.")
    assert (changed.body, changed.version, changed.position) == ("Other.", 2, 0)
    texts.remove(w.draft.pk, second.pk, by=w.actor("author"), version=1)
    assert list(w.draft.texts.values_list("body", flat=True)) == ["Other."]
    assert nothing_is_stale()


@pytest.mark.parametrize(
    ("name", "testimony", "refusal"),
    [
        ("reader", "draft", Forbidden),
        ("coder", "draft", NotFound),  # another coder's
        ("author", "submitted", NotAllowedNow),
    ],
)
def test_refusals(w, name, testimony, refusal):
    row = getattr(w, testimony)
    row = row() if callable(row) else row
    text = make.make_text(testimony=row)
    with pytest.raises(refusal):
        add(w, name, row)
    with pytest.raises(refusal):
        texts.change(row.pk, text.pk, by=w.actor(name), version=1, body="Other.")
    with pytest.raises(refusal):
        texts.remove(row.pk, text.pk, by=w.actor(name), version=1)
    assert list(row.texts.values_list("pk", "version")) == [(text.pk, 1)]
    assert add(w, "editor", row).testimony == row


def test_a_text_of_another_testimony_is_not_there(w):
    text = make.make_text(testimony=w.submitted())
    with pytest.raises(NotFound):
        texts.change(w.draft.pk, text.pk, by=w.actor("editor"), version=1, body="Other.")
    with pytest.raises(NotFound):
        texts.remove(w.draft.pk, text.pk, by=w.actor("editor"), version=1)
    texts.change(text.testimony_id, text.pk, by=w.actor("editor"), version=1, body="Other.")


def test_an_overtaken_change_changes_nothing(w):
    text = add(w)
    texts.change(w.draft.pk, text.pk, by=w.actor("author"), version=1, body="First.")
    with pytest.raises(Overtaken) as caught:
        texts.change(w.draft.pk, text.pk, by=w.actor("author"), version=1, body="Second.")
    with pytest.raises(Overtaken):
        texts.remove(w.draft.pk, text.pk, by=w.actor("author"), version=1)
    assert caught.value.version == 2
    assert Text.objects.get(pk=text.pk).body == "First."
    assert texts.change(w.draft.pk, text.pk, by=w.actor("author"), version=None, body="Second.").version == 3


def test_a_translation_is_of_another_text_of_the_same_testimony(w):
    original, elsewhere = add(w), make.make_text(testimony=w.published)
    translation = add(w, kind="translation", language="de", translation_of_id=original.pk)
    assert translation.translation_of == original
    for wrong in (elsewhere.pk, translation.pk):
        with pytest.raises(Invalid) as caught:
            texts.change(w.draft.pk, translation.pk, by=w.actor("author"), version=1, translation_of_id=wrong)
        assert [(pointer, code) for pointer, code, _ in caught.value.errors] == [("/translation_of_id", "unknown")]
    with pytest.raises(Invalid) as caught:
        add(w, kind="excerpt", translation_of_id=original.pk, body=" \n")
    assert [error[:2] for error in caught.value.errors] == [("/kind", "not_a_translation"), ("/body", "blank")]
    with pytest.raises(InUse):
        texts.remove(w.draft.pk, original.pk, by=w.actor("author"), version=1)
    texts.change(w.draft.pk, translation.pk, by=w.actor("author"), version=1, translation_of_id=None)
    texts.remove(w.draft.pk, original.pk, by=w.actor("author"), version=1)
    assert nothing_is_stale()
