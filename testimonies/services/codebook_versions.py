"""Acts on versions of codebooks: the next one made of a published one, the map between the two, and carrying codes over."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count
from django.db.models.functions import Now

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import Invalid, NotAllowedNow, NotFound, OwnWork
from testimonies.models import Code, Codebook, CodeOrigin, ConsensusCode, Testimony
from testimonies.models.assignments import is_withheld
from testimonies.models.codebooks import CodebookStatus
from testimonies.selectors.visibility import may_see
from testimonies.services import codebooks, codes, records
from testimonies.services.acts import act

_COPIED = tuple(sorted(codebooks.FIELDS - {"edition", "status"}))
_COPIED_OF_CODES = (*sorted(codes.FIELDS), "guid", "dimension", "level")


@act(Capability.CURATE)
def begin_next(codebook_id: UUID, *, by: Actor, edition: str) -> Codebook:
    """A draft with a copy of every code; each comes from the one that it copies.

    Errors: NotFound; NotAllowedNow of a draft, and once there is a next version; Exists, of that slug and edition.
    """
    projections.lock(codebook=[], code=[])
    base = _seen(codebook_id, by=by)
    if base.status != CodebookStatus.PUBLISHED:
        raise NotAllowedNow("This version is still a draft: change it, or publish it and then make the next one.")
    if (next_one := base.next_versions.first()) is not None:
        raise NotAllowedNow(
            f"There is a next version already: {next_one.edition}. Change that one, or delete it first."
        )
    copied = {name: getattr(base, name) for name in _COPIED}
    draft = records.store(Codebook(**copied, edition=edition, follows=base, created_by_id=by.user_id))
    made: dict[UUID, Code] = {}
    for old in base.codes.order_by("level", "position", "slug"):
        values = {name: getattr(old, name) for name in _COPIED_OF_CODES}
        parent = made[old.parent_id] if old.parent_id else None
        made[old.pk] = Code(codebook=draft, parent=parent, created_by_id=by.user_id, **values)
        made[old.pk].save(force_insert=True)  # as it was: what is published was checked when it was entered
    CodeOrigin.objects.bulk_create(CodeOrigin(code=new, origin_id=old) for old, new in made.items())
    return draft


@act(Capability.CURATE)
def change_map(codebook_id: UUID, *, by: Actor, version: int | None, into: Mapping[str, Sequence[str]]) -> Codebook:
    """The whole map of a draft: slug in the version before -> slugs in this one that come from it; the others are dropped.

    Errors: NotFound, Overtaken; NotAllowedNow, published or made from no version; Invalid, with every unknown slug.
    """
    projections.lock(codebook=[codebook_id])
    codebook = records.at_version(records.find(Codebook, codebook_id, by=by), version)
    codebooks.check_draft(codebook)
    if codebook.follows_id is None:
        raise NotAllowedNow("This codebook was made from no other version: there is nothing to map.")
    wanted = set(_pairs(codebook, into))
    origins = CodeOrigin.objects.filter(code__codebook=codebook)
    old = {(row.code_id, row.origin_id): row for row in origins}
    for pair in old.keys() - wanted:
        old[pair].delete()
    CodeOrigin.objects.bulk_create(CodeOrigin(code_id=code, origin_id=origin) for code, origin in wanted - old.keys())
    return records.touched(codebook)


def _pairs(codebook: Codebook, into: Mapping[str, Sequence[str]]) -> Iterator[tuple[UUID, UUID]]:
    mine, before = (
        dict(Code.objects.filter(codebook=book).values_list("slug", "pk"))
        for book in (codebook.pk, codebook.follows_id)
    )
    wrong = []
    found = []
    for number, (slug, successors) in enumerate(into.items()):
        if slug not in before:
            wrong.append((f"/codes/{number}/code", "unknown", "There is no such code in the version before."))
        for place, successor in enumerate(successors):
            if successor not in mine:
                wrong.append((f"/codes/{number}/into/{place}", "unknown", "There is no such code in this version."))
            elif slug in before:
                found.append((mine[successor], before[slug]))
    if wrong:
        raise Invalid(*wrong)
    yield from found


class Carried(NamedTuple):
    """How many consensus codes went over, of how many testimonies, and how many are to be coded anew."""

    testimonies: int
    codes: int
    left: int


@act(Capability.CURATE, thaws=True)
def carry_over(codebook_id: UUID, *, by: Actor, follows: str) -> Carried:
    """Every consensus code of the version before that one code of this version takes over becomes that code.

    What published testimonies show changes with it: it takes a second person, who has not made the version.
    `follows` is the edition of the version before. Errors: NotFound; NotAllowedNow, a draft or made from no version; Invalid,
    where it was made from another; OwnWork.
    """
    codebook = _seen(codebook_id, by=by)
    if codebook.status != CodebookStatus.PUBLISHED:
        raise NotAllowedNow("This version is still a draft. Publish it first; then its map is settled.")
    if codebook.follows is None:
        raise NotAllowedNow("This codebook was made from no other version: there is nothing to carry over.")
    if codebook.follows.edition != follows:
        raise Invalid(
            ("/follows", "unknown", "This version was not made from that one. Its map names the version before.")
        )
    if by.user_id is None or codebook.created_by_id == by.user_id:
        raise OwnWork("Nobody carries codes over into a version of their own. Ask a second person.")
    into = _single_successors(codebook)
    old = ConsensusCode.objects.filter(code__codebook=codebook.follows_id).exclude(is_withheld())
    ids = list(old.filter(code__in=into).values_list("testimony_id", flat=True).distinct())
    projections.lock(testimony=ids, linked={"code": into.values()})
    rows = list(old.filter(code__in=into, testimony__in=ids))  # again, since they are locked
    wanted = {(row.testimony_id, into[row.code_id]) for row in rows}
    known = ConsensusCode.objects.filter(testimony__in=ids, code__in=into.values()).values_list(
        "testimony_id", "code_id"
    )
    ConsensusCode.objects.bulk_create(
        ConsensusCode(testimony_id=testimony, code_id=code) for testimony, code in sorted(wanted - set(known))
    )
    old.filter(pk__in=[row.pk for row in rows]).delete()
    Testimony.objects.filter(pk__in={row.testimony_id for row in rows}).update(changed_at=Now())
    return Carried(len({row.testimony_id for row in rows}), len(rows), old.count())


def _single_successors(codebook: Codebook) -> dict[UUID, UUID]:
    """Id of each code of the version before that has one successor -> the successor's, if that may be assigned."""
    single = (
        CodeOrigin.objects.filter(code__codebook=codebook)
        .values("origin_id")
        .annotate(number=Count("code"))
        .filter(number=1)
        .values("origin_id")
    )
    rows = CodeOrigin.objects.filter(code__codebook=codebook, code__is_assignable=True, origin__in=single)
    return dict(rows.values_list("origin_id", "code_id"))


def _seen(codebook_id: UUID, *, by: Actor) -> Codebook:
    """Not locked: what is published stays as it is. Errors: NotFound."""
    codebook = Codebook.objects.filter(pk=codebook_id).first()
    if codebook is None or not may_see(codebook, by):
        raise NotFound
    return codebook


__all__ = ["Carried", "begin_next", "carry_over", "change_map"]
