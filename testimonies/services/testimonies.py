"""Acts on testimonies: what one person said on one occasion, its membership, collections and external ids."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import Invalid
from testimonies.models import (
    CaseLink,
    Collection,
    CollectionItem,
    Group,
    Membership,
    Person,
    Testimony,
    TestimonyExternalId,
)
from testimonies.models.base import Record
from testimonies.selectors.sql import Sql, fetch
from testimonies.selectors.visibility import may_see
from testimonies.services import records
from testimonies.services.acts import act

FIELDS = frozenset(
    [
        "title",
        "summary",
        "summary_language",
        "notes_internal",
        "kind",
        "speaking_conditions",
        "account_language",
        "given",
        "given_country",
        "age_from",
        "age_to",
        "credibility",
        "content_warnings",
        "coding_status",
        "embargo_until",
        "tier",
        "raised",
        "missing",
    ]
)
MEMBERSHIP = frozenset(["belonging", "role_in_group", "joined", "left"])
"""Fields of the membership that a testimony tells of; they are written with the testimony, as they are read."""


@act(Capability.DRAFT)
def create(*, by: Actor, person_id: UUID, **values: Any) -> Testimony:
    """A draft. Errors: Invalid, Exists."""
    testimony, values = Testimony(created_by_id=by.user_id), {"person_id": person_id, **values}
    return _store(testimony, values, _lock(testimony.pk, values, is_new=True), by=by)


@act(Capability.DRAFT)
def change(testimony_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Testimony:
    """Errors: NotFound, Overtaken, Invalid; NotAllowedNow where a coder would change what is no draft."""
    named = _lock(testimony_id, values)
    testimony = records.at_version(records.find(Testimony, testimony_id, by=by), version)
    records.check_draft(testimony, by=by)
    if "coding_status" in values and testimony.assignments.unsubmitted().exists():
        del values["coding_status"]  # withheld from everybody: what was read is not what it is
    return _store(testimony, values, named, by=by)


@act(Capability.DRAFT)
def remove(testimony_id: UUID, *, by: Actor, version: int | None) -> None:
    """Deletes a draft. What was published is withdrawn instead. Errors: NotAllowedNow."""
    projections.lock(testimony=[testimony_id], tiers=True, memberships=True)
    testimony = records.at_version(records.find(Testimony, testimony_id, by=by), version)
    records.check_deletable(testimony)
    records.delete(testimony, by=by)
    if testimony.membership_id is not None:
        _leave(testimony.membership_id)


Named = dict[tuple[type[Record], str], UUID]
"""(Kind, id or slug) -> id."""
Find = Callable[[type[Record], object, str], UUID]
"""(Kind, id or slug, field that names it) -> id. Errors: Invalid."""
_NAMED = """
SELECT 'person', id::text, id FROM testimonies_person WHERE id = %s
UNION ALL SELECT 'group', slug, id FROM testimonies_group WHERE slug = %s
UNION ALL SELECT 'collection', slug, id FROM testimonies_collection WHERE slug = ANY (%s)
"""
_KINDS: dict[str, type[Record]] = {"person": Person, "group": Group, "collection": Collection}


def named(values: Mapping[str, Any]) -> Named:
    """What the values of a testimony name and is there, whoever may see it."""
    slugs = [*(values.get("collections") or ()), *(case["collection"] for case in values.get("cases") or ())]
    sought = (values.get("person_id"), values.get("group"), slugs)
    return (
        {(_KINDS[noun], key): pk for noun, key, pk in fetch(Sql(_NAMED, sought), prepare=True)} if any(sought) else {}
    )


def linked(found: Named) -> dict[str, list[UUID]]:
    """The same for `projections.lock`."""
    return {noun: [pk for (model, _), pk in found.items() if model is kind] for noun, kind in _KINDS.items()}


def _lock(testimony_id: UUID, values: dict[str, Any], *, is_new: bool = False) -> Named:
    """With the persons whose memberships may change: they stand in the document of the person.

    Returns what the values name; no longer what has gone while the locks were waited for.
    """
    found = named(values)
    joins = values.get("group") is not None
    there = projections.lock(
        testimony=[] if is_new else [testimony_id],
        made={"testimony": [testimony_id]} if is_new else None,
        member=[values["person_id"]] if joins and "person_id" in values else [],
        linked=linked(found),
        tiers=not is_new and not values.keys().isdisjoint({"person_id", "tier"}),
        memberships=not is_new and not values.keys().isdisjoint({"person_id", "group", *MEMBERSHIP}),
    )
    return {(kind, key): pk for (kind, key), pk in found.items() if pk in there[str(kind._meta.model_name)]}


def _store(testimony: Testimony, values: dict[str, Any], found: Named, *, by: Actor) -> Testimony:
    def find(kind: type[Record], key: object, field: str) -> UUID:
        """One that the actor may not see is as unknown as one that never was."""
        pk = found.get((kind, str(key)))
        if pk is None or not may_see(kind(id=pk), by):
            raise records.unknown(field)
        return pk

    lists = {name: values.pop(name) for name in _LISTS if name in values}
    member = {name: values.pop(name) for name in ("group", *MEMBERSHIP) if name in values}
    is_new = testimony._state.adding  # noqa: SLF001 - Django's own word for it
    before = testimony.membership_id
    if "person_id" in values:
        person_id = find(Person, values.pop("person_id"), "person_id")
        if testimony.person_id not in {None, person_id}:
            testimony.membership = None  # it was the other person's
        testimony.person_id = person_id
    records.put(testimony, values, FIELDS)
    if member:
        _set_membership(testimony, member, find, by=by)
    records.store(testimony)
    if before is not None and testimony.membership_id != before:
        _leave(before)
    for name, rows in lists.items():
        if rows or not is_new:
            _LISTS[name](testimony, rows, find, is_new)
    return testimony if is_new or not (member or lists) else records.touched(testimony)


def _set_membership(testimony: Testimony, values: dict[str, Any], find: Find, *, by: Actor) -> None:
    """One membership of the person, made when a group is first named and removed when it is no longer."""
    if "group" in values:
        slug = values.pop("group")
        if slug is None:
            testimony.membership = None
            return
        group_id = find(Group, slug, "group")
        membership = testimony.membership or Membership(person_id=testimony.person_id, created_by_id=by.user_id)
        membership.group_id = group_id
    elif testimony.membership is None:
        raise Invalid(("/group", "required", "Name the group to which the membership belongs."))
    else:
        membership = testimony.membership
    records.put(membership, values, MEMBERSHIP)
    testimony.membership = records.store(membership)


def _leave(membership_id: UUID) -> None:
    """What no testimony tells of any longer goes."""
    Membership.objects.filter(pk=membership_id, testimonies=None).delete()


def _set_collections(testimony: Testimony, slugs: Iterable[str], find: Find, is_new: bool) -> None:
    wanted = {find(Collection, slug, "collections") for slug in slugs}
    old = set() if is_new else set(testimony.collection_items.values_list("collection_id", flat=True))
    if old - wanted:
        testimony.collection_items.filter(collection__in=old - wanted).delete()
    CollectionItem.objects.bulk_create(CollectionItem(testimony=testimony, collection_id=pk) for pk in wanted - old)


def _set_cases(testimony: Testimony, cases: Iterable[dict[str, Any]], find: Find, is_new: bool) -> None:
    wanted = list(cases)
    if not is_new:
        there = testimony.case_links.values_list("collection__slug", "is_case")
        if sorted(there) == sorted((case["collection"], case["is_case"]) for case in wanted):
            return  # nothing for the history to tell
        testimony.case_links.all().delete()
    for case in wanted:
        collection_id = find(Collection, case["collection"], "cases")
        link = CaseLink(testimony=testimony, collection_id=collection_id, is_case=case["is_case"])
        records.store(link, pointer="/cases")


def _set_external_ids(testimony: Testimony, ids: Iterable[dict[str, str]], *_: Any) -> None:
    records.set_external_ids(TestimonyExternalId, testimony, ids)


_LISTS: dict[str, Callable[[Testimony, Any, Find, bool], None]] = {
    "collections": _set_collections,
    "cases": _set_cases,
    "external_ids": _set_external_ids,
}
