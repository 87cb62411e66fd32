"""Acts on codings: a coder applies a code to what is assigned to them, as long as they have not submitted it.

They lock the coder's own assignment, and the text against whoever edits it: neither waits for another coder, nor another
coder for them (docs/adr/0025).
"""

from typing import Any
from uuid import UUID

from django.db import connection

from testimonies.access import Actor, Capability
from testimonies.analysis import anchoring
from testimonies.errors import InUse, Invalid, NotAssigned, NotFound
from testimonies.models import Assignment, Code, Coding, Quote, Testimony, Text
from testimonies.models.codings import Anchor
from testimonies.selectors.visibility import may_see
from testimonies.services import assignments, records
from testimonies.services.acts import act

FIELDS = frozenset(["presence", "salience", "grade", "memo"])
PASSAGE = ("text_id", "start", "end", "quote")


@act(Capability.CODE)
def create(*, by: Actor, testimony_id: UUID, code_id: UUID, **values: Any) -> Coding:
    """Of a passage, with `text_id`, `start`, `end` and `quote`; without them, of the whole testimony.

    Errors: Invalid; Exists, of what is coded just so; NotAssigned; Submitted.
    """
    code = _code(code_id, by=by)
    assignment = _assignment(testimony_id, code, by=by)
    coding = Coding(
        assignment=assignment,
        testimony_id=assignment.testimony_id,
        codebook_id=assignment.codebook_id,
        created_by_id=by.user_id,
    )
    made = _store(coding, {**dict.fromkeys(PASSAGE), **values}, code)
    assignments.begun(assignment)
    return made


@act(Capability.CODE)
def change(coding_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Coding:
    """A testimony that is named stays the same. Errors: NotFound, Overtaken; Invalid; Exists; NotAssigned; Submitted."""
    coding = _own(coding_id, version, by=by)
    if values.pop("testimony_id", coding.testimony_id) != coding.testimony_id:
        raise Invalid(("/testimony_id", "fixed", "A coding stays with its testimony. Make a new one, and delete this."))
    code = _code(values.pop("code_id"), by=by) if "code_id" in values else coding.code
    return _store(coding, values, code)


@act(Capability.CODE)
def remove(coding_id: UUID, *, by: Actor, version: int | None) -> None:
    """Errors: NotFound, Overtaken; NotAssigned; Submitted; InUse, where a decision rests on it."""
    coding = _own(coding_id, version, by=by)
    if coding.settled.exists():
        raise InUse("a decision, which is kept")
    records.delete(coding, by=by)


def _own(coding_id: UUID, version: int | None, *, by: Actor) -> Coding:
    """Locked: the assignment, the text, then the coding, in the order of whoever edits the text."""
    seen = Coding.objects.filter(pk=coding_id).select_related("assignment").first()
    if seen is None or not may_see(seen, by):
        raise NotFound
    assignments.own(Assignment.objects.select_for_update(no_key=True).get(pk=seen.assignment_id), by)
    _text(seen.text_id, seen.testimony_id)
    return records.at_version(records.find(Coding, coding_id, by=by), version)


def _assignment(testimony_id: UUID, code: Code, *, by: Actor) -> Assignment:
    testimony = records.related(Testimony, testimony_id, "testimony_id", by=by)
    mine = Assignment.objects.filter(testimony=testimony, coder=by.user_id) if by.user_id else Assignment.objects.none()
    found = mine.filter(codebook=code.codebook_id).select_for_update(no_key=True).first()
    if found is None:
        if mine.exists():
            raise Invalid(("/code_id", "other_codebook", "Use a code of the codebook version that is assigned to you."))
        raise NotAssigned
    return assignments.own(found, by)


def _code(code_id: UUID, *, by: Actor) -> Code:
    code = records.related(Code, code_id, "code_id", by=by)
    if not code.is_assignable:
        raise Invalid(("/code_id", "not_assignable", "This code only groups others. Apply one below it."))
    return code


def _text(text_id: UUID | None, testimony_id: UUID) -> Text | None:
    """Locked against whoever edits it, shared with everybody who codes it."""
    if text_id is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM testimonies_text WHERE id = %s FOR SHARE", [text_id])
    return Text.objects.filter(pk=text_id, testimony=testimony_id).first()


def _store(coding: Coding, values: dict[str, Any], code: Code) -> Coding:
    if code.codebook_id != coding.codebook_id:
        raise Invalid(("/code_id", "other_codebook", "Use a code of the codebook version that is assigned to you."))
    coding.code = code
    place = {name: values.pop(name) for name in PASSAGE if name in values}
    records.put(coding, values, FIELDS)
    before = {"text_id": coding.text_id, "start": coding.start, "end": coding.end, "quote": coding.quote or None}
    wanted = {**before, **place}
    wanted["quote"] = wanted["quote"] or None
    if wanted != before or coding._state.adding:  # noqa: SLF001 - Django's own word for it
        _put_passage(coding, **wanted)
    return records.store(coding)


def _put_passage(
    coding: Coding, *, text_id: UUID | None, start: int | None, end: int | None, quote: str | None
) -> None:
    given = {"text_id": text_id, "start": start, "end": end, "quote": quote}
    missing = [name for name, value in given.items() if value is None]
    coding.anchor = Anchor.ANCHORED
    if len(missing) == len(given):
        coding.text, coding.start, coding.end = None, None, None
        coding.quote = coding.prefix = coding.suffix = ""
        return
    if missing:
        raise Invalid(*((f"/{name}", "required", "A passage has text_id, start, end and quote.") for name in missing))
    text = _text(text_id, coding.testimony_id)
    if text is None:
        raise Invalid(("/text_id", "unknown", "Name a text of this testimony."))
    try:
        found = anchoring.passage(text.body, start or 0, end or 0)
    except ValueError:
        outside = f"A passage has at least one code point, and ends by {len(text.body)}."
        raise Invalid(("/end", "outside", outside)) from None
    if found.quote != quote:
        raise Invalid(("/quote", "differs", DIFFERS))
    put(coding, found)
    coding.text = text


def put(coding: Coding | Quote, found: anchoring.Passage) -> None:
    """The selectors of a coding or a quote."""
    for name in ("start", "end", "quote", "prefix", "suffix"):
        setattr(coding, name, getattr(found, name))


DIFFERS = (
    "The text reads otherwise there. Read it again, and count Unicode code points: not bytes, and not the UTF-16 units of "
    "JavaScript's length."
)


# --- When a text is edited --------------------------------------------------------------------------------------------


ANCHORS = {
    anchoring.Found.EXACT: Anchor.ANCHORED,
    anchoring.Found.MOVED: Anchor.MOVED,
    anchoring.Found.FUZZY: Anchor.FUZZY,
    anchoring.Found.ORPHANED: Anchor.ORPHANED,
}


def follow(text: Text, before: str) -> None:
    """Within the act that edits a text, which is locked: find its codings again, or flag them. None is lost (docs/adr/0026)."""
    rows = list(text.codings.select_for_update(no_key=True).order_by("pk"))
    if not rows:
        return
    passages = [
        anchoring.Passage(row.start, row.end, row.quote, row.prefix, row.suffix)  # type: ignore[arg-type]
        for row in rows
    ]
    taken = set()
    for row, (passage, found) in zip(rows, anchoring.reanchored(passages, before, text.body), strict=True):
        put(row, passage)
        row.anchor = ANCHORS[found]
        place = (row.assignment_id, row.code_id, row.start, row.end)
        if row.anchor != Anchor.ORPHANED and place in taken:  # two passages have become one: its coder decides
            row.anchor = Anchor.ORPHANED
        taken.add(place)
    # each goes to its new place from nowhere: on its way it may stand where another stood
    text.codings.update(anchor=Anchor.ORPHANED)
    Coding.objects.bulk_update(rows, ["start", "end", "quote", "prefix", "suffix", "anchor"])


def leave(text: Text) -> None:
    """Within the act that removes a text: what was coded in it is kept, with its words."""
    text.codings.update(anchor=Anchor.ORPHANED, text=None)
