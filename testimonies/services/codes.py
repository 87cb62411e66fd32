"""Acts on codes, while their codebook is a draft."""

from typing import Any
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import Invalid
from testimonies.models import Code, Codebook
from testimonies.services import codebooks, records
from testimonies.services.acts import act

FIELDS = frozenset(
    [
        "slug",
        "label",
        "brief_definition",
        "definition",
        "inclusion",
        "exclusion",
        "example",
        "near_miss",
        "source_section",
        "basis",
        "position",
        "is_assignable",
        "color",
        "tier",
    ]
)
"""What an act may set, beside `parent` (a slug). Dimension and level follow from the parent."""
MOST_LEVELS = 9


@act(Capability.CURATE)
def create(*, by: Actor, codebook_id: UUID, **values: Any) -> Code:
    """After the other codes of the codebook, unless `position` says where. Errors: Invalid, Exists, NotAllowedNow."""
    projections.lock(codebook=[codebook_id])
    codebook = records.related(Codebook, codebook_id, "codebook_id", by=by)
    codebooks.check_draft(codebook)
    code = Code(codebook=codebook, created_by_id=by.user_id, position=records.next_position(codebook.codes.all()))
    return _store(code, values)


@act(Capability.CURATE)
def change(code_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Code:
    """A code stays in its codebook. Errors: NotFound, Overtaken, Invalid, Exists, NotAllowedNow."""
    code = _open(code_id, by=by, version=version)
    if values.pop("codebook_id", code.codebook_id) != code.codebook_id:
        raise Invalid(("/codebook_id", "fixed", "A code stays in its codebook. Make a new one in the other."))
    return _store(code, values)


@act(Capability.CURATE)
def remove(code_id: UUID, *, by: Actor, version: int | None) -> None:
    """Errors: NotFound, Overtaken, NotAllowedNow; InUse, as long as codes are below it or something is coded with it."""
    records.delete(_open(code_id, by=by, version=version), by=by)


def _open(code_id: UUID, *, by: Actor, version: int | None) -> Code:
    """Locked with its codebook and all codes of it, which name their dimension and may follow it to another place."""
    books = list(Codebook.objects.filter(codes=code_id))  # a code stays in its codebook
    for codebook in books:
        codebooks.check_draft(codebook)  # before a published one is locked with all that is coded with it
    projections.lock(codebook=[codebook.pk for codebook in books])
    code = records.at_version(records.find(Code, code_id, by=by), version)
    codebooks.check_draft(code.codebook)
    return code


def _store(code: Code, values: dict[str, Any]) -> Code:
    if "parent" in values:
        slug = values.pop("parent")
        code.parent = None if slug is None else _parent(code, slug)
    records.put(code, values, FIELDS)
    _place(code)
    records.store(code)
    _move_children(code)
    return code


def _parent(code: Code, slug: str) -> Code:
    parent = Code.objects.filter(codebook=code.codebook_id, slug=slug).first()
    if parent is None:
        raise Invalid(("/parent", "unknown", "There is no such code in this codebook. Check the slug."))
    above: Code | None = parent
    while above is not None:
        if above.pk == code.pk:
            raise Invalid(("/parent", "circular", "A code is not below itself. Choose one that is not below it."))
        above = above.parent
    return parent


def _place(code: Code) -> None:
    code.level = code.parent.level + 1 if code.parent else 1
    code.dimension = code.parent.dimension if code.parent else code.slug
    if code.level > MOST_LEVELS:
        raise Invalid(
            ("/parent", "too_deep", f"A code lies at most {MOST_LEVELS} levels deep. Choose a broader parent.")
        )


def _move_children(code: Code) -> None:
    """Those below follow to another dimension or level."""
    for child in code.children.all():
        before = child.level, child.dimension
        child.parent = code
        _place(child)
        if (child.level, child.dimension) != before:
            records.store(child)
            _move_children(child)
