"""From a whole record to what one tier may see of it. Everything after this step works on what is left.

A record has four kinds of limits: its own tier, the tiers of the rows in it, the tier that its model's Exposure gives
each field (which a record may raise, never lower), and the kind of a name. Exact values are coarsened on the way down.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from functools import cache, lru_cache
from typing import Any, Protocol, TypeVar

from testimonies import models
from testimonies.access import Tier
from testimonies.models.persons import Disclosure
from testimonies.projections import records

BANDS: dict[str, int] = {Disclosure.EXACT: 5, Disclosure.BANDED: 10, Disclosure.WITHHELD: 10}
"""Years in the band that an exact age becomes below restricted."""
_ORIGIN = frozenset({"nationality", "residence_before", "origin_stated"})
_AGE = frozenset({"age_from", "age_to"})
UNDISCLOSED: dict[str, dict[type, frozenset[str]]] = {
    Disclosure.EXACT: {},
    Disclosure.BANDED: {models.Person: _ORIGIN},
    Disclosure.WITHHELD: {models.Person: _ORIGIN | {"gender"}, models.Testimony: _AGE},
}
"""What somebody could be recognised by, and is not shown below restricted."""


class Tiered(Protocol):
    @property
    def tier(self) -> int: ...


Row = TypeVar("Row", bound=Tiered)


@cache
def field_tiers(model: type) -> dict[str, Tier]:
    """Field name -> least tier that may see it, as the model's Exposure declares. What is internal is in no document."""
    exposure = model.Exposure  # type: ignore[attr-defined]
    return {name: tier for tier in Tier for name in getattr(exposure, tier.label, ())}


@cache
def _blanks(record: type) -> dict[str, Any]:
    """Field name -> the value that says nothing, for every field that has one."""
    found = {}
    for item in fields(record):
        if item.default is not MISSING:
            found[item.name] = item.default
        elif item.default_factory is not MISSING:
            found[item.name] = item.default_factory()
    return found


def hidden_fields(
    model: type, raised: Mapping[str, int], tier: Tier, disclosure: str = Disclosure.EXACT
) -> frozenset[str]:
    """Names of the fields above the tier. An uncertain date takes its derived days with it."""
    return _hidden_fields(model, frozenset(raised.items()), tier, disclosure)


@lru_cache(maxsize=1024)
def _hidden_fields(model: type, raised: frozenset[tuple[str, int]], tier: Tier, disclosure: str) -> frozenset[str]:
    least = field_tiers(model)
    names = {name for name, needed in least.items() if needed > tier}
    names |= {name for name, needed in raised if needed > tier and name in least}
    if tier < Tier.RESTRICTED:
        names |= UNDISCLOSED[disclosure].get(model, frozenset())
    return frozenset(names | {f"{name}_{end}" for name in names for end in ("earliest", "latest")})


@lru_cache(maxsize=1024)
def _emptied(record: type, hidden: frozenset[str]) -> Mapping[str, Any]:
    """Those of the hidden fields that the record has, each with the value that says nothing."""
    own, blanks = hidden & {item.name for item in fields(record)}, _blanks(record)
    if unhideable := own - blanks.keys():
        # what identifies a record cannot be hidden while the record is shown: raise the record's own tier instead
        raise ValueError(f"These fields cannot have a tier of their own: {', '.join(sorted(unhideable))}.")
    return {name: blanks[name] for name in own}


def _with(record: Any, values: Mapping[str, Any]) -> Any:
    """The record with these values: itself, where it has them already."""
    if all(getattr(record, name) == value for name, value in values.items()):
        return record
    return replace(record, **values)


def _blank(record: Any, hidden: frozenset[str]) -> Any:
    return _with(record, _emptied(record.__class__, hidden))


def _visible(rows: tuple[Row, ...], tier: Tier) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.tier <= tier)


def shows_name(kind: str, tier: Tier) -> bool:
    """To the group a kunya is the name, and a given name may be real: outside staff only an outlet's pseudonym is shown."""
    return tier == Tier.RESTRICTED or kind == models.persons.NameKind.OUTLET_PSEUDONYM


def person(record: records.Person, tier: Tier) -> records.Person:
    hidden = hidden_fields(models.Person, record.raised, tier, record.disclosure)
    # that a name is shown tells its kind
    if "name_kind" in hidden or not shows_name(record.name_kind, tier) or record.raised.get("name", 0) > tier:
        hidden |= {"name"}
    return _blank(record, hidden | _reasons(tier))  # type: ignore[no-any-return]


def _reasons(tier: Tier) -> frozenset[str]:
    """Why something is missing is for staff; everybody else reads `not_available`, whatever the reason."""
    return frozenset() if tier == Tier.RESTRICTED else frozenset({"missing"})


def source(record: records.Source | None, tier: Tier) -> records.Source | None:
    return record if record is not None and record.tier <= tier else None


def _membership(record: records.Testimony, tier: Tier) -> records.Membership | None:
    membership = record.membership
    if membership is None or max(membership.tier, membership.group_tier) > tier:
        return None
    hidden = hidden_fields(models.Membership, record.raised, tier)
    return _blank(membership, hidden)  # type: ignore[no-any-return]


def _claimable(record: records.Testimony, membership: records.Membership | None, tier: Tier) -> set[str]:
    """Fields that a claim may be about below restricted: those that the tier sees, and sees exactly."""
    parts = [(models.Testimony, record.raised), (models.Person, record.person.raised)]
    if membership is not None:
        parts.append((models.Membership, record.raised))
    seen = {
        name
        for model, raised in parts
        for name in field_tiers(model).keys() - hidden_fields(model, raised, tier, record.person.disclosure)
    }
    return seen - set(models.Testimony.Exposure.coarsened)


def _claims(
    record: records.Testimony,
    membership: records.Membership | None,
    citations: tuple[records.Citation, ...],
    tier: Tier,
) -> tuple[records.Claim, ...]:
    claims = _visible(record.claims, tier)
    if tier == Tier.RESTRICTED or not claims:
        return claims
    claimable = _claimable(record, membership, tier)
    cited = {citation.source.id for citation in citations if citation.source}
    hidden = hidden_fields(models.Claim, {}, tier)
    return tuple(
        # that this testimony cites a source may be above the tier although the source is not
        _blank(replace(claim, source=claim.source if claim.source and claim.source.id in cited else None), hidden)
        for claim in claims
        if claim.field in claimable
    )


def _citations(record: records.Testimony, tier: Tier) -> tuple[records.Citation, ...]:
    """A citation is hidden with its source; what rests on it is for staff, since a field's name can tell of a hidden value."""
    return tuple(
        citation if tier == Tier.RESTRICTED else _with(citation, {"evidence": ()})
        for citation in _visible(record.citations, tier)
        if source(citation.source, tier) is not None
    )


def texts(rows: tuple[records.Text, ...]) -> tuple[records.Text, ...]:
    """A text is stored once, for all who may see it: which text it translates is said only if all of them may see that one."""
    tiers = {row.id: row.tier for row in rows}
    return tuple(
        row if tiers.get(row.translation_of or row.id, row.tier + 1) <= row.tier else replace(row, translation_of=None)
        for row in rows
    )


def _codes(record: records.Testimony, tier: Tier) -> tuple[records.Code, ...]:
    """A code may be seen further than the dimension that it belongs to, which is then not named."""
    codes = _visible(record.codes, tier)
    return tuple(code if code.dimension_tier <= tier else replace(code, dimension="") for code in codes)


def testimony(record: records.Testimony, tier: Tier) -> records.Testimony | None:
    """What `tier` may see of the record; None when the record, or its person, is above it."""
    if max(record.tier, record.person.tier) > tier:
        return None
    hidden = hidden_fields(models.Testimony, record.raised, tier, record.person.disclosure)
    membership = None if "membership" in hidden else _membership(record, tier)
    citations = _citations(record, tier)
    seen = {
        **_emptied(records.Testimony, hidden | _reasons(tier)),
        "person": person(record.person, tier),
        "membership": membership,
        "external_ids": record.external_ids if tier == Tier.RESTRICTED else (),
        "citations": citations,
        "codes": _codes(record, tier),
        "claims": _claims(record, membership, citations, tier),
        "texts": _visible(texts(record.texts), tier),
        "collections": _visible(record.collections, tier),
        "cases": _visible(record.cases, tier),
    }
    if tier < Tier.RESTRICTED:
        low, high = (seen.get(end, getattr(record, end)) for end in ("age_from", "age_to"))
        seen["age_from"], seen["age_to"] = _coarsened(low, high, BANDS[record.person.disclosure])
    return _with(record, seen)  # type: ignore[no-any-return]


def _coarsened(low: int | None, high: int | None, band: int) -> tuple[int | None, int | None]:
    """Each end of the age by itself: one may be missing, or hidden, while the other is seen."""
    return None if low is None else low // band * band, None if high is None else high // band * band + band - 1
