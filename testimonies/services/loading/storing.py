"""Stores drafts, part by part: all rows of one kind at once, parents first."""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import TypeVar
from uuid import UUID

from testimonies import models
from testimonies.models.testimonies import TextKind
from testimonies.services import acts
from testimonies.services.loading import building, coding, state
from testimonies.services.loading.building import Draft, Shelf
from testimonies.services.loading.rows import Changes, keep
from testimonies.services.loading.sources import Catalogue

Part = TypeVar("Part")


def store(shelf: Shelf, drafts: list[Draft], catalogue: Catalogue) -> Changes:
    """Make the records of one collection what their lines say, and remember as what they were left."""
    ids = [draft.testimony_id for draft in drafts]
    acts.again(lambda: _people(shelf, drafts))
    acts.again(lambda: _testimonies(shelf, drafts, ids))
    cited = {draft.testimony_id: draft.citations(catalogue) for draft in drafts}
    acts.again(catalogue.store)
    _citations(drafts, ids, cited)
    _parts(shelf, drafts, ids)
    _texts(drafts, ids)
    return _remember(shelf, drafts, ids)


def _all(drafts: Iterable[Draft], part: Callable[[Draft], Iterable[Part]]) -> list[Part]:
    return list(chain.from_iterable(map(part, drafts)))


def _people(shelf: Shelf, drafts: list[Draft]) -> None:
    wanted = [draft for draft in drafts if not draft.keeps_person]
    ids = [draft.person_id for draft in wanted]
    keep(
        models.Person.objects.filter(pk__in=ids),
        {draft.person_id: draft.person() for draft in wanted}.values(),
        key=("id",),
        fields=building.PERSON_FIELDS,
    )
    keep(
        models.PersonName.objects.filter(person__in=ids),
        {(name.person_id, name.value): name for name in _all(wanted, Draft.names)}.values(),
        key=("person_id", "value"),
        fields=("kind", "tier"),
    )
    # one person a line: nobody is merged by a name or by a key
    models.PersonExternalId.objects.bulk_create(
        models.PersonExternalId(person_id=draft.person_id, system=shelf.entry.slug, value=draft.line.key)
        for draft in wanted
        if draft.is_new
    )
    keep(
        models.Membership.objects.filter(pk__in=[draft.membership_id for draft in drafts]),
        [draft.membership() for draft in drafts],
        key=("id",),
        fields=building.MEMBERSHIP_FIELDS,
    )


def _testimonies(shelf: Shelf, drafts: list[Draft], ids: list[UUID]) -> None:
    keep(
        models.Testimony.objects.filter(pk__in=ids),
        [draft.testimony() for draft in drafts],
        key=("id",),
        fields=building.TESTIMONY_FIELDS,
    )
    models.CollectionItem.objects.bulk_create(
        [models.CollectionItem(testimony_id=draft.testimony_id, collection=shelf.collection) for draft in drafts],
        ignore_conflicts=True,
    )


def _citations(drafts: list[Draft], ids: list[UUID], cited: dict[UUID, list[models.Citation]]) -> None:
    keep(
        models.Citation.objects.filter(testimony__in=ids),
        {citation.pk: citation for citations in cited.values() for citation in citations}.values(),
        key=("testimony_id", "source_id", "relation"),
        fields=("position",),
    )
    keep(
        models.Evidence.objects.filter(citation__testimony__in=ids),
        _all(drafts, lambda draft: draft.evidence(cited[draft.testimony_id])),
        key=("citation_id", "field"),
        fields=("basis", "note"),
    )
    keep(
        models.Claim.objects.filter(testimony__in=ids),
        _all(drafts, lambda draft: draft.claims(cited[draft.testimony_id])),
        key=("testimony_id", "field", "value", "source_id", "is_preferred"),
        fields=("note", "position", "tier"),
    )


def _parts(shelf: Shelf, drafts: list[Draft], ids: list[UUID]) -> None:
    keep(
        models.ConsensusCode.objects.filter(testimony__in=ids),
        _all(drafts, Draft.codes),
        key=("testimony_id", "code_id"),
        fields=(),
    )
    keep(
        models.Clearance.objects.filter(testimony__in=ids),
        _all(drafts, Draft.clearances),
        key=("testimony_id", "basis", "starts_at"),
        fields=("uses", "ends_at", "withdrawn_at", "reviewed_by"),
    )
    keep(
        models.CaseLink.objects.filter(testimony__in=ids, collection=shelf.cases),
        _all(drafts, Draft.case_links),
        key=("testimony_id", "collection_id"),
        fields=("is_case",),
    )


def _texts(drafts: list[Draft], ids: list[UUID]) -> None:
    stored, wanted = models.Text.objects.filter(testimony__in=ids), [draft.texts() for draft in drafts]
    key, fields = ("testimony_id", "position"), ("kind", "language", "tier", "body", "translation_of")
    places = {
        (text.testimony_id, text.position, text.kind == TextKind.TRANSLATION) for texts in wanted for text in texts
    }
    bodies = coding.before(stored)
    there = stored.values_list("pk", "testimony_id", "position", "kind")
    if gone := [pk for pk, owner, n, kind in there if (owner, n, kind == TextKind.TRANSLATION) not in places]:
        coding.leave(stored.filter(pk__in=gone))
    originals = [text for texts in wanted for text in texts if text.kind != TextKind.TRANSLATION]
    keep(stored.exclude(kind=TextKind.TRANSLATION), originals, key=key, fields=fields)
    translations = [(text, texts) for texts in wanted for text in texts if text.kind == TextKind.TRANSLATION]
    for text, texts in translations:
        text.translation_of = building.original_of(text, texts)
    keep(stored.filter(kind=TextKind.TRANSLATION), [text for text, _ in translations], key=key, fields=fields)
    coding.follow(bodies)


def _remember(shelf: Shelf, drafts: list[Draft], ids: list[UUID]) -> Changes:
    left = state.digests(ids)
    keep(
        models.TestimonyExternalId.objects.filter(
            system=shelf.entry.slug, value__in={draft.line.key for draft in drafts}
        ),
        [
            models.TestimonyExternalId(
                testimony_id=draft.testimony_id,
                system=shelf.entry.slug,
                value=draft.line.key,
                line_digest=draft.digest,
                record_digest=left[draft.testimony_id],
            )
            for draft in drafts
        ],
        key=("system", "value"),
        fields=("line_digest", "record_digest"),
    )
    changes = Changes()
    for draft in drafts:
        changes.created += draft.is_new
        changes.unchanged += draft.record_digest == left[draft.testimony_id]
    changes.updated = len(drafts) - changes.created - changes.unchanged
    return changes
