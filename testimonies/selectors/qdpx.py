"""Coded testimonies as a REFI-QDA project: the codings of one codebook version that the caller may see, with their texts."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID, uuid5

from testimonies import models
from testimonies.access import Actor
from testimonies.models.codings import Anchor, Coding, Presence
from testimonies.selectors import qdc, visibility
from testimonies.values import qdpx

MEDIA_TYPE = "application/octet-stream"
LONGEST_NAME = 80


def export(codebook: models.Codebook, actor: Actor) -> tuple[str, bytes]:
    """Name and bytes of the file. What the standard has no place for is left out: that a code is absent, or uncertain, and
    passages whose words were not found again. A coding of the whole testimony stands at its first text."""
    rows = visibility.coding(Coding, actor).filter(codebook=codebook, presence=Presence.PRESENT)
    rows = rows.exclude(anchor=Anchor.ORPHANED).select_related("assignment__coder", "code", "testimony")
    codings = list(rows.order_by("testimony__ref", "start", "id"))
    texts: dict[UUID, list[models.Text]] = defaultdict(list)
    seen = models.Text.objects.filter(testimony__in={row.testimony_id for row in codings}, tier__lte=actor.tier)
    for text in seen.order_by("position", "id"):
        texts[text.testimony_id].append(text)
    of_text: dict[UUID, list[Coding]] = defaultdict(list)
    for row in codings:
        if place := row.text_id or next((text.pk for text in texts[row.testimony_id]), None):
            of_text[place].append(row)
    testimonies = {row.testimony_id: row.testimony for row in codings}
    cases = [
        qdpx.QdaCase(pk, testimony.ref, [_source(testimony, text, of_text[text.pk], codebook) for text in texts[pk]])
        for pk, testimony in testimonies.items()
    ]
    coders = {row.assignment.coder_id: row.assignment.coder for row in codings}
    users = [qdpx.QdaUser(_user(codebook, pk), coder.get_username()) for pk, coder in coders.items()]
    codes = qdc.tree(codebook.slug, codebook.edition, actor)
    body = qdpx.dump(str(codebook), codes, users, cases, origin=qdc.ORIGIN)
    return f"{codebook.slug}-{codebook.edition}.qdpx", body


def _source(
    testimony: models.Testimony, text: models.Text, codings: Iterable[Coding], codebook: models.Codebook
) -> qdpx.QdaSource:
    name = f"{testimony.ref} {text.kind} {text.language}"
    return qdpx.QdaSource(text.pk, name, text.body, [_coding(row, codebook) for row in codings])


def _coding(row: Coding, codebook: models.Codebook) -> qdpx.QdaCoding:
    made = row.created_at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    user = _user(codebook, row.assignment.coder_id)
    if row.text_id is None or row.start is None or row.end is None:
        return qdpx.QdaCoding(row.pk, row.code.guid, user, made)
    return qdpx.QdaCoding(
        row.pk,
        row.code.guid,
        user,
        made,
        selection=uuid5(row.pk, "selection"),
        start=row.start,
        end=row.end,
        words=row.quote[:LONGEST_NAME],
        note=row.memo,
    )


def _user(codebook: models.Codebook, user_id: int) -> UUID:
    """Minted of the codebook's random id: the same in each export of it."""
    return uuid5(codebook.pk, str(user_id))
