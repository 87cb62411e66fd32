"""Acts on texts: transcripts, excerpts and translations of a testimony."""

from typing import Any
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import InUse, Invalid
from testimonies.models import Testimony, Text
from testimonies.models.testimonies import TextKind
from testimonies.services import codings, quotes, records
from testimonies.services.acts import act

FIELDS = frozenset(["language", "kind", "body", "position", "tier"])


@act(Capability.DRAFT)
def create(testimony_id: UUID, *, by: Actor, **values: Any) -> Text:
    """Errors: NotFound, NotAllowedNow, Invalid."""
    projections.lock(testimony=[testimony_id])
    testimony = records.find_open(testimony_id, by=by)
    last = records.next_position(testimony.texts.all())
    text = Text(testimony=testimony, position=last, created_by_id=by.user_id)
    return _store(text, values)


@act(Capability.DRAFT)
def change(testimony_id: UUID, text_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Text:
    """Errors: NotFound, NotAllowedNow, Overtaken, Invalid."""
    projections.lock(testimony=[testimony_id])
    testimony = records.find_open(testimony_id, by=by)
    return _store(records.part(Text, text_id, testimony, version), values)


@act(Capability.DRAFT)
def remove(testimony_id: UUID, text_id: UUID, *, by: Actor, version: int | None) -> None:
    """Errors: NotFound, NotAllowedNow, Overtaken; InUse, as long as another text translates it."""
    projections.lock(testimony=[testimony_id])
    text = records.part(Text, text_id, records.find_open(testimony_id, by=by), version)
    if number := text.translations.count():
        raise InUse(f"{number} translations")
    codings.leave(text)
    quotes.leave(text)
    records.delete(text, by=by)


def _store(text: Text, values: dict[str, Any]) -> Text:
    errors, before = [], None if text._state.adding else text.body  # noqa: SLF001 - Django's own word for it
    if "translation_of_id" in values:
        original_id = values.pop("translation_of_id")
        text.translation_of = None if original_id is None else _original(text.testimony, original_id)
        if original_id is not None and (text.translation_of is None or original_id == text.pk):
            errors.append(
                ("/translation_of_id", "unknown", "Name another text of the same testimony, which this one translates.")
            )
    records.put(text, values, FIELDS)
    if text.translation_of is not None and text.kind != TextKind.TRANSLATION:
        errors.append(("/kind", "not_a_translation", "Only a translation translates another text."))
    if not text.body.strip():
        errors.append(("/body", "blank", "A text has words."))
    if errors:
        raise Invalid(*errors)
    stored = records.store(text)
    if before not in {None, stored.body}:
        codings.follow(stored, before)
        quotes.follow(stored, before)
    return stored


def _original(testimony: Testimony, text_id: UUID) -> Text | None:
    return Text.objects.filter(pk=text_id, testimony=testimony).first()
