"""Reads one line of a file of records, in the format public-testimony/1 (testimonies/collections/README.md)."""

import datetime as dt
from collections.abc import Mapping

from django.db.models import TextChoices

from testimonies.access import Use
from testimonies.models import testimonies
from testimonies.models.clearances import Basis
from testimonies.models.groups import Belonging
from testimonies.models.persons import Gender, NameKind
from testimonies.models.sources import Evidence, Medium, Relation
from testimonies.models.testimonies import Kind, SpeakingConditions, TextKind
from testimonies.services.loading.checks import Fields, start_of
from testimonies.services.loading.codebooks import CodebookEntry
from testimonies.services.loading.lines import (
    AccountLine,
    ClaimLine,
    ClearanceLine,
    CodingLine,
    EvidenceLine,
    Line,
    PersonLine,
    SourceLine,
    TextLine,
    group_slug,
)
from testimonies.services.loading.manifest import CollectionEntry

SCHEMA = "public-testimony/1"

FIELDS = {
    "membership": "belonging", "alias": "name", "other_aliases": "other_names", "name_kind": "name_kind", "gender": "gender",
    "nationality": "nationality", "residence_before": "residence_before", "origin_stated": "origin_stated",
    "age_at_testimony": "age_from", "role_in_group": "role_in_group", "group": "group", "joined_edtf": "joined", "left_edtf": "left",
    "title": "title", "summary": "summary", "language": "account_language", "given_edtf": "given", "place_country": "given_country",
    "kind": "kind", "speaking_conditions": "speaking_conditions", "content_warnings": "content_warnings",
}  # fmt: skip
"""Fields that evidence and conflicts may name, as the file calls them -> as our models do."""


class ClearanceStatus(TextChoices):
    ACTIVE = "active"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class TextRole(TextChoices):
    ORIGINAL = "original"
    TRANSLATION = "translation"


def read(fields: Fields, collection: CollectionEntry, codebook: CodebookEntry | None) -> Line:
    if fields.text("schema") not in {SCHEMA, ""}:
        fields.problem("schema", f"must be {SCHEMA}")
    if bool(fields.flag("invented")) != collection.is_invented:
        fields.problem("invented", "must be true in a collection whose basis_of_use is invented, and only there")
    person = fields.inner("person")
    texts = _texts(fields)
    key = fields.text("record_key", longest=200)
    if ": " in key:
        fields.problem("record_key", "must not hold a colon and a space: they part a collection's slug from a key")
    tier = fields.tier("tier")
    sources = tuple(_source(item) for item in fields.items("sources"))
    if not sources:
        fields.problem("sources", "is missing or empty: who published it?")
    known = FIELDS | {f"codes.{_as_key(name)}": f"codes.{name}" for name in (codebook.dimensions() if codebook else ())}
    line = Line(
        place=fields.place,
        key=key,
        tier=tier,
        belonging=fields.word("membership", Belonging),
        person=_person(person),
        account=_account(fields.inner("testimony")),
        sources=sources,
        codes=_codes(fields, codebook),
        evidence=_evidence(fields, known, len(sources)),
        claims=_claims(fields, known, len(sources)),
        same_person_as=_links(fields, key),
        is_case=fields.flag("in_icsr_2015"),
        clearance=_clearance(fields.inner("clearance")) if fields.has("clearance") else None,
        embargo_until=start_of(day) if (day := fields.day("embargo_until")) else None,
        texts=texts,
        notes_internal=fields.text("notes_internal", required=False),
        n_sealed=person.count("sealed"),
        codings=_codings(fields, texts, codebook) if collection.is_invented else (),
        n_codings=0 if collection.is_invented else fields.count("codings"),
    )
    fields.anything("clearance")
    fields.done()
    return line


def _person(fields: Fields) -> PersonLine:
    kind = fields.word("name_kind", NameKind)
    alias = fields.text("alias", longest=200, required=kind != NameKind.NONE)
    person = PersonLine(
        name="" if kind == NameKind.NONE or alias == "unnamed" or alias.startswith("unnamed (") else alias,
        name_kind=kind,
        other_names=fields.texts("other_aliases", longest=200),
        gender=fields.word("gender", Gender, default=Gender.NOT_KNOWN),
        nationality=fields.country("nationality"),
        residence_before=fields.country("residence_before"),
        origin_stated=fields.text("origin_stated", longest=200, required=False),
        age=fields.integer("age_at_testimony", 0, 130),
        role_in_group=fields.text("role_in_group", longest=80, required=False),
        group=fields.text("group", longest=200),
        joined=fields.edtf("joined_edtf"),
        left=fields.edtf("left_edtf"),
    )
    if person.other_names and kind == NameKind.NONE:
        fields.problem("other_aliases", "a person whose name_kind is none has no other names")
    if person.group and not group_slug(person.group):
        fields.problem("group", "needs Latin letters or digits, of which its short name is made")
    fields.text("public_name", required=False)  # which name is shown is decided by its kind, not by the file
    fields.count("sealed")
    fields.done()
    return person


def _account(fields: Fields) -> AccountLine:
    account = AccountLine(
        title=fields.text("title", longest=300),
        summary=fields.text("summary", required=False),
        language=fields.language("language"),
        given=fields.edtf("given_edtf"),
        given_country=fields.country("place_country"),
        kind=fields.word("kind", Kind),
        speaking_conditions=fields.word(
            "speaking_conditions", SpeakingConditions, default=SpeakingConditions.NOT_KNOWN
        ),
        content_warnings=fields.words("content_warnings", testimonies.Warning.values),
    )
    fields.done()
    return account


def _source(fields: Fields) -> SourceLine:
    source = SourceLine(
        outlet=fields.text("outlet", longest=200),
        title=fields.text("title", longest=500, required=False),
        url=fields.url("url"),
        published=fields.edtf("published_edtf"),
        medium=fields.word("medium", Medium, default=Medium.NOT_KNOWN),
        relation=fields.word("relation", Relation),
    )
    fields.done()
    return source


def _as_key(dimension: str) -> str:
    return dimension.replace("-", "_")


def _codes(fields: Fields, codebook: CodebookEntry | None) -> tuple[str, ...] | None:
    if not fields.anything("codes"):
        return None
    if codebook is None:
        fields.problem("codes", "the collection names no codebook that could be read")
        return None
    block, assignable = fields.inner("codes"), codebook.assignable()
    found: list[str] = []
    for dimension in codebook.dimensions():
        name = _as_key(dimension)
        for n, slug in enumerate(block.texts(name)):
            if slug and assignable.get(slug) != dimension:
                block.problem(
                    f"{name}[{n}]", f"must be an assignable code of {dimension} in {codebook.slug}@{codebook.edition}"
                )
            found.append(slug)
    block.done()
    return tuple(found)


def _source_index(fields: Fields, n_sources: int, *, required: bool) -> int | None:
    return fields.integer("source", 0, max(n_sources - 1, 0), required=required)


def _evidence(fields: Fields, known: Mapping[str, str], n_sources: int) -> tuple[EvidenceLine, ...]:
    found = []
    for item in fields.items("evidence"):
        names = item.texts("fields")
        if not names:
            item.problem("fields", "is missing or empty")
        for n, name in enumerate(names):
            if name and name not in known:
                item.problem(f"fields[{n}]", "must be the name of a field, such as nationality or codes.leaving")
        source = _source_index(item, n_sources, required=True)
        basis, note = item.word("basis", Evidence.Basis), item.text("note", required=False)
        item.done()
        found.append(EvidenceLine(tuple(known.get(name, "") for name in names), source or 0, basis, note))
    return tuple(found)


def _claims(fields: Fields, known: Mapping[str, str], n_sources: int) -> tuple[ClaimLine, ...]:
    """One claim for each value of each conflict; the resolution says which is preferred, and is kept with all of them."""
    found: list[ClaimLine] = []
    for item in fields.items("conflicts"):
        name = item.text("field").removeprefix("person.").removeprefix("testimony.")
        if name and name not in known:
            item.problem("field", "must be the name of a field, such as person.left_edtf or codes.joining")
        resolution = item.text("resolution", required=False)
        values = [_claim(value, known.get(name, ""), resolution, n_sources) for value in item.items("values")]
        if not values:
            item.problem("values", "is missing or empty")
        if any(claim.field == known.get(name) for claim in found):
            item.problem("field", "has its own entry already: list all values there")
        if sum(claim.is_preferred for claim in values) > 1:
            item.problem("values", "the value that is preferred is there twice")
        item.done()
        found += values
    return tuple(found)


def _claim(fields: Fields, name: str, resolution: str, n_sources: int) -> ClaimLine:
    value = fields.scalar("value", longest=500)
    source, note = _source_index(fields, n_sources, required=False), fields.text("note", required=False)
    fields.done()
    is_preferred = bool(value) and resolution.startswith(f"{value} preferred")
    return ClaimLine(name, value, source, "; ".join(filter(None, (note, resolution))), is_preferred)


def _links(fields: Fields, key: str) -> tuple[str, ...]:
    names = fields.texts("possible_same_person_as", longest=200)
    if key and key in names:
        fields.problem("possible_same_person_as", "names the record itself")
    return names


def _clearance(fields: Fields) -> ClearanceLine:
    status = fields.word("status", ClearanceStatus)
    starts_on, ends_on = fields.day("valid_from", required=True), fields.day("valid_until")
    withdrawn_on = fields.day("withdrawn_on")
    if (status == ClearanceStatus.WITHDRAWN) != (withdrawn_on is not None):
        fields.problem("withdrawn_on", "must be there when the status is withdrawn, and only then")
    if status == ClearanceStatus.EXPIRED and ends_on is None:
        fields.problem("valid_until", "must be there when the status is expired")
    if starts_on and ends_on and ends_on < starts_on:
        fields.problem("valid_until", "must not be before valid_from")
    uses = fields.words("uses", Use.values)
    if not uses:
        fields.problem("uses", "is missing or empty")
    clearance = ClearanceLine(
        basis=fields.word("basis", Basis),
        uses=uses,
        starts_at=start_of(starts_on or dt.date.min),
        ends_at=start_of(ends_on + dt.timedelta(days=1)) if ends_on else None,  # the last day is covered
        withdrawn_at=start_of(withdrawn_on) if withdrawn_on else None,
        reviewed_by=fields.text("reviewed_by", longest=200, required=False),
    )
    fields.done()
    return clearance


def _texts(fields: Fields) -> tuple[TextLine, ...]:
    found = []
    for item in fields.items("texts"):
        role = item.word("role", TextRole)
        kind = TextKind.TRANSLATION if role == TextRole.TRANSLATION else TextKind.TRANSCRIPT
        language, tier = item.language("language"), item.tier("tier")
        found.append(TextLine(kind, language, tier, item.text("body")))
        item.done()
    if found and all(text.kind == TextKind.TRANSLATION for text in found):
        fields.problem("texts", "a translation needs its original beside it")
    return tuple(found)


def _codings(fields: Fields, texts: tuple[TextLine, ...], codebook: CodebookEntry | None) -> tuple[CodingLine, ...]:
    """By the collection's codebook. That a passage is what the text has there is told here, before anything is stored."""
    known = codebook.assignable() if codebook else {}
    name = f"{codebook.slug}@{codebook.edition}" if codebook else ""
    found: dict[CodingLine, None] = {}
    for item in fields.items("codings"):
        coder, code, quote = item.text("coder", longest=60), item.text("code"), item.text("quote")
        if not codebook or item.text("codebook") != name or code not in known:
            item.problem("code", f"must be an assignable code of the collection's codebook {name}".rstrip())
        number = item.integer("text", 0, max(len(texts) - 1, 0), required=True) or 0
        body = texts[number].body if number < len(texts) else ""
        start = item.integer("start", 0, len(body), required=True) or 0
        end = item.integer("end", 0, len(body), required=True) or 0
        if not quote or body[start:end] != quote:
            item.problem("quote", "must be what the text has from start to end, counted in Unicode code points")
        item.done()
        one = CodingLine(coder, code, number, start, end)
        if one in found:
            item.problem("code", "is there twice for this passage and coder")
        found[one] = None
    return tuple(found)
