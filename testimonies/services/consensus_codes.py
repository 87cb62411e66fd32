"""The act on consensus codes: the whole list of codes that is published for a testimony."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import Invalid, NotAllowedNow
from testimonies.models import Code, ConsensusCode, Testimony
from testimonies.models.assignments import is_withheld
from testimonies.services import records
from testimonies.services.acts import act

Error = tuple[str, str, str]
FIELDS: frozenset[str] = frozenset()
"""No columns of the testimony: its codes are rows of their own."""


@act(Capability.CURATE)
def change(testimony_id: UUID, *, by: Actor, version: int | None, codes: Sequence[UUID | str]) -> Testimony:
    """Each code by its id, or as `codebook/slug` or `codebook@version/slug`. `version` is the testimony's.

    Errors: NotFound, Overtaken; Invalid, with whatever is wrong in the list; NotAllowedNow of what is coded by coders.
    """
    projections.lock(testimony=[testimony_id], linked={"code": [code.pk for code in _named(codes)]})
    testimony = records.at_version(records.find_open(testimony_id, by=by), version)
    wanted = _named(codes)  # again, since they are locked
    coded = _by_coders(testimony, wanted)
    rows = testimony.consensus_codes.exclude(code__codebook__in=coded)
    rows.exclude(code__in=wanted).delete()
    new = {code.pk for code in wanted if code.codebook_id not in coded} - {*rows.values_list("code_id", flat=True)}
    ConsensusCode.objects.bulk_create(ConsensusCode(testimony=testimony, code_id=pk) for pk in new)
    return records.touched(testimony)


def written(names: Sequence[UUID | str]) -> list[str]:
    """The codes as `codebook@version/slug`, in order. Errors: Invalid."""
    return names_of(code.pk for code in _named(names))


def names_of(ids: Iterable[UUID]) -> list[str]:
    """As `written`, of codes that are there."""
    rows = Code.objects.filter(pk__in=list(ids)).select_related("codebook")
    return sorted(f"{row.codebook.slug}@{row.codebook.edition}/{row.slug}" for row in rows)


def _by_coders(testimony: Testimony, wanted: Sequence[Code]) -> set[UUID]:
    """Codebook versions that coders apply to it: their consensus codes are decided, and stay as they are here.

    Errors: NotAllowedNow, where the list would say anything else of them than it says to whoever reads it.
    """
    coded = {*testimony.assignments.values_list("codebook_id", flat=True)}
    shown = testimony.consensus_codes.exclude(is_withheld()).filter(code__codebook__in=coded)
    if {code.pk for code in wanted if code.codebook_id in coded} != {*shown.values_list("code_id", flat=True)}:
        raise NotAllowedNow(
            "Coders apply this codebook version to it, and its consensus codes are decided (POST /api/v1/decisions/). "
            "Leave those that are shown as they are, and add none."
        )
    return coded


def _named(names: Sequence[UUID | str]) -> list[Code]:
    found: list[Code] = []
    errors: list[Error] = []
    for number, name in enumerate(names):
        pointer = f"/codes/{number}"
        matches = _matches(name)
        if not matches:
            errors.append((pointer, "unknown", "There is no such code. /api/v1/codes/ lists them."))
        elif len(matches) > 1:
            errors.append((pointer, "ambiguous", "There is more than one such code. Write codebook@version/slug."))
        elif matches[0] in found:
            errors.append((pointer, "repeated", "Name each code once."))
        elif not matches[0].is_assignable:
            errors.append((pointer, "not_assignable", "This code only groups others. Name one below it."))
        else:
            found.append(matches[0])
    if errors:
        raise Invalid(*errors)
    return found


def _matches(name: UUID | str) -> list[Code]:
    if isinstance(name, UUID):
        return list(Code.objects.filter(pk=name))
    book, _, slug = name.rpartition("/")
    codebook, _, edition = book.partition("@")
    wanted = {"codebook__slug": codebook, "codebook__edition": edition}
    return list(Code.objects.filter(slug=slug, **{key: value for key, value in wanted.items() if value})[:2])
