"""/api/v1/vault-entries/, -lookups/, -removals/, -openings/: what could lead to a person's door. For custodians.

Everything is asked by POST, with a purpose, and answered only after it was recorded who asked; no address, query string or
log carries a value. The record of an opening says who, when, of whom and what for, never what was found.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypedDict

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.viewsets import ViewSet

from testimonies import models
from testimonies.access import Capability
from testimonies.api import concurrency, parsing
from testimonies.api.parsing import Choice, Text
from testimonies.api.parts import CapableOnly
from testimonies.api.reading import ReadViewSet
from testimonies.api.v1 import fields
from testimonies.api.writing import record_id
from testimonies.models.vault import VaultAct, VaultKind
from testimonies.projections.documents import instant
from testimonies.projections.shapes import Described, Id, Moment, of
from testimonies.selectors import documents, filters, parameters, parts
from testimonies.selectors.filters import Context, Filter, enumeration
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared
from testimonies.selectors.sql import TRUE, Sql, either
from testimonies.services import vault


class VaultOpening(TypedDict):
    """That the vault was opened: who, when, of whom and what for. Never what was found."""

    id: Annotated[Id, of(models.VaultOpening)]
    at: Annotated[Moment, of(models.VaultOpening)]
    by: Annotated[str, Described("Name of the custodian's account.")]
    act: Annotated[str, Described(model=models.VaultOpening, choices=VaultAct)]
    person_id: Annotated[Id | None, of(models.VaultOpening)]
    purpose: Annotated[str, of(models.VaultOpening)]
    n_entries: Annotated[int, of(models.VaultOpening)]


class VaultEntry(TypedDict):
    """One thing that is known of a person, legible."""

    id: Annotated[Id, of(models.VaultEntry)]
    kind: Annotated[str, Described(model=models.VaultEntry, choices=VaultKind)]
    value: Annotated[str, Described("What is known.")]
    created_at: Annotated[Moment, of(models.VaultEntry)]


class OpenedVault(TypedDict):
    """All that the vault has of one person, oldest first."""

    opening_id: Annotated[Id, of(models.VaultOpening, "id")]
    person_id: Annotated[Id, of(models.VaultEntry)]
    entries: list[VaultEntry]


class VaultFinding(TypedDict):
    """Of whom exactly this is known."""

    opening_id: Annotated[Id, of(models.VaultOpening, "id")]
    person_ids: Annotated[list[str], Described("The persons, by id.")]


class AddedVaultEntry(TypedDict):
    """What was added; its value is read again by an opening only."""

    opening_id: Annotated[Id, of(models.VaultOpening, "id")]
    id: Annotated[Id, of(models.VaultEntry)]


class VaultRemoval(TypedDict):
    """That an entry was removed for good."""

    opening_id: Annotated[Id, of(models.VaultOpening, "id")]


def _purpose() -> serializers.Field:
    text = str(models.VaultOpening._meta.get_field("purpose").help_text)
    return Text(min_length=models.VaultOpening.MIN_PURPOSE, max_length=500, trim_whitespace=True, help_text=text)


def _value() -> serializers.Field:
    return Text(max_length=vault.MAX_VALUE, trim_whitespace=True, help_text="What is known.")


VaultOpeningWriteSerializer = fields.body(
    "VaultOpeningWrite",
    "Whose entries to open, and what for.",
    person_id=parsing.Id(help_text="The person."),
    purpose=_purpose(),
)
VaultLookupWriteSerializer = fields.body(
    "VaultLookupWrite",
    "What to look for: exactly this, but for case, accents and spaces.",
    value=_value(),
    purpose=_purpose(),
)
VaultEntryWriteSerializer = fields.body(
    "VaultEntryWrite",
    "Something to keep.",
    person_id=parsing.Id(help_text="The person whom it leads to."),
    kind=Choice(choices=VaultKind.choices, help_text="What it is."),
    value=_value(),
    purpose=_purpose(),
)
VaultRemovalWriteSerializer = fields.body(
    "VaultRemovalWrite", "What to remove for good.", entry_id=parsing.Id(help_text="The entry."), purpose=_purpose()
)


class VaultViewSet(ViewSet):
    """One act on the vault, recorded before it is answered. Never done twice for one answer: each is an opening of its own."""

    permission_classes = [CapableOnly]
    capability = Capability.VAULT
    http_method_names = ["post"]
    takes_idempotency_key = False
    write: ClassVar[type[serializers.Serializer]]

    def create(self, request: Any) -> HttpResponse:
        values = parsing.read(self.write, parsing.body(request))
        opening, shown = self.done(by=request.user, **values)
        document = parts.made({"opening_id": str(opening.pk), **shown}, None)
        response = concurrency.written(document.body, concurrency.of_document(document), 201)
        response.headers["Location"] = f"/api/v1/vault-openings/{opening.pk}/"
        return response

    def done(self, **values: Any) -> tuple[models.VaultOpening, Mapping[str, Any]]:
        raise NotImplementedError


class VaultLookupViewSet(VaultViewSet):
    """Look for a value in the vault."""

    noun = "vault_lookup"
    write = VaultLookupWriteSerializer
    shape = VaultFinding

    def done(self, **values: Any) -> tuple[models.VaultOpening, Mapping[str, Any]]:
        opening, persons = vault.look_up(**values)
        return opening, {"person_ids": [str(person) for person in persons]}


class VaultEntryViewSet(VaultViewSet):
    """Add something to the vault."""

    noun = "vault_entry"
    write = VaultEntryWriteSerializer
    shape = AddedVaultEntry

    def done(self, **values: Any) -> tuple[models.VaultOpening, Mapping[str, Any]]:
        opening, entry = vault.add(**values)
        return opening, {"id": str(entry.pk)}


class VaultRemovalViewSet(VaultViewSet):
    """Remove something from the vault for good."""

    noun = "vault_removal"
    write = VaultRemovalWriteSerializer
    shape = VaultRemoval

    def done(self, **values: Any) -> tuple[models.VaultOpening, Mapping[str, Any]]:
        return vault.remove(**values), {}


def _of_person(values: list[Any], context: Context) -> Sql:
    """By id also where the person is no more."""
    named = filters.id_or_ref("id", "ref")(values, context)
    by_id = filters.id_or_ref("person_id", "NULL")(values, context)
    persons = Sql(f"person_id IN (SELECT id FROM testimonies_person WHERE {named.text})", named.parameters)
    return either([by_id, persons])


class VaultOpeningViewSet(VaultViewSet, ReadViewSet):
    """Open a person's entries; and who opened the vault before, when, of whom and what for."""

    http_method_names = ["get", "head", "post"]
    noun = "vault_opening"
    write = VaultOpeningWriteSerializer
    shape = item = VaultOpening
    created_shape = OpenedVault
    rows = models.VaultOpening.objects.select_related("user")
    declared = Declared(
        name="vault-openings",
        filters=(
            Filter("person", "Of this person, by id or reference.", filters.key("P"), _of_person),
            enumeration("act", "What was done.", VaultAct, filters.column("act")),
        ),
        orders={"at": Order("at", "timestamptz")},
        ordering="-at",
        key=Order("id", "uuid"),
    )

    def done(self, **values: Any) -> tuple[models.VaultOpening, Mapping[str, Any]]:
        opening, entries = vault.open_(**values)
        shown = [
            VaultEntry(id=str(one.id), kind=one.kind, value=one.value, created_at=instant(one.created_at))
            for one in entries
        ]
        return opening, {"person_id": str(opening.person_id), "entries": shown}

    def page(self, request: Any, query: parameters.Query) -> Page:  # noqa: ARG002
        return parts.page(self.rows.all(), _shown, TRUE, query)

    def document(self, request: Any, pk: str) -> documents.Document:  # noqa: ARG002
        return parts.document(self.rows.all(), _shown, TRUE, record_id(pk))


def _shown(row: Any) -> VaultOpening:
    return {
        "id": str(row.pk),
        "at": instant(row.at),
        "by": row.user.username,
        "act": row.act,
        "person_id": str(row.person_id) if row.person_id else None,
        "purpose": row.purpose,
        "n_entries": row.n_entries,
    }
