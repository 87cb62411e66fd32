"""Acts on quotes: whoever drafts proposes a passage, a second person approves it (docs/adr/0034).

They lock the testimony against whoever edits its texts, so that a passage is of the text as it is.
"""

from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.analysis import anchoring
from testimonies.errors import Invalid, NotAllowedNow, OwnWork
from testimonies.models import Quote, Testimony, Text
from testimonies.models.codings import Anchor
from testimonies.models.quotes import HOLDS, VERDICTS, QuoteStatus
from testimonies.services import records
from testimonies.services.acts import act
from testimonies.services.codings import ANCHORS, DIFFERS, put

FIELDS = frozenset(["note", "tier"])
"""What an act may set, beside the passage (`text_id`, `start`, `end`, `quote`) and `translation_of_id`."""
PASSAGE = ("text_id", "start", "end", "quote")


@act(Capability.DRAFT)
def create(*, by: Actor, testimony_id: UUID, **values: Any) -> Quote:
    """Propose a passage: `quote`, and `text_id`, `start` and `end`, or where the words stand once. Errors: Invalid; Exists, of a passage that is proposed or approved already."""
    projections.lock(linked={"testimony": [testimony_id]})
    testimony = records.related(Testimony, testimony_id, "testimony_id", by=by)
    return _store(Quote(testimony=testimony, created_by_id=by.user_id), values, by=by)


@act(Capability.DRAFT)
def change(quote_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Quote:
    """Whatever changes is proposed anew, unless it only hides more or is a note. A testimony that is named stays the same.

    `status` alone decides, as `decide` does.

    Errors: NotFound, Overtaken; NotAllowedNow; Invalid, Exists.
    """
    if (to := values.pop("status", None)) is not None:
        if values:
            raise Invalid(("/status", "alone", "Save your changes first: then a second person decides."))
        return decide(quote_id, by=by, to=to, version=version)
    quote = _own(quote_id, version, by=by)
    if values.pop("testimony_id", quote.testimony_id) != quote.testimony_id:
        raise Invalid(("/testimony_id", "fixed", "A quote stays with its testimony. Make a new one, and delete this."))
    return _store(quote, values, by=by)


@act(Capability.DRAFT)
def remove(quote_id: UUID, *, by: Actor, version: int | None) -> None:
    """Uses that name it keep the testimony, without the quote. Errors: NotFound, Overtaken; NotAllowedNow."""
    records.delete(_own(quote_id, version, by=by), by=by)


@act(Capability.REVIEW)
def decide(quote_id: UUID, *, by: Actor, to: str, version: int | None = None) -> Quote:
    """Approve or reject. Nobody approves what they proposed; whoever reviews may reject anything, at any time.

    Errors: NotFound, Overtaken; OwnWork; NotAllowedNow, of a passage that is not in its text as it was proposed.
    """
    quote = _locked(quote_id, version, by=by)
    if to not in dict(VERDICTS):
        raise Invalid(("/status", "unknown_value", "Approve it or reject it."))
    if to == QuoteStatus.APPROVED:
        if by.user_id is None:
            raise NotAllowedNow("Approve with a key of an account, so that it is known that two people have seen it.")
        if by.user_id in {quote.proposed_by_id, quote.created_by_id}:
            raise OwnWork("Nobody approves what they proposed. Ask a second person.")
        if quote.anchor not in HOLDS:
            raise NotAllowedNow("The text was edited, and the words are no longer there. Mark the passage anew first.")
    Quote.objects.filter(pk=quote.pk).update(status=to, decided_by_id=by.user_id, decided_at=Now())
    quote.refresh_from_db()
    return quote


def _locked(quote_id: UUID, version: int | None, *, by: Actor) -> Quote:
    """The testimony, then the quote, in the order of whoever edits the text."""
    projections.lock(linked={"testimony": Quote.objects.filter(pk=quote_id).values_list("testimony_id", flat=True)})
    return records.at_version(records.find(Quote, quote_id, by=by), version)


def _own(quote_id: UUID, version: int | None, *, by: Actor) -> Quote:
    quote = _locked(quote_id, version, by=by)
    check_own(quote, by=by)
    return quote


def check_own(quote: Quote, *, by: Actor) -> None:
    """Whether the actor may change it. Errors: NotAllowedNow."""
    is_own = by.user_id is not None and quote.proposed_by_id == by.user_id
    if not by.may(Capability.CURATE) and not (is_own and quote.status == QuoteStatus.PROPOSED):
        raise NotAllowedNow("You change what you proposed, until it is decided. Ask an editor to change it.")


def _store(quote: Quote, values: dict[str, Any], *, by: Actor) -> Quote:
    is_new = quote._state.adding  # noqa: SLF001 - Django's own word for it
    before = None if is_new else _said(quote)
    place = {name: values.pop(name) for name in PASSAGE if name in values}
    if place.keys() == {"quote"}:  # the words alone: where they stand is to be found
        place |= dict.fromkeys(("text_id", "start", "end"))
    if "translation_of_id" in values:
        quote.translation_of = _original(quote, values.pop("translation_of_id"))
    old_tier = quote.tier
    records.put(quote, values, FIELDS)
    if is_new or any(getattr(quote, name) != value for name, value in place.items()):
        _put_passage(quote, {**{name: getattr(quote, name) for name in PASSAGE}, **place})
    if before is None or before != _said(quote) or quote.tier < old_tier:
        quote.status, quote.proposed_by_id = QuoteStatus.PROPOSED, by.user_id
        quote.decided_by, quote.decided_at = None, None
    return records.store(quote)


def _said(quote: Quote) -> tuple[Any, ...]:
    return (*(getattr(quote, name) for name in PASSAGE), quote.translation_of_id)


def _original(quote: Quote, original_id: UUID | None) -> Quote | None:
    if original_id is None:
        return None
    found = Quote.objects.filter(pk=original_id, testimony=quote.testimony_id).exclude(pk=quote.pk).first()
    if found is None:
        raise Invalid(("/translation_of_id", "unknown", "Name another quote of the same testimony."))
    return found


def _put_passage(quote: Quote, place: dict[str, Any]) -> None:
    missing = [name for name in ("text_id", "start", "end") if place[name] is None]
    if len(missing) == 3:
        place = _found(quote, place["quote"])
    elif missing:
        raise Invalid(
            *((f"/{name}", "required", "Say where: text_id, start and end; or none of them.") for name in missing)
        )
    text = Text.objects.filter(pk=place["text_id"], testimony=quote.testimony_id).first()
    if text is None:
        raise Invalid(("/text_id", "unknown", "Name a text of this testimony."))
    try:
        found = anchoring.passage(text.body, place["start"], place["end"])
    except ValueError:
        outside = f"A passage has at least one code point, and ends by {len(text.body)}."
        raise Invalid(("/end", "outside", outside)) from None
    if found.quote != place["quote"]:
        raise Invalid(("/quote", "differs", DIFFERS))
    put(quote, found)
    quote.text, quote.anchor = text, Anchor.ANCHORED


def _found(quote: Quote, words: str) -> dict[str, Any]:
    """Where the words stand in the testimony's texts. Errors: Invalid, unless that is one place."""
    places: list[dict[str, Any]] = []
    for text in Text.objects.filter(testimony=quote.testimony_id):
        start = text.body.find(words)
        while start >= 0 and len(places) < 2:
            places.append({"text_id": text.pk, "start": start, "end": start + len(words), "quote": words})
            start = text.body.find(words, start + 1)
    if len(places) != 1:
        raise Invalid(
            (
                "/quote",
                "not_one_place",
                "Paste words that stand once in the testimony's texts, just as they stand there.",
            )
        )
    return places[0]


# --- When a text is edited --------------------------------------------------------------------------------------------


def follow(text: Text, before: str) -> None:
    """Within the act that edits a text: find its quotes again, or flag them. A flagged one is withheld until looked at."""
    rows = list(text.quotes.select_for_update(no_key=True).order_by("pk"))
    if not rows:
        return
    passages = [anchoring.Passage(row.start, row.end, row.quote, row.prefix, row.suffix) for row in rows]
    taken = set()
    for row, (passage, found) in zip(rows, anchoring.reanchored(passages, before, text.body), strict=True):
        put(row, passage)
        row.anchor = ANCHORS[found]
        if row.anchor in HOLDS and (row.start, row.end) in taken:  # two passages have become one
            row.anchor = Anchor.ORPHANED
        taken.add((row.start, row.end))
    # each goes to its new place from nowhere: on its way it may stand where another stood
    text.quotes.update(anchor=Anchor.ORPHANED)
    Quote.objects.bulk_update(rows, ["start", "end", "quote", "prefix", "suffix", "anchor"])


def leave(text: Text) -> None:
    """Within the act that removes a text: its quotes are kept with their words, and withheld."""
    text.quotes.update(anchor=Anchor.ORPHANED, text=None)
