"""Digests of records, by which a load sees whether people changed one since the last load."""

import hashlib
from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models import Model

from testimonies import models

_PARTS: tuple[tuple[type[Model], str], ...] = (
    (models.Testimony, "id"),
    (models.Person, "testimonies"),
    (models.PersonName, "person__testimonies"),
    (models.Membership, "testimonies"),
    (models.Citation, "testimony"),
    (models.Evidence, "citation__testimony"),
    (models.ConsensusCode, "testimony"),
    (models.Claim, "testimony"),
    (models.Text, "testimony"),
    (models.Clearance, "testimony"),
    (models.CaseLink, "testimony"),
    (models.CollectionItem, "testimony"),
)
"""All that a record consists of, and how each part leads to its testimony."""
_BOOKKEEPING = {"version", "created_at", "changed_at", "created_by"}


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def digests(ids: Collection[UUID]) -> dict[UUID, str]:
    """Testimony -> digest of its record. Two are equal when no value differs, whatever happened in between."""
    rows: dict[UUID, list[str]] = defaultdict(list)
    for model, path in _PARTS:
        columns = [field.attname for field in model._meta.concrete_fields if field.name not in _BOOKKEEPING]
        found = model._default_manager.filter(**{f"{path}__in": ids})  # noqa: SLF001
        for owner, *values in found.values_list(path, *columns):
            rows[owner].append(f"{model.__name__} {values!r}")
    return {owner: digest("\n".join(sorted(found))) for owner, found in rows.items()}
