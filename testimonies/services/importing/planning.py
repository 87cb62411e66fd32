"""What each row of a file would do: create, update, leave alone, or be rejected, with what differs field by field.

Rows come in batches, in the order of the file; what the database is asked, it is asked once for a batch. The planner
remembers what earlier rows brought, so that later ones may speak of the same person or source: it never reads what the import
itself has stored, so that a batch may be planned before the one before it is.
"""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from testimonies import models
from testimonies.models.imports import RowOutcome
from testimonies.models.testimonies import Status
from testimonies.services import barred_ids, persons, testimonies
from testimonies.services.importing import part_plans, stored
from testimonies.services.importing.differences import (
    NO_MEMBER,
    Difference,
    Problem,
    cleaned,
    difference,
    faults_of_person,
    faults_of_testimony,
    problem,
    same_field,
)
from testimonies.services.importing.naming import IDS, Row, targets, wanted_ids
from testimonies.services.importing.part_plans import Part, Shelf
from testimonies.services.importing.sources import Key
from testimonies.services.importing.stored import Stored

ERASED = "What had this id was erased, and must not come back. Leave the row out."
WITHDRAWN = "It was withdrawn. No import brings it back or changes it. Leave the row out."
FROZEN = (
    "It is published, and what is published is frozen. Send it back to draft and import again, or propose a correction "
    "(over the API at /api/v1/corrections/)."
)
FROZEN_PERSON = (
    "A testimony of this person is published, and what is published is frozen. Leave the person's columns out, or propose "
    "a correction."
)
OVERTAKEN = (
    "Somebody changed it here since it was last imported. Leave the row out, or name the record by its reference (a "
    "column ref) to write over what they wrote."
)
CODED = "Coders code it, and its codes are decided. Leave the codes out."
KEYS = frozenset(
    {"id", "ref", "person", "external_ids", "external_id", "collections", "same_person_as", *part_plans.PLANNERS}
)
MEMBER = testimonies.MEMBERSHIP | {"group"}


@dataclass(slots=True)
class Someone:
    """A person whom rows of the file speak of: as stored and as the file will leave them."""

    id: UUID
    number: int
    """The row that spoke of them first."""
    is_new: bool
    stored: Mapping[str, Any]
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        return {**self.stored, **self.said}


NOBODY: Mapping[str, Any] = {"external_ids": [], "other_names": []}
"""What is stored of somebody new."""


@dataclass(slots=True)
class Planned:
    """One row on its way, with the ids of its records, stored or new."""

    number: int
    testimony_id: UUID
    is_new: bool
    person_id: UUID = field(default_factory=uuid.uuid4)
    """Whose it is; of a row that names nobody, of somebody new."""
    makes_person: bool = False
    membership_id: UUID | None = None
    person: dict[str, Any] = field(default_factory=dict)
    """What of the person is new or differs."""
    testimony: dict[str, Any] = field(default_factory=dict)
    """The same of the testimony, its membership and its short lists."""
    parts: list[Part] = field(default_factory=list)
    sources: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    """New ones that it cites, unless an earlier batch does too."""
    codes: list[UUID] | None = None
    same_person_as: list[str] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    person_keys: list[Key] = field(default_factory=list)
    digest: str = ""
    changes: list[Difference] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def outcome(self) -> RowOutcome:
        if self.problems:
            return RowOutcome.REJECTED
        if self.is_new:
            return RowOutcome.CREATED
        return RowOutcome.UPDATED if self.changes else RowOutcome.UNCHANGED

    def reject(self, field: str, value: Any, code: str, reason: str) -> None:
        self.problems.append(problem(field, value, code, reason))


class Planner:
    """Plans one file. `collection`: a slug, to which each row belongs beside those that it names itself."""

    def __init__(self, *, collection: str = "") -> None:
        self.collection = collection
        self._seen: dict[Key | UUID, int] = {}
        self._people: dict[Key | UUID, Someone] = {}
        self.shelf = Shelf()

    def plan(self, rows: Sequence[Any]) -> list[Planned]:
        """In the order of the rows, each with `number`, `values` and `problems`."""
        batch = [Row(one) for one in rows]
        asked = {name for one in batch for name in one.values}
        asked |= {"collections"} if self.collection else set()
        barred = {(one["system"], one["value"]) for one in barred_ids.barred([
            {"system": system, "value": value} for one in batch for system, value in (*one.keys, *one.person_keys)
        ])}  # fmt: skip
        found = targets(models.Testimony, models.TestimonyExternalId, "testimony_id", batch, "")
        said = stored.last_said({found[key] for key in found})
        known = stored.testimonies_of({*found.values()}, asked)
        people = targets(models.Person, models.PersonExternalId, "person_id", batch, "person_")
        ids = {*people.values(), *(one.person_id for one in known.values() if one.person_id)}
        stored_people = stored.persons_of(ids, {name for one in batch for name in one.person})
        self.shelf.sources.look_up(batch)
        edited = stored.edited({pk for pk in known if pk in said})
        coded = stored.coded(known) if "codes" in asked else set()
        context = _Context(barred, found, known, people, stored_people, said, edited, coded)
        return [self._plan(one, context) for one in batch]

    def reach(self, rows: Sequence[Any]) -> part_plans.Reached:
        """What is stored of all that the rows speak of, without a plan."""
        batch = [Row(one) for one in rows]
        found = {*targets(models.Testimony, models.TestimonyExternalId, "testimony_id", batch, "").values()}
        people = targets(models.Person, models.PersonExternalId, "person_id", batch, "person_")
        theirs = models.Testimony.objects.filter(pk__in=found).values_list("person_id", flat=True)
        self.shelf.sources.look_up(batch)
        return part_plans.Reached(
            testimonies=found,
            persons={*people.values(), *theirs},
            sources=self.shelf.sources.known,
            codes={
                pk
                for one in batch
                for name in one.values.get("codes") or ()
                for pk in self.shelf.codes.get(str(name), ())
            },
            groups={str(one.values["group"]) for one in batch if one.values.get("group")},
            collections={self.collection}
            | {str(slug) for one in batch for slug in one.values.get("collections") or ()},
        )

    def _plan(self, row: "Row", at: "_Context") -> Planned:
        target = self._target(row, at)
        planned = Planned(
            number=row.number,
            testimony_id=target.id if target else uuid.uuid4(),
            is_new=target is None,
            keys=row.keys,
            person_keys=row.person_keys,
            digest=_digest(row.values, self.collection),
            problems=row.problems,
        )
        for name in sorted(row.values.keys() - KEYS - MEMBER - testimonies.FIELDS):
            planned.reject(name, row.values[name], "unknown_field", "An import knows no such field. Leave it out.")
        for key in (*row.keys, *row.person_keys):
            if key in at.barred:
                planned.reject("external_ids", "", "erased", ERASED)
                return planned
        self._once(planned)
        if target is not None:
            planned.membership_id = target.membership_id
            if target.status == Status.WITHDRAWN and not row.is_named:
                planned.reject("", "", "withdrawn", WITHDRAWN)
                return planned
            planned.person_id = target.person_id or planned.person_id
            if not row.is_named and at.said.get(target.id) == planned.digest:
                return planned  # it says what it said the last time: what people wrote since stays
        someone = self._person(row, target, at, planned)
        self._testimony(row, target, planned)
        self._lists(row, target, planned)
        for name, plan in part_plans.PLANNERS.items():
            if name in row.values:
                plan(row.values[name], target, planned, self.shelf)
        if planned.changes and target:
            self._may_change(target, planned, at, is_named=row.is_named)
        if target and target.status == Status.WITHDRAWN and (planned.changes or planned.problems):
            # as an export shows it, it is left alone; what differs is not kept either
            planned.changes, planned.problems = [], [problem("", "", "withdrawn", WITHDRAWN)]
        planned.same_person_as = [f"{one['system']}: {one['value']}" for one in row.values.get("same_person_as") or ()]
        if someone is not None and not planned.problems:
            self._people |= dict.fromkeys((*row.person_keys, someone.id), someone)
        return planned

    # --- Which records a row speaks of ----------------------------------------------------------------------------

    def _target(self, row: "Row", at: "_Context") -> Stored | None:
        if row.is_named:
            pk = at.found.get(row.name)
            if pk is None:
                row.problems.append(problem("ref", row.name, "unknown", "There is no such testimony. Check the id."))
            return at.known.get(pk) if pk else None
        ids = {at.found[key] for key in row.keys if key in at.found}
        if len(ids) > 1:
            row.problems.append(problem("external_ids", "", "two_records", "Its ids belong to different records here."))
        return at.known.get(min(ids)) if ids else None

    def _once(self, planned: Planned) -> None:
        """A record has one row in a file."""
        keys: list[Key | UUID] = [*planned.keys, planned.testimony_id]
        for key in keys:
            first = self._seen.setdefault(key, planned.number)
            if first != planned.number:
                planned.reject("external_ids", "", "repeated", f"Row {first} is about the same record. Leave one out.")
                return

    def _person(self, row: "Row", target: Stored | None, at: "_Context", planned: Planned) -> Someone | None:
        """Whom the row speaks of: named by id, known by an external id, brought by an earlier row, the testimony's, or new."""
        pk = None
        if row.person_name:
            pk = at.people.get(row.person_name)
            if pk is None:
                planned.reject("person", row.person_name, "unknown", "There is no such person. Check the id.")
                return None
        ids = {at.people[key] for key in row.person_keys if key in at.people}
        earlier = [self._people[key] for key in row.person_keys if key in self._people]
        ids |= {one.id for one in earlier}
        pk = pk or min(ids, default=None)
        if ids - {pk}:
            planned.reject("person", "", "two_records", "The person's ids belong to different persons here.")
            return None
        if pk is None and target is not None:
            pk = target.person_id
        someone = self._people.get(pk) if pk else None
        if someone is None:
            before = at.stored_people.get(pk) if pk else None
            someone = Someone(pk or uuid.uuid4(), row.number, before is None, before.values if before else NOBODY)
        planned.person_id = someone.id
        planned.makes_person = someone.is_new and someone.number == row.number
        if target is not None and target.person_id != someone.id:
            planned.changes.append(difference("person", str(target.person_id), str(someone.id)))
            planned.testimony["person_id"] = someone.id
        self._person_values(row, someone, planned, at)
        return someone

    def _person_values(self, row: "Row", someone: Someone, planned: Planned, at: "_Context") -> None:
        given = {name: value for name, value in row.person.items() if name not in IDS}
        for name in sorted(given.keys() - persons.FIELDS - {"other_names"}):
            planned.reject(
                f"person.{name}", given.pop(name), "unknown_field", "An import knows no such field. Leave it out."
            )
        names = given.pop("other_names", None)
        clean, problems = cleaned(models.Person, given, "person.")
        planned.problems += problems
        if names is not None:
            clean["other_names"], problems = part_plans.names(names)
            planned.problems += problems
        known = someone.values
        merged = known | clean
        for fault in faults_of_person(merged):
            planned.reject(f"person.{fault.field}", merged.get(fault.field), fault.code, fault.reason)
        if (ids := wanted_ids(row.person, known["external_ids"])) is not None:
            clean["external_ids"] = ids
        for name, value in clean.items():
            before = known.get(name)
            if someone.number != row.number and someone.said.get(name, value) != value:
                reason = f"Row {someone.number} says something else of this person. Say the same in both."
                planned.reject(f"person.{name}", value, "contradicts", reason)
            elif not same_field(name, before, value, merged):
                planned.changes.append(difference(f"person.{name}", before, value))
                planned.person[name] = value
        someone.said |= clean
        there = at.stored_people.get(someone.id)
        if planned.person and there and there.is_shown:
            planned.reject("person", "", "frozen", FROZEN_PERSON)

    # --- What a row says of the testimony ------------------------------------------------------------------------------

    def _testimony(self, row: "Row", target: Stored | None, planned: Planned) -> None:
        values, before = row.values, target.values if target else {}
        clean, problems = cleaned(
            models.Testimony, {name: value for name, value in values.items() if name in testimonies.FIELDS}
        )
        planned.problems += problems
        faulty = {one["column"] for one in problems}
        for fault in faults_of_testimony(before | values | clean):
            if fault.field not in faulty:
                planned.reject(fault.field, values.get(fault.field), fault.code, fault.reason)
        self._compare(clean, before, planned)
        member = {name: values[name] for name in MEMBER & values.keys()}
        group = member.pop("group", before.get("group"))
        clean, problems = cleaned(models.Membership, member)
        planned.problems += problems
        if group and group not in self.shelf.groups:
            planned.reject("group", group, "unknown", "There is no such group. Check the slug.")
        elif not group and any(value not in NO_MEMBER for value in clean.values()):
            planned.reject("group", "", "required", "Name the group to which the membership belongs.")
        elif group:
            self._compare(clean, before, planned)
        if "group" in values:
            self._compare({"group": group or None}, before, planned)

    def _compare(self, clean: Mapping[str, Any], before: Mapping[str, Any], planned: Planned) -> None:
        after = {**before, **clean}
        for name, value in clean.items():
            if not same_field(name, before.get(name), value, after):
                planned.changes.append(difference(name, before.get(name), value))
                planned.testimony[name] = value

    def _lists(self, row: "Row", target: Stored | None, planned: Planned) -> None:
        """The import's own collection is added; what a row says of collections is all of them."""
        before = target.values if target else {}
        there = before.get("external_ids", [])
        if (ids := wanted_ids(row.values, there)) is not None:
            planned.changes.append(difference("external_ids", there, ids))
            planned.testimony["external_ids"] = ids
        if "collections" not in row.values and not self.collection:
            return
        listed = row.values.get("collections")
        listed = before.get("collections", []) if listed is None else listed
        listed = sorted({*listed, *([self.collection] if self.collection else [])})
        for slug in listed:
            if slug not in self.shelf.collections:
                planned.reject("collections", slug, "unknown", "There is no such collection. Check the slug.")
        if listed != sorted(before.get("collections", [])):
            planned.changes.append(difference("collections", before.get("collections", []), listed))
            planned.testimony["collections"] = listed

    def _may_change(self, target: Stored, planned: Planned, at: "_Context", *, is_named: bool) -> None:
        if target.status == Status.PUBLISHED:
            planned.reject("", "", "frozen", FROZEN)
        elif not is_named and target.id in at.edited:
            planned.reject("", "", "overtaken", OVERTAKEN)
        if planned.codes is not None and target.id in at.coded:
            planned.reject("codes", "", "coded", CODED)


@dataclass(slots=True)
class _Context:
    """What is stored of all that the rows of a batch speak of."""

    barred: set[Key]
    found: Mapping[Any, UUID]
    known: Mapping[UUID, Stored]
    people: Mapping[Any, UUID]
    stored_people: Mapping[UUID, Stored]
    said: Mapping[UUID, str]
    edited: set[UUID]
    coded: set[UUID]


def _digest(values: Mapping[str, Any], collection: str) -> str:
    return hashlib.blake2b(repr((values, collection)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
