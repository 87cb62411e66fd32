"""Stores what invented coders coded, as submitted assignments of accounts that nobody can enter; and lets codings follow texts."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from testimonies import models
from testimonies.access import Role
from testimonies.analysis import anchoring
from testimonies.models.assignments import AssignmentState
from testimonies.services import codings, quotes
from testimonies.services.loading.building import Draft, Shelf


def store(shelf: Shelf, drafts: Iterable[Draft]) -> int:
    """Of records that nobody codes yet: what people code here stays theirs. Returns how many codings were made.

    A load at the desk makes none, since it must make no accounts.
    """
    wanted = {draft.testimony_id: draft.line.codings for draft in drafts if draft.line.codings}
    codebook = shelf.collection.codebook
    if not wanted or shelf.importer_id is not None or codebook is None:
        return 0
    taken = {*models.Assignment.objects.filter(testimony__in=wanted).values_list("testimony_id", flat=True)}
    wanted = {testimony_id: lines for testimony_id, lines in wanted.items() if testimony_id not in taken}
    coders = {name: _coder(shelf, name) for lines in wanted.values() for name in {one.coder for one in lines}}
    texts = {(text.testimony_id, text.position): text for text in models.Text.objects.filter(testimony__in=wanted)}
    rows = []
    for testimony_id, lines in wanted.items():
        given = {name: _assignment(codebook, testimony_id, coders[name]) for name in {one.coder for one in lines}}
        for one in lines:
            text, assignment = texts[testimony_id, one.text], given[one.coder]
            found = anchoring.passage(text.body, one.start, one.end)
            coding = models.Coding(assignment=assignment, text=text, code_id=shelf.codes[one.code])
            coding.testimony_id, coding.codebook_id = testimony_id, assignment.codebook_id
            codings.put(coding, found)
            rows.append(coding)
    return len(models.Coding.objects.bulk_create(rows))


def _coder(shelf: Shelf, name: str) -> models.User:
    username = f"{shelf.entry.slug}-{name}"
    account = models.User.objects.filter(username=username).first()
    if account is None:
        # switched off: nobody is behind it, so nothing is assigned to it
        account = models.User(username=username, role=Role.CODER, is_active=False)
        account.set_unusable_password()
        account.save()
    return account


def _assignment(codebook: models.Codebook, testimony_id: UUID, coder: models.User) -> models.Assignment:
    return models.Assignment.objects.create(
        testimony_id=testimony_id,
        codebook=codebook,
        coder=coder,
        state=AssignmentState.SUBMITTED,
        note="Invented: loaded with the collection.",
        started_at=Now(),
        submitted_at=Now(),
    )


_HELD = Q(codings__isnull=False) | Q(quotes__isnull=False)


def before(texts: QuerySet[models.Text]) -> dict[UUID, str]:
    """Bodies of the texts in which something is coded or quoted, by their ids."""
    return dict(texts.filter(_HELD).values_list("pk", "body"))


def leave(texts: QuerySet[models.Text]) -> None:
    """What is coded or quoted in texts that a file no longer has keeps its words."""
    for text in texts.filter(_HELD).distinct():
        codings.leave(text)
        quotes.leave(text)


def follow(bodies: dict[UUID, str]) -> None:
    for text in models.Text.objects.filter(pk__in=bodies):
        if text.body != bodies[text.pk]:
            codings.follow(text, bodies[text.pk])
            quotes.follow(text, bodies[text.pk])
