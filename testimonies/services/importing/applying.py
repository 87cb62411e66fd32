"""Writes what was planned: new records of a batch in bulk, changes one by one through the ordinary acts.

Within the caller's act, which has locked what is stored, and tells the history who acts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError
from django.db.models import Model

from testimonies import models, projections
from testimonies.access import Actor, Capability
from testimonies.errors import DomainError, Frozen, Invalid
from testimonies.models.testimonies import TextKind
from testimonies.projections.prepared import at_once
from testimonies.services import acts, bulk, persons, records, testimonies, together
from testimonies.services.bulk import Values, insert
from testimonies.services.importing.differences import problem
from testimonies.services.importing.part_plans import Shelf
from testimonies.services.importing.planning import Planned
from testimonies.services.loading import building, links


class Writer:
    """Stores batch after batch. The projections of one are made by a thread of its own while PostgreSQL stores the next.

    Errors: Frozen, where a change would show otherwise in what is published.
    """

    def __init__(self, shelf: Shelf, *, by: Actor) -> None:
        self._shelf, self._by = shelf, by
        self._sources: dict[UUID, Values] = {}
        """New ones that no stored row cites yet."""
        self._thread = ThreadPoolExecutor(1)
        self._made: Future[list[projections.Batch]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def write(self, batch: Sequence[Planned]) -> None:
        """The rows that nothing is wrong with. What turns out wrong is added to its row."""
        for one in batch:
            self._sources |= one.sources
        new = [one for one in batch if one.is_new and not one.problems]
        changed = [one for one in batch if not one.is_new and one.changes and not one.problems]
        if changed or any(one.person and not one.makes_person for one in new):
            self._project()  # now: acts may look at projections, and what an act fails at is taken back
        projections.made(
            person=[one.person_id for one in batch if one.makes_person],
            testimony=[one.testimony_id for one in new],
            source=self._sources,
        )
        if new and not self._attempt(new, self._create):
            for one in new:  # one of them is wrong: which, the database says of each alone
                self._attempt([one], self._create, tells=True)
        alike = [one for one in changed if _is_plain(one, self._by)]
        if not (alike and self._attempt(alike, _update_alike)):
            alike = []
        done = {one.number for one in alike}
        for one in changed:
            if one.number not in done:
                self._attempt([one], self._update, tells=True)
        self._project()
        self._made = self._thread.submit(_made, projections.begin_refresh())

    def finish(self, asked: dict[UUID, list[str]]) -> None:
        """Once all rows are stored: what rows said of each other, and what earlier files have waited for."""
        self._project()
        if asked:
            links.ask(asked)
        links.resolve()

    def _project(self) -> None:
        """Store the projections of the batch before."""
        if self._made is None:
            return
        made, self._made = self._made.result(), None
        if projections.finish_refresh(made) == projections.Change.OTHER:
            raise Frozen

    def _attempt(
        self, rows: Sequence[Planned], step: Callable[[Sequence[Planned]], None], *, tells: bool = False
    ) -> bool:
        """Whether all of it could be written; otherwise nothing was."""
        try:
            acts.again(lambda: step(rows))
        except (IntegrityError, DataError, ValidationError) as error:
            if tells:
                name = (
                    getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "a value does not fit"
                )
                rows[0].problems.append(
                    problem("", "", str(name), f"Not so for this record: {name.replace('_', ' ')}.")
                )
        except together.Refused as refused:
            for one in refused.errors.values():
                rows[0].problems += _problems(one)
        except DomainError as error:
            rows[0].problems += _problems(error)
        else:
            for source_id in _cited(rows):
                self._sources.pop(source_id, None)
            return True
        return False

    def _create(self, rows: Sequence[Planned]) -> None:
        """All rows of one kind at once, parents first. PostgreSQL stores one kind while the next is put together."""
        by, shelf = self._by, self._shelf
        making = [one for one in rows if one.makes_person]
        changing = [one for one in rows if one.person and not one.makes_person]
        with at_once():
            insert(models.Person, [_person(one, by) for one in making])
            insert(models.PersonName, [name for one in making for name in _names(one)])
            insert(models.PersonExternalId, [row for one in making for row in _person_ids(one)])
            self._store_sources(rows)
        for one in changing:
            self._change_person(one)
        with at_once():
            insert(models.Membership, [row for one in rows if (row := _membership(one, shelf, by))])
            insert(models.Testimony, [_testimony(one, by) for one in rows])
            insert(models.TestimonyExternalId, [row for one in rows for row in _ids(one)])
            insert(models.CollectionItem, [row for one in rows for row in _items(one, shelf)])
            insert(models.CaseLink, [row for one in rows for row in _cases(one, shelf)])
            insert(models.ConsensusCode, [_code(one, pk) for one in rows for pk in one.codes or ()])
            insert(models.Citation, _parts(rows, models.Citation, by))
            insert(models.Clearance, _parts(rows, models.Clearance, by))
            insert(models.Claim, _parts(rows, models.Claim, by))
            _insert_texts(rows, by)

    def _store_sources(self, rows: Iterable[Planned]) -> None:
        """The new ones that these rows cite; whoever of them fails, later rows may cite them too."""
        new = [dict(self._sources[source_id]) for source_id in _cited(rows) if source_id in self._sources]
        ids = [(one["id"], one.pop("external_ids")) for one in new]
        insert(models.Source, new)
        named = [{"source_id": pk, "system": system, "value": value} for pk, keys in ids for system, value in keys]
        insert(models.SourceExternalId, named)

    def _change_person(self, one: Planned) -> None:
        persons.change(one.person_id, by=self._by, version=records.ANY_VERSION, **one.person)

    def _update(self, rows: Sequence[Planned]) -> None:
        (one,) = rows
        if one.makes_person:
            insert(models.Person, [_person(one, self._by)])
            insert(models.PersonName, _names(one))
            insert(models.PersonExternalId, _person_ids(one))
        elif one.person:
            self._change_person(one)
        self._store_sources(rows)
        changes = [
            together.Part(name=str(number), kind=part.kind, id=part.id, values=part.values)
            for number, part in enumerate(one.parts)
        ]
        if one.testimony or changes or one.codes is not None:
            together.write(
                one.testimony_id,
                by=self._by,
                version=records.ANY_VERSION,
                values=dict(one.testimony),
                parts=changes,
                codes=one.codes,
            )
        models.TestimonyExternalId.objects.filter(testimony=one.testimony_id).update(line_digest=one.digest)


def _made(batches: list[projections.Batch]) -> list[projections.Batch]:
    for batch in batches:
        batch.make()
    return batches


def _cited(rows: Iterable[Planned]) -> set[UUID]:
    """The sources that the rows newly name."""
    return {
        part.values["source_id"] for one in rows for part in one.parts if part.values and "source_id" in part.values
    }


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


# --- New records --------------------------------------------------------------------------------------------------------


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
