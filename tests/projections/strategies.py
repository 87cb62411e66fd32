"""Hypothesis strategies for whole records, and for what may differ above a tier without anybody below noticing.

What counts as above a tier is written out here a second time, in literals, so that the tests do not ask the code under
test what it should do.
"""

import datetime as dt
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from testimonies.projections import records

PUBLIC, PARTNER, RESTRICTED = 0, 1, 2
RESTRICTED_FIELDS = {"notes_internal", "version", "created_by"}
TESTIMONY_FIELDS = (
    "title", "summary", "summary_language", "kind", "speaking_conditions", "account_language", "given", "given_country", "age_from",
    "age_to", "credibility", "content_warnings", "coding_status",
)  # fmt: skip
PERSON_FIELDS = ("name_kind", "gender", "nationality", "residence_before", "origin_stated")
MEMBERSHIP_FIELDS = ("group", "belonging", "role_in_group", "joined", "left")
DATES = {"given", "joined", "left"}
COARSENED = {"age_from", "age_to"}
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)

tiers = st.sampled_from([PUBLIC, PARTNER, RESTRICTED])
mostly_public = st.sampled_from([PUBLIC] * 6 + [PARTNER, RESTRICTED])
words = st.sampled_from(["", "ash", "birch", "عين", "Ünnamed oak"])
ids = st.integers(1, 10**9).map(lambda number: f"00000000-0000-4000-8000-{number:012d}")
countries = st.sampled_from([None, "SY", "DE", "TR"])
reasons = st.dictionaries(
    st.sampled_from(["given", "left", "nationality", "residence_before", "given_country"]),
    st.sampled_from(["not_stated", "unknown", "refused", "withheld_for_safety"]),
    max_size=2,
)
moments = st.integers(0, 6).map(lambda months: START + dt.timedelta(days=30 * months))
dates = st.sampled_from(
    [(None, None, None), ("2014", "2014-01-01", "2014-12-31"), ("../2015", None, "2015-12-31"), ("2016-05-04",) * 3]
)


def few(rows: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(rows, max_size=2).map(tuple)


def seldom(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(st.none(), st.none(), st.none(), values)


def raised(*names: str) -> st.SearchStrategy:
    """A tier may be given to any field; one below the declared tier must count for nothing."""
    return st.dictionaries(st.sampled_from([*names, "unheard_of"]), tiers, max_size=3)


def dated(values: dict[str, Any], name: str, date: tuple) -> dict[str, Any]:
    return {**values, name: date[0], f"{name}_earliest": date[1], f"{name}_latest": date[2]}


@st.composite
def memberships(draw: st.DrawFn) -> records.Membership:
    values = {
        "tier": draw(tiers),
        "group": draw(st.sampled_from(["invented-group", "invented-other"])),
        "group_tier": draw(tiers),
        "belonging": draw(st.sampled_from(["says_member", "denied", "not_known"])),
        "role_in_group": draw(words),
    }
    return records.Membership(**dated(dated(values, "joined", draw(dates)), "left", draw(dates)))


persons = st.builds(
    records.Person,
    id=ids,
    ref=st.sampled_from(["P-A", "P-B"]),
    tier=mostly_public,
    raised=raised("name", *PERSON_FIELDS),
    name=words,
    name_kind=st.sampled_from(["outlet_pseudonym", "kunya", "given_name", "initials", "none"]),
    gender=st.sampled_from(["female", "not_known"]),
    nationality=countries,
    residence_before=countries,
    origin_stated=words,
    missing=reasons,
)
sources = st.builds(
    records.Source,
    id=ids,
    ref=st.sampled_from(["S-A", "S-B"]),
    tier=tiers,
    outlet=words,
    title=words,
    url=words,
    published=st.sampled_from([None, "2015"]),
    medium=st.sampled_from(["radio", "book"]),
)
evidence = st.builds(records.Evidence, field=words, basis=st.just("stated"))
citations = st.builds(
    records.Citation,
    id=ids,
    tier=tiers,
    relation=st.just("original"),
    locator=words,
    position=st.just(0),
    source=sources,
    evidence=few(evidence),
)
codes = st.builds(
    records.Code,
    id=ids,
    codebook=st.sampled_from(["invented", "other"]),
    edition=st.just("1"),
    dimension=words,
    slug=words,
    position=st.just(0),
    tier=tiers,
)
claims = st.builds(
    records.Claim,
    id=ids,
    tier=tiers,
    field=st.sampled_from(
        ["given", "given_earliest", "left", "left_latest", "joined", "nationality", "name", "age_from", "notes_internal", "unheard_of"]
    ),
    value=words,
    is_preferred=st.booleans(),
    position=st.just(0),
    source=st.none() | sources,
    note=words,
)  # fmt: skip
clearances = st.builds(
    records.Clearance,
    uses=st.lists(st.sampled_from(["research", "summary", "quote"]), min_size=1, max_size=2, unique=True).map(tuple),
    starts_at=moments,
    ends_at=seldom(moments),
    withdrawn_at=seldom(moments),
)
collections = st.builds(
    records.Collection, slug=st.sampled_from(["one", "two", "three"]), caveats=few(words), tier=tiers
)
cases = st.builds(records.Case, collection=st.sampled_from(["one", "two"]), is_case=st.booleans(), tier=tiers)


@st.composite
def texts(draw: st.DrawFn) -> tuple[records.Text, ...]:
    """Up to three; the second and third may be translations of the first."""
    found: list[records.Text] = []
    for position in range(draw(st.integers(0, 3))):
        original = found[0].id if found and draw(st.booleans()) else None
        kind = "translation" if original else "transcript"
        found.append(records.Text(draw(ids), draw(tiers), "en", kind, original, draw(words), position))
    return tuple(found)


@st.composite
def testimonies(draw: st.DrawFn) -> records.Testimony:
    low = draw(st.integers(15, 60))
    ages = draw(st.sampled_from([(None, None), (low, low), (low, low + 7)]))
    values = {
        "id": draw(ids),
        "ref": "T-A",
        "tier": draw(mostly_public),
        "raised": draw(raised(*TESTIMONY_FIELDS, *MEMBERSHIP_FIELDS, "membership", *RESTRICTED_FIELDS)),
        "status": draw(st.sampled_from(["published"] * 7 + ["draft"])),
        "person": draw(persons),
        "title": draw(words),
        "version": draw(st.integers(1, 3)),
        "created_by": draw(st.sampled_from([None, 1, 2])),
        "membership": draw(st.none() | memberships()),
        "summary": draw(words),
        "summary_language": draw(st.sampled_from(["en", "ar"])),
        "notes_internal": draw(words),
        "kind": draw(st.sampled_from(["interview", "other"])),
        "speaking_conditions": draw(st.sampled_from(["free", "not_known"])),
        "account_language": draw(st.sampled_from(["en", "ar"])),
        "given_country": draw(countries),
        "age_from": ages[0],
        "age_to": ages[1],
        "credibility": draw(st.sampled_from(["1", "not_graded"])),
        "content_warnings": draw(st.sampled_from([(), ("killing",)])),
        "embargo_until": draw(seldom(moments)),
        "missing": draw(reasons),
        "external_ids": draw(few(st.builds(records.ExternalId, system=words, value=words))),
        "citations": draw(few(citations)),
        "codes": draw(few(codes)),
        "claims": draw(few(claims)),
        "texts": draw(texts()),
        "clearances": draw(st.lists(clearances, min_size=1, max_size=3).map(tuple)),
        "collections": draw(few(collections)),
        "cases": draw(few(cases)),
    }
    return records.Testimony(**dated(values, "given", draw(dates)))


# --- What may differ above a tier -----------------------------------------------------------------------------------


def disturbed_rows(draw: st.DrawFn, rows: tuple, others: st.SearchStrategy, is_hidden: Any) -> tuple:
    """The rows that are seen, in their order, among other hidden ones."""
    kept = [row for row in rows if not is_hidden(row)]
    for row in draw(few(others)):
        if is_hidden(row):
            kept.insert(draw(st.integers(0, len(kept))), row)
    return tuple(kept)


def disturbed_raised(draw: st.DrawFn, raised: dict[str, int], tier: int) -> dict[str, int]:
    """A tier above the caller's may be any such tier, and one that hides nothing from the caller may be none."""
    found = {}
    for name, least in raised.items():
        found[name] = draw(st.integers(tier + 1, RESTRICTED) if least > tier else st.integers(PUBLIC, tier))
    return found


def hidden_names(raised: dict[str, int], tier: int) -> set[str]:
    names = {name for name, least in raised.items() if least > tier}
    return names | {f"{name}_{end}" for name in names & DATES for end in ("earliest", "latest")}


def disturbed_fields(draw: st.DrawFn, record: Any, other: Any, raised: dict[str, int], tier: int) -> Any:
    """The record with the values of another one in every field that the tier does not see."""
    names = {name for name in hidden_names(raised, tier) if hasattr(record, name)}
    return replace(record, **{name: getattr(other, name) for name in names})


def disturbed_person(draw: st.DrawFn, person: records.Person, tier: int) -> records.Person:
    other = draw(persons)
    found = disturbed_fields(draw, person, other, person.raised, tier)
    if person.name_kind != "outlet_pseudonym" or person.raised.get("name_kind", PUBLIC) > tier:
        found = replace(found, name=other.name)
    return replace(found, missing=other.missing, raised=disturbed_raised(draw, person.raised, tier))


def disturbed_source(draw: st.DrawFn, source: records.Source | None, tier: int) -> records.Source | None:
    if source is None or source.tier > tier:
        return draw(st.none() | hidden_sources(tier))
    return source


def hidden_sources(tier: int) -> st.SearchStrategy:
    return st.builds(replace, sources, tier=st.integers(tier + 1, RESTRICTED))


@st.composite
def hidden_memberships(draw: st.DrawFn, tier: int) -> records.Membership:
    """Hidden for its own sake or for its group's."""
    hidden, any_tier = draw(st.integers(tier + 1, RESTRICTED)), draw(tiers)
    own, groups = draw(st.permutations([hidden, any_tier]))
    return replace(draw(memberships()), tier=own, group_tier=groups)


@st.composite
def disturbed(draw: st.DrawFn, record: records.Testimony, tier: int) -> records.Testimony:
    """The same record to everybody up to `tier`, which is below restricted, and any other record above it."""
    other = draw(testimonies())
    if max(record.tier, record.person.tier) > tier:
        hiding = {"tier": draw(st.integers(tier + 1, RESTRICTED))}
        return replace(other, **hiding)
    if record.status != "published":
        return replace(other, status=draw(st.sampled_from(["draft", "in_review", "withdrawn"])))

    membership = record.membership
    seen = membership is not None and max(membership.tier, membership.group_tier) <= tier
    if seen and record.raised.get("membership", PUBLIC) > tier:
        seen = False
        membership = draw(st.none() | memberships())  # of any tier: the field itself is hidden
    elif not seen:
        membership = draw(st.none() | hidden_memberships(tier))
    elif membership is not None:
        membership = disturbed_fields(draw, membership, draw(memberships()), record.raised, tier)

    unseen = hidden_names({**record.raised, **record.person.raised}, tier)
    unseen |= RESTRICTED_FIELDS | COARSENED | {"name", "unheard_of"}
    if not seen:
        unseen |= {
            *MEMBERSHIP_FIELDS,
            *(f"{name}_{end}" for name in ("joined", "left") for end in ("earliest", "latest")),
        }

    def hidden_claim(claim: records.Claim) -> bool:
        return claim.tier > tier or claim.field in unseen

    found = disturbed_fields(draw, record, other, record.raised, tier)
    found = replace(
        found,
        raised=disturbed_raised(draw, record.raised, tier),
        person=disturbed_person(draw, record.person, tier),
        membership=membership,
        citations=disturbed_rows(draw, record.citations, citations, lambda c: max(c.tier, c.source.tier) > tier),
        codes=disturbed_rows(draw, record.codes, codes, lambda code: code.tier > tier),
        claims=tuple(
            replace(claim, source=disturbed_source(draw, claim.source, tier))
            for claim in disturbed_rows(draw, record.claims, claims, hidden_claim)
        ),
        collections=disturbed_rows(draw, record.collections, collections, lambda item: item.tier > tier),
        cases=disturbed_rows(draw, record.cases, cases, lambda item: item.tier > tier),
        texts=disturbed_texts(draw, record.texts, tier),
    )
    band = found.age_from is not None and not COARSENED & hidden_names(record.raised, tier)
    return replace(
        found,
        missing=other.missing,
        notes_internal=other.notes_internal,
        version=other.version,
        created_by=other.created_by,
        external_ids=other.external_ids,
        age_from=found.age_from // 5 * 5 + draw(st.integers(0, 4)) if band else found.age_from,
        age_to=found.age_to // 5 * 5 + draw(st.integers(0, 4)) if band else found.age_to,
        citations=tuple(replace(citation, evidence=draw(few(evidence))) for citation in found.citations),
        claims=tuple(replace(claim, note=draw(words)) for claim in found.claims),
    )


def disturbed_texts(draw: st.DrawFn, rows: tuple[records.Text, ...], tier: int) -> tuple[records.Text, ...]:
    """Hidden texts may be there or not; a text that is seen may translate any hidden one, or none."""
    hidden = [row.id for row in rows if row.tier > tier]
    kept = [replace(row, body=draw(words)) if row.tier > tier else row for row in rows]
    if draw(st.booleans()):
        kept = [
            replace(row, translation_of=None) if row.translation_of in hidden else row
            for row in kept
            if row.tier <= tier
        ]
    return tuple(kept)
