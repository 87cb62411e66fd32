"""Writes what was planned: new records of a batch in bulk, changes one by one through the ordinary acts.

Within the caller's act, which has locked what is stored, and tells the history who acts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import Model

from testimonies import models, projections
from testimonies.access import Actor, Capability
from testimonies.errors import DomainError, Frozen, Invalid
from testimonies.models.testimonies import TextKind
from testimonies.projections.prepared import at_once
from testimonies.services import bulk, persons, records, testimonies, together
from testimonies.services.bulk import Values, insert
from testimonies.services.importing.differences import problem
from testimonies.services.importing.part_plans import Shelf
from testimonies.services.importing.planning import Planned
from testimonies.services.loading import building, links


def write(batch: Sequence[Planned], shelf: Shelf, *, by: Actor) -> None:
    """Store the rows of a batch that nothing is wrong with, with their projections. What turns out wrong is added to its row.

    Errors: Frozen, where a change would show otherwise in what is published.
    """
    new = [one for one in batch if one.is_new and not one.problems]
    projections.made(
        person=[one.person_id for one in batch if one.makes_person],
        testimony=[one.testimony_id for one in new],
        source=shelf.catalogue.new_ids(),
    )
    if new and not _attempt(new, lambda: _create(new, shelf, by)):
        for one in new:  # one of them is wrong: which, the database says of each alone
            _attempt([one], lambda one=one: _create([one], shelf, by), tells=True)  # type: ignore[misc]
    changed = [one for one in batch if not one.is_new and one.changes and not one.problems]
    alike = [one for one in changed if _is_plain(one, by)]
    if not (alike and _attempt(alike, lambda: _update_alike(alike))):
        alike = []
    done = {one.number for one in alike}
    for one in changed:
        if one.number not in done:
            _attempt([one], lambda one=one: _update(one, shelf, by), tells=True)  # type: ignore[misc]
    if projections.refresh() == projections.Change.OTHER:
        raise Frozen


def finish(asked: dict[UUID, list[str]]) -> None:
    """Once all rows are stored: what rows said of each other, and what earlier files have waited for."""
    if asked:
        links.ask(asked)
    links.resolve()


def _attempt(rows: Sequence[Planned], step: Callable[[], None], *, tells: bool = False) -> bool:
    """Whether all of it could be written; otherwise nothing was."""
    try:
        with transaction.atomic():
            step()
    except (IntegrityError, DataError, ValidationError) as error:
        if tells:
            name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "a value does not fit"
            rows[0].problems.append(problem("", "", str(name), f"Not so for this record: {name.replace('_', ' ')}."))
    except together.Refused as refused:
        for one in refused.errors.values():
            rows[0].problems += _problems(one)
    except DomainError as error:
        rows[0].problems += _problems(error)
    else:
        return True
    return False


def _problems(error: DomainError) -> list[Any]:
    if isinstance(error, Invalid):
        return [problem(where.strip("/").replace("/", "."), "", code, detail) for where, code, detail in error.errors]
    return [problem("", "", error.code, error.detail)]


# --- Changes ----------------------------------------------------------------------------------------------------------


def _is_plain(one: Planned, by: Actor) -> bool:
    """Whether nothing but fields of the testimony itself changes, of which no act does more than to check and store them.

    The plan has checked them; whoever sees and curates everything may change whatever is neither published nor withdrawn.
    """
    more = one.person or one.parts or one.codes is not None
    is_free = by.sees_every_state and by.may(Capability.CURATE)
    return (
        is_free and bool(one.testimony) and not more and one.testimony.keys() <= testimonies.FIELDS - {"coding_status"}
    )


def _update_alike(rows: Sequence[Planned]) -> None:
    """By one statement for all of which the same fields change."""
    alike: dict[tuple[str, ...], dict[UUID, Values]] = defaultdict(dict)
    for one in rows:
        alike[tuple(sorted(one.testimony))][one.testimony_id] = one.testimony
    for values in alike.values():
        bulk.change(models.Testimony, values)
    ids = models.TestimonyExternalId.objects.filter(testimony__in=[one.testimony_id for one in rows])
    digests = {one.testimony_id: one.digest for one in rows}
    bulk.change(
        models.TestimonyExternalId,
        {pk: {"line_digest": digests[testimony_id]} for pk, testimony_id in ids.values_list("pk", "testimony_id")},
    )


def _update(one: Planned, shelf: Shelf, by: Actor) -> None:
    if one.person:
        _store_person(one, by)
    shelf.catalogue.store()
    changes = [
        together.Part(name=str(number), kind=part.kind, id=part.id, values=part.values)
        for number, part in enumerate(one.parts)
    ]
    if one.testimony or changes or one.codes is not None:
        together.write(
            one.testimony_id,
            by=by,
            version=records.ANY_VERSION,
            values=dict(one.testimony),
            parts=changes,
            codes=one.codes,
        )
    models.TestimonyExternalId.objects.filter(testimony=one.testimony_id).update(line_digest=one.digest)


def _store_person(one: Planned, by: Actor) -> None:
    if one.makes_person:
        insert(models.Person, [_person(one, by)])
        insert(models.PersonName, _names(one))
        insert(models.PersonExternalId, _person_ids(one))
    else:
        persons.change(one.person_id, by=by, version=records.ANY_VERSION, **one.person)


# --- New records --------------------------------------------------------------------------------------------------------


def _create(rows: Sequence[Planned], shelf: Shelf, by: Actor) -> None:
    """All rows of one kind at once, parents first. PostgreSQL stores one kind while the next is put together."""
    making = [one for one in rows if one.makes_person]
    with at_once():
        insert(models.Person, [_person(one, by) for one in making])
        insert(models.PersonName, [name for one in making for name in _names(one)])
        insert(models.PersonExternalId, [row for one in making for row in _person_ids(one)])
    for one in rows:
        if one.person and not one.makes_person:
            persons.change(one.person_id, by=by, version=records.ANY_VERSION, **one.person)
    with at_once():
        insert(models.Membership, [row for one in rows if (row := _membership(one, shelf, by))])
        insert(models.Testimony, [_testimony(one, by) for one in rows])
        insert(models.TestimonyExternalId, [row for one in rows for row in _ids(one)])
        insert(models.CollectionItem, [row for one in rows for row in _items(one, shelf)])
        insert(models.CaseLink, [row for one in rows for row in _cases(one, shelf)])
        insert(models.ConsensusCode, [_code(one, pk) for one in rows for pk in one.codes or ()])
        shelf.catalogue.store()
        insert(models.Citation, _parts(rows, models.Citation, by))
        insert(models.Clearance, _parts(rows, models.Clearance, by))
        insert(models.Claim, _parts(rows, models.Claim, by))
        _insert_texts(rows, by)


def _person(one: Planned, by: Actor) -> Values:
    values = {name: value for name, value in one.person.items() if name in persons.FIELDS}
    return {"id": one.person_id, "created_by_id": by.user_id, **values}


def _names(one: Planned) -> Iterator[Values]:
    return ({"person_id": one.person_id, **name} for name in one.person.get("other_names", ()))


def _person_ids(one: Planned) -> Iterator[Values]:
    return ({"person_id": one.person_id, **row} for row in one.person.get("external_ids", ()))


def _membership(one: Planned, shelf: Shelf, by: Actor) -> Values | None:
    slug = one.testimony.get("group")
    if not slug:
        return None
    one.membership_id = uuid4()
    values = {name: one.testimony[name] for name in testimonies.MEMBERSHIP & one.testimony.keys()}
    of = {"person_id": one.person_id, "group_id": shelf.groups[slug], "created_by_id": by.user_id}
    return {"id": one.membership_id, **of, **values}


def _testimony(one: Planned, by: Actor) -> Values:
    values = {name: value for name, value in one.testimony.items() if name in testimonies.FIELDS}
    of = {"person_id": one.person_id, "membership_id": one.membership_id, "created_by_id": by.user_id}
    return {"id": one.testimony_id, **of, **values}


def _ids(one: Planned) -> Iterator[Values]:
    for row in one.testimony.get("external_ids", ()):
        yield {"testimony_id": one.testimony_id, "line_digest": one.digest, **row}


def _items(one: Planned, shelf: Shelf) -> Iterator[Values]:
    for slug in one.testimony.get("collections", ()):
        yield {"testimony_id": one.testimony_id, "collection_id": shelf.collections[slug]}


def _cases(one: Planned, shelf: Shelf) -> Iterator[Values]:
    for case in one.testimony.get("cases", ()):
        collection_id = shelf.collections[case["collection"]]
        yield {"testimony_id": one.testimony_id, "collection_id": collection_id, "is_case": case["is_case"]}


def _code(one: Planned, code_id: UUID) -> Values:
    return {"testimony_id": one.testimony_id, "code_id": code_id}


def _parts(rows: Iterable[Planned], kind: type[Model], by: Actor) -> list[dict[str, Any]]:
    return [
        {"testimony_id": one.testimony_id, "created_by_id": by.user_id, **part.values}
        for one in rows
        for part in one.parts
        if part.kind is kind and part.values is not None
    ]


def _insert_texts(rows: Sequence[Planned], by: Actor) -> None:
    """Originals before the translations that name them."""
    texts = [[{"id": uuid4(), **text} for text in _parts([one], models.Text, by)] for one in rows]
    for theirs in texts:
        translations = [text for text in theirs if text["kind"] == TextKind.TRANSLATION]
        known = [models.Text(**text) for text in theirs] if translations else []
        for text in translations:
            original = building.original_of(models.Text(**text), known)
            text["translation_of_id"] = original and original.pk
    flat = [text for theirs in texts for text in theirs]
    insert(models.Text, [text for text in flat if text["kind"] != TextKind.TRANSLATION])
    insert(models.Text, [text for text in flat if text["kind"] == TextKind.TRANSLATION])
