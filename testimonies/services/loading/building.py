"""Turns a checked line into the rows that it wants. Nothing is stored here."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from testimonies import models
from testimonies.access import Tier
from testimonies.models.clearances import Basis
from testimonies.models.persons import NameKind
from testimonies.models.testimonies import CodingStatus, Status, TextKind
from testimonies.services.loading import state
from testimonies.services.loading.lines import ClearanceLine, Line, SourceLine
from testimonies.services.loading.manifest import CollectionEntry
from testimonies.services.loading.sources import Catalogue

SINCE = dt.datetime(2015, 1, 1, tzinfo=dt.UTC)
"""From when a manifest's clearance holds: it names no day, and this one is before any load."""

PERSON_FIELDS = ("name", "name_kind", "gender", "nationality", "residence_before", "origin_stated", "tier")
MEMBERSHIP_FIELDS = (
    "group", "belonging", "role_in_group",
    "joined", "joined_earliest", "joined_latest", "left", "left_earliest", "left_latest",
)  # fmt: skip
TESTIMONY_FIELDS = (
    "membership", "title", "summary", "summary_language", "notes_internal", "kind", "speaking_conditions", "account_language",
    "given", "given_earliest", "given_latest", "given_country", "age_from", "age_to", "content_warnings", "coding_status", "status",
    "published_at", "embargo_until", "tier",
)  # fmt: skip
"""What a file says of a record. Anything else (grades, reasons, raised fields) is people's, and a load leaves it alone."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the lines of one collection refer to: rows that are stored already."""

    entry: CollectionEntry
    collection: models.Collection
    codes: dict[str, UUID]
    groups: dict[str, models.Group]
    cases: models.Collection | None
    importer_id: int | None = None
    """Whose drafts new records are. None: a command loads, and publishes what the manifest says was reviewed."""


@dataclass(slots=True)
class Draft:
    """A line on its way: the collection that it belongs to, and the ids of its rows, stored or new.

    `record_digest` is of the record before; empty where there was none.
    """

    line: Line
    shelf: Shelf
    digest: str
    testimony_id: UUID
    person_id: UUID
    membership_id: UUID
    status: str
    published_at: dt.datetime | None
    record_digest: str
    keeps_person: bool = False
    """Whether the person is stored while the testimony is not: then what people wrote about the person stays."""

    @property
    def is_new(self) -> bool:
        return not self.record_digest

    def person(self) -> models.Person:
        person = self.line.person
        return models.Person(
            id=self.person_id,
            created_by_id=self.shelf.importer_id,
            name=person.name,
            name_kind=person.name_kind,
            gender=person.gender,
            nationality=person.nationality,
            residence_before=person.residence_before,
            origin_stated=person.origin_stated,
            tier=self.line.tier,
        )

    def names(self) -> Iterator[models.PersonName]:
        kind = self.line.person.name_kind
        tier = self.line.tier if kind == NameKind.OUTLET_PSEUDONYM else Tier.RESTRICTED
        for value in self.line.person.other_names:
            yield models.PersonName(person_id=self.person_id, value=value, kind=kind, tier=tier)

    def membership(self) -> models.Membership:
        person = self.line.person
        return models.Membership(
            id=self.membership_id,
            person_id=self.person_id,
            group=self.shelf.groups[person.group],
            belonging=self.line.belonging,
            role_in_group=person.role_in_group,
            joined=person.joined,
            left=person.left,
        )

    def testimony(self) -> models.Testimony:
        line, account = self.line, self.line.account
        return models.Testimony(
            id=self.testimony_id,
            created_by_id=self.shelf.importer_id,
            person_id=self.person_id,
            membership_id=self.membership_id,
            title=account.title,
            summary=account.summary,
            summary_language="en",
            notes_internal=line.notes_internal,
            kind=account.kind,
            speaking_conditions=account.speaking_conditions,
            account_language=account.language,
            given=account.given,
            given_country=account.given_country,
            age_from=line.person.age,
            age_to=line.person.age,
            content_warnings=list(account.content_warnings),
            coding_status=_coding_status(line),
            status=self.status,
            published_at=self.published_at,
            embargo_until=line.embargo_until,
            tier=line.tier,
        )

    def citations(self, catalogue: Catalogue) -> list[models.Citation]:
        """One for each source of the line; two entries that turn out to be one publication share one."""
        found: dict[tuple[UUID, str], models.Citation] = {}
        rows = []
        for position, line in enumerate(self.line.sources):
            source = catalogue.match(line)
            citation = models.Citation(
                testimony_id=self.testimony_id, source=source, relation=line.relation, position=position
            )
            rows.append(found.setdefault((source.pk, line.relation), citation))
        return rows

    def evidence(self, citations: list[models.Citation]) -> Iterator[models.Evidence]:
        said: set[tuple[UUID, str]] = set()
        for item in self.line.evidence:
            citation = citations[item.source]
            for name in item.fields:
                if (citation.pk, name) not in said:
                    yield models.Evidence(citation=citation, field=name, basis=item.basis, note=item.note)
                said.add((citation.pk, name))

    def codes(self) -> Iterator[models.ConsensusCode]:
        for slug in self.line.codes or ():
            yield models.ConsensusCode(testimony_id=self.testimony_id, code_id=self.shelf.codes[slug])

    def claims(self, citations: list[models.Citation]) -> Iterator[models.Claim]:
        for position, claim in enumerate(self.line.claims):
            # a code may be restricted, and an age is shown in bands only: what sources say of them is for staff
            is_for_staff = claim.field.startswith("codes.") or claim.field == "age_from"
            yield models.Claim(
                testimony_id=self.testimony_id,
                field=claim.field,
                value=claim.value,
                source_id=None if claim.source is None else citations[claim.source].source_id,
                note=claim.note,
                is_preferred=claim.is_preferred,
                position=position,
                tier=Tier.RESTRICTED if is_for_staff else self.line.tier,
            )

    def texts(self) -> list[models.Text]:
        """Originals and translations in the order of the file; which one is translated is settled once they have ids."""
        return [
            models.Text(
                testimony_id=self.testimony_id,
                kind=text.kind,
                language=text.language,
                tier=text.tier,
                body=text.body,
                position=position,
            )
            for position, text in enumerate(self.line.texts)
        ]

    def clearances(self) -> Iterator[models.Clearance]:
        if (line := self.line.clearance or default_clearance(self.shelf.entry)) is not None:
            yield models.Clearance(
                testimony_id=self.testimony_id,
                basis=line.basis,
                uses=list(line.uses),
                starts_at=line.starts_at,
                ends_at=line.ends_at,
                withdrawn_at=line.withdrawn_at,
                reviewed_by=line.reviewed_by,
            )

    def case_links(self) -> Iterator[models.CaseLink]:
        if self.line.is_case is not None and self.shelf.cases is not None:
            yield models.CaseLink(
                testimony_id=self.testimony_id, collection=self.shelf.cases, is_case=self.line.is_case
            )


def _coding_status(line: Line) -> CodingStatus:
    if len({one.coder for one in line.codings}) > 1:
        return CodingStatus.DOUBLE_CODED
    return CodingStatus.NOT_CODED if line.codes is None else CodingStatus.SINGLE_READER


def default_clearance(entry: CollectionEntry) -> ClearanceLine | None:
    """What the manifest permits for every record that says nothing of its own."""
    if entry.basis == Basis.NOT_STATED or not entry.cleared_uses:
        return None
    reviewers = ", ".join(entry.reviewed_by)[:200]
    return ClearanceLine(entry.basis, entry.cleared_uses, SINCE, None, None, reviewers)


def status_of(line: Line, entry: CollectionEntry) -> Status:
    is_withdrawn = line.clearance is not None and line.clearance.withdrawn_at is not None
    return Status.WITHDRAWN if is_withdrawn else entry.status


def digest_of(line: Line, entry: CollectionEntry) -> str:
    """Of all that a line says, with what its manifest adds."""
    return state.digest(repr((line, entry.codebook, default_clearance(entry), status_of(line, entry))))


def original_of(text: models.Text, texts: Iterable[models.Text]) -> models.Text | None:
    """The text that a translation translates: the original before it, or else the first one."""
    originals = [other for other in texts if other.kind != TextKind.TRANSLATION]
    before = [other for other in originals if other.position < text.position]
    return next(iter(before[::-1] or originals), None)


def all_sources(lines: Iterable[Line]) -> list[SourceLine]:
    return [source for line in lines for source in line.sources]
