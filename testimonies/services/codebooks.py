"""Acts on codebooks: versioned sets of codes. A published version is frozen, with all its codes."""

from typing import Any
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import Invalid, NotAllowedNow
from testimonies.models import Codebook
from testimonies.models.codebooks import CodebookStatus
from testimonies.services import records
from testimonies.services.acts import act

FIELDS = frozenset(
    [
        "slug",
        "edition",
        "title",
        "language",
        "method",
        "unit_of_coding",
        "hierarchy_rule",
        "reliability_rule",
        "absence_rule",
        "status",
        "tier",
    ]
)


@act(Capability.CURATE)
def create(*, by: Actor, **values: Any) -> Codebook:
    """A draft. Errors: Invalid, Exists; NotAllowedNow where it should begin published."""
    if values.get("status", CodebookStatus.DRAFT) != CodebookStatus.DRAFT:
        raise NotAllowedNow("A codebook begins as a draft. Add its codes, then set its status to published.")
    projections.lock(codebook=[])
    return _store(Codebook(created_by_id=by.user_id), values)


@act(Capability.CURATE)
def change(codebook_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Codebook:
    """Of a draft; its last change sets `status` to published. Errors: NotFound, Overtaken, Invalid, Exists, NotAllowedNow."""
    return _store(_open(codebook_id, by=by, version=version), values)


@act(Capability.CURATE)
def remove(codebook_id: UUID, *, by: Actor, version: int | None) -> None:
    """A draft with its codes. Errors: NotFound, Overtaken, NotAllowedNow; InUse, as long as something is coded with it."""
    codebook = _open(codebook_id, by=by, version=version)
    for code in codebook.codes.order_by("-level"):  # what is below goes before what is above
        records.delete(code, by=by)
    records.delete(codebook, by=by)


def check_draft(codebook: Codebook) -> None:
    """Errors: NotAllowedNow. What is published once stays so: a codebook found published here need not be locked."""
    if codebook.status != CodebookStatus.DRAFT:
        raise NotAllowedNow(
            "A published codebook is frozen, and its codes with it. Make the next version of it, and change that."
        )


def _open(codebook_id: UUID, *, by: Actor, version: int | None) -> Codebook:
    projections.lock(codebook=[codebook_id])
    codebook = records.at_version(records.find(Codebook, codebook_id, by=by), version)
    check_draft(codebook)
    return codebook


def _store(codebook: Codebook, values: dict[str, Any]) -> Codebook:
    if codebook.follows_id and values.get("slug", codebook.slug) != codebook.slug:
        raise Invalid(
            ("/slug", "fixed", "A next version keeps the short name. Import the codes as another codebook instead.")
        )
    records.put(codebook, values, FIELDS)
    return records.store(codebook)
