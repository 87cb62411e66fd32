"""Acts on testimonies: what one person said on one occasion, its membership, collections and external ids."""

from collections.abc import Callable, Iterable
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
    _lock([], {"person_id": person_id, **values})
    testimony = Testimony(created_by_id=by.user_id)
    return _store(testimony, {"person_id": person_id, **values}, by=by)


@act(Capability.DRAFT)
def change(testimony_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Testimony:
    """Errors: NotFound, Overtaken, Invalid; NotAllowedNow where a coder would change what is no draft."""
    _lock([testimony_id], values)
    testimony = records.at_version(records.find(Testimony, testimony_id, by=by), version)
    records.check_draft(testimony, by=by)
    if "coding_status" in values and testimony.assignments.unsubmitted().exists():
        del values["coding_status"]  # withheld from everybody: what was read is not what it is
    return _store(testimony, values, by=by)


@act(Capability.DRAFT)
def remove(testimony_id: UUID, *, by: Actor, version: int | None) -> None:
    """Deletes a draft. What was published is withdrawn instead. Errors: NotAllowedNow."""
    projections.lock(testimony=[testimony_id], tiers=True, memberships=True)
    testimony = records.at_version(records.find(Testimony, testimony_id, by=by), version)
    records.check_deletable(testimony)
    records.delete(testimony, by=by)
    if testimony.membership_id is not None:
        _leave(testimony.membership_id)


def _lock(testimonies: list[UUID], values: dict[str, Any]) -> None:
    """With the persons whose memberships may change: they stand in the document of the person."""
    person = [values["person_id"]] if "person_id" in values else []
    joins = values.get("group") is not None
    named = [*(values.get("collections") or ()), *(case["collection"] for case in values.get("cases") or ())]
    projections.lock(
        testimony=testimonies,
        member=person if joins else [],
        linked={
            "person": person,
            "group": _ids(Group, [values["group"]] if joins else []),
            "collection": _ids(Collection, named),
        },
        tiers=bool(testimonies) and not values.keys().isdisjoint({"person_id", "tier"}),
        memberships=bool(testimonies) and not values.keys().isdisjoint({"person_id", "group", *MEMBERSHIP}),
    )


def _ids(model: type[Group | Collection], slugs: list[str]) -> list[UUID]:
    return list(model._default_manager.filter(slug__in=slugs).values_list("pk", flat=True)) if slugs else []  # noqa: SLF001


def _store(testimony: Testimony, values: dict[str, Any], *, by: Actor) -> Testimony:
    lists = {name: values.pop(name) for name in ("collections", "cases", "external_ids") if name in values}
    member = {name: values.pop(name) for name in ("group", *MEMBERSHIP) if name in values}
    is_new = testimony._state.adding  # noqa: SLF001 - Django's own word for it
    before = testimony.membership_id
    if "person_id" in values:
        person = records.related(Person, values.pop("person_id"), "person_id", by=by)
        if testimony.person_id is not None and person.pk != testimony.person_id:
            testimony.membership = None  # it was the other person's
        testimony.person = person
    records.put(testimony, values, FIELDS)
    if member:
        _set_membership(testimony, member, by=by)
    records.store(testimony)
    if before is not None and testimony.membership_id != before:
        _leave(before)
    for name, rows in lists.items():
        _LISTS[name](testimony, rows, by)
    return testimony if is_new or not (member or lists) else records.touched(testimony)


def _set_membership(testimony: Testimony, values: dict[str, Any], *, by: Actor) -> None:
    """One membership of the person, made when a group is first named and removed when it is no longer."""
    if "group" in values:
        slug = values.pop("group")
        group = None if slug is None else records.by_slug(Group, slug, "group", by=by)
        if group is None:
            testimony.membership = None
            return
        membership = testimony.membership or Membership(person=testimony.person, created_by_id=by.user_id)
        membership.group = group
    elif testimony.membership is None:
        raise Invalid(("/group", "required", "Name the group to which the membership belongs."))
    else:
        membership = testimony.membership
    records.put(membership, values, MEMBERSHIP)
    testimony.membership = records.store(membership)


def _leave(membership_id: UUID) -> None:
    """What no testimony tells of any longer goes."""
    Membership.objects.filter(pk=membership_id, testimonies=None).delete()


def _set_collections(testimony: Testimony, slugs: Iterable[str], by: Actor) -> None:
    wanted = {records.by_slug(Collection, slug, "collections", by=by).pk for slug in slugs}
    old = set(testimony.collection_items.values_list("collection_id", flat=True))
    if old - wanted:
        testimony.collection_items.filter(collection__in=old - wanted).delete()
    CollectionItem.objects.bulk_create(CollectionItem(testimony=testimony, collection_id=pk) for pk in wanted - old)


def _set_cases(testimony: Testimony, cases: Iterable[dict[str, Any]], by: Actor) -> None:
    wanted = list(cases)
    there = testimony.case_links.values_list("collection__slug", "is_case")
    if sorted(there) == sorted((case["collection"], case["is_case"]) for case in wanted):
        return  # nothing for the history to tell
    testimony.case_links.all().delete()
    for case in wanted:
        collection = records.by_slug(Collection, case["collection"], "cases", by=by)
        records.store(CaseLink(testimony=testimony, collection=collection, is_case=case["is_case"]), pointer="/cases")


def _set_external_ids(testimony: Testimony, ids: Iterable[dict[str, str]], by: Actor) -> None:  # noqa: ARG001
    records.set_external_ids(TestimonyExternalId, testimony, ids)


_LISTS: dict[str, Callable[[Testimony, Any, Actor], None]] = {
    "collections": _set_collections,
    "cases": _set_cases,
    "external_ids": _set_external_ids,
}
