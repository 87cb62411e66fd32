"""Invents whole records by the thousand, and what may differ above a tier without anybody below noticing.

Everything is drawn from one `Random`, so that a seed tells a record: drawing every value from Hypothesis instead costs
thirty times as much, and rare combinations (a raised age beside one that is not) are then never met.

What counts as above a tier is written out here a second time, in literals, so that the tests do not ask the code under
test what it should do.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import strategies as st

from testimonies.projections import records

PUBLIC, PARTNER, RESTRICTED = TIERS = (0, 1, 2)
MOSTLY_PUBLIC = (PUBLIC,) * 8 + (PARTNER, RESTRICTED)
RESTRICTED_FIELDS = ("notes_internal", "version", "created_by")
TESTIMONY_FIELDS = (
    "title", "summary", "summary_language", "kind", "speaking_conditions", "account_language", "given", "given_country", "age_from",
    "age_to", "credibility", "content_warnings", "coding_status",
)  # fmt: skip
PERSON_FIELDS = ("name_kind", "gender", "nationality", "residence_before", "origin_stated")
MEMBERSHIP_FIELDS = ("group", "belonging", "role_in_group", "joined", "left")
DATES = {"given", "joined", "left"}
AGES = ("age_from", "age_to")
CLAIMABLE = (
    "given", "given_earliest", "given_latest", "given_country", "title", "left", "left_latest", "joined", "joined_earliest", "belonging",
    "role_in_group", "nationality", "residence_before", "origin_stated", "name", "name_kind", "age_from", "age_to", "notes_internal",
    "codes.leaving", "unheard_of",
)  # fmt: skip
WORDS = ("", "ash", "birch", "عين", "Ünnamed oak")
COUNTRIES = (None, "SY", "DE", "TR")
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
SOME_DATES = (
    (None, None, None),
    ("2014", "2014-01-01", "2014-12-31"),
    ("../2015", None, "2015-12-31"),
    ("2016-05-04", "2016-05-04", "2016-05-04"),
    ("2013-02", "2013-02-01", "2013-02-28"),
    ("2017/..", "2017-01-01", None),
)

Make = Callable[[Random], Any]


def seeds(make: Make) -> st.SearchStrategy:
    """A Hypothesis strategy that prints the seed of what fails."""
    return st.integers(0, 2**32).map(lambda seed: make(Random(seed)))


def few(random: Random, make: Make) -> tuple:
    return tuple(make(random) for _ in range(random.choice((0, 1, 1, 2, 3))))


def seldom(random: Random, make: Make) -> Any:
    return make(random) if random.random() < 0.25 else None


def key(random: Random) -> str:
    return f"00000000-0000-4000-8000-{random.randrange(10**12):012d}"


def word(random: Random) -> str:
    return random.choice(WORDS)


def moment(random: Random) -> dt.datetime:
    return START + dt.timedelta(days=30 * random.randrange(7))


def dated(random: Random, name: str) -> dict[str, str | None]:
    return dict(zip((name, f"{name}_earliest", f"{name}_latest"), random.choice(SOME_DATES), strict=True))


def raised(random: Random, *names: str) -> dict[str, int]:
    """A tier may be given to any field; one below the declared tier must count for nothing."""
    share = random.choice((0, 0.2, 0.9, 1))
    return {name: random.choice(TIERS) for name in (*names, "unheard_of") if random.random() < share}


def missing(random: Random) -> dict[str, str]:
    names = ("given", "left", "nationality", "residence_before", "given_country")
    reasons = ("not_stated", "unknown", "refused", "withheld_for_safety")
    return {name: random.choice(reasons) for name in names if random.random() < 0.3}


def person(random: Random) -> records.Person:
    return records.Person(
        id=key(random),
        ref="P-A",
        tier=random.choice(MOSTLY_PUBLIC),
        raised=raised(random, "name", *PERSON_FIELDS),
        name=word(random),
        name_kind=random.choice(("outlet_pseudonym", "kunya", "given_name", "initials", "none")),
        gender=random.choice(("female", "not_known")),
        nationality=random.choice(COUNTRIES),
        residence_before=random.choice(COUNTRIES),
        origin_stated=word(random),
        missing=missing(random),
        disclosure=random.choice(("exact", "exact", "banded", "withheld")),
    )


def membership(random: Random) -> records.Membership:
    return records.Membership(
        tier=random.choice(MOSTLY_PUBLIC),
        group=random.choice(("invented-group", "invented-other")),
        group_tier=random.choice(MOSTLY_PUBLIC),
        belonging=random.choice(("says_member", "denied", "not_known")),
        role_in_group=word(random),
        **dated(random, "joined"),
        **dated(random, "left"),
    )


def source(random: Random) -> records.Source:
    return records.Source(
        id=key(random),
        ref=random.choice(("S-A", "S-B")),
        tier=random.choice(TIERS),
        outlet=word(random),
        title=word(random),
        url=word(random),
        published=random.choice((None, "2015")),
        medium=random.choice(("radio", "book")),
    )


def evidence(random: Random) -> records.Evidence:
    return records.Evidence(random.choice(CLAIMABLE), "stated")


def citation(random: Random) -> records.Citation:
    return records.Citation(
        key(random), random.choice(TIERS), "original", word(random), 0, source(random), few(random, evidence)
    )


def code(random: Random) -> records.Code:
    return records.Code(
        id=key(random),
        codebook=random.choice(("invented", "other")),
        edition="1",
        dimension=word(random),
        slug=word(random),
        position=0,
        tier=random.choice(TIERS),
        dimension_tier=random.choice(TIERS),
    )


def claim(random: Random) -> records.Claim:
    return records.Claim(
        id=key(random),
        tier=random.choice(TIERS),
        field=random.choice(CLAIMABLE),
        value=word(random),
        is_preferred=random.random() < 0.5,
        position=0,
        source=source(random) if random.random() < 0.5 else None,
        note=word(random),
    )


def texts(random: Random) -> tuple[records.Text, ...]:
    """Up to three; the second and third may be translations of the first."""
    found: list[records.Text] = []
    for position in range(random.randrange(4)):
        original = found[0].id if found and random.random() < 0.5 else None
        kind = "translation" if original else "transcript"
        found.append(records.Text(key(random), random.choice(TIERS), "en", kind, original, word(random), position))
    return tuple(found)


def clearance(random: Random) -> records.Clearance:
    uses = tuple(random.sample(("research", "summary", "quote"), random.choice((1, 2))))
    return records.Clearance(uses, moment(random), seldom(random, moment), seldom(random, moment))


def collection(random: Random) -> records.Collection:
    return records.Collection(random.choice(("one", "two")), few(random, word), random.choice(TIERS))


def case(random: Random) -> records.Case:
    return records.Case(random.choice(("one", "two")), random.random() < 0.5, random.choice(TIERS))


def external_id(random: Random) -> records.ExternalId:
    return records.ExternalId(word(random), word(random))


def claims(random: Random, cited: tuple[records.Citation, ...]) -> tuple[records.Claim, ...]:
    """Most of them rest on a source that the testimony cites."""
    sources = [row.source for row in cited]
    return tuple(
        replace(row, source=random.choice(sources)) if sources and random.random() < 0.7 else row
        for row in few(random, claim)
    )


def testimony(random: Random) -> records.Testimony:
    age, cited = random.randrange(15, 60), few(random, citation)
    return records.Testimony(
        id=key(random),
        ref="T-A",
        tier=random.choice(MOSTLY_PUBLIC),
        raised=raised(random, *TESTIMONY_FIELDS, *MEMBERSHIP_FIELDS, "membership", "missing", *RESTRICTED_FIELDS),
        status=random.choice(("published",) * 9 + ("draft",)),
        person=person(random),
        title=word(random),
        version=random.randrange(1, 4),
        created_by=random.choice((None, 1, 2)),
        membership=membership(random) if random.random() < 0.8 else None,
        summary=word(random),
        summary_language=random.choice(("en", "ar", "fr", "de")),
        notes_internal=word(random),
        kind=random.choice(("interview", "other", "documentary")),
        speaking_conditions=random.choice(("free", "in_custody", "not_known")),
        account_language=random.choice(("en", "ar", "fr", "de")),
        **dated(random, "given"),
        given_country=random.choice(COUNTRIES),
        age_from=random.choice((None, age, age)),
        age_to=random.choice((None, age, age + random.randrange(9))),
        credibility=random.choice(("1", "2", "3", "not_graded")),
        content_warnings=random.choice(((), ("killing",), ("torture",), ("killing", "torture"))),
        coding_status=random.choice(("not_coded", "single_reader", "double_coded", "decided")),
        embargo_until=seldom(random, moment),
        missing=missing(random),
        external_ids=few(random, external_id),
        citations=cited,
        codes=few(random, code),
        claims=claims(random, cited),
        texts=texts(random),
        clearances=(clearance(random), *few(random, clearance)),
        collections=few(random, collection),
        cases=few(random, case),
    )


# --- What may differ above a tier -----------------------------------------------------------------------------------


def above(random: Random, tier: int) -> int:
    return random.randrange(tier + 1, RESTRICTED + 1)


def other_rows(random: Random, rows: tuple, make: Make, is_hidden: Callable[[Any], bool]) -> tuple:
    """The rows that are seen, in their order, among other hidden ones."""
    kept = [row for row in rows if not is_hidden(row)]
    for row in (make(random) for _ in range(4)):
        if is_hidden(row):
            kept.insert(random.randrange(len(kept) + 1), row)
    return tuple(kept)


def other_raised(random: Random, raised: dict[str, int], tier: int) -> dict[str, int]:
    """A tier above the caller's may be any such tier, and one that hides nothing from the caller may be another."""
    return {name: above(random, tier) if least > tier else random.randrange(tier + 1) for name, least in raised.items()}


def with_days(names: set[str]) -> set[str]:
    return names | {f"{name}_{end}" for name in names & DATES for end in ("earliest", "latest")}


def hidden_names(raised: dict[str, int], tier: int) -> set[str]:
    return with_days({name for name, least in raised.items() if least > tier})


def other_fields(record: Any, other: Any, raised: dict[str, int], tier: int) -> Any:
    """The record with the values of another one in every field that the tier does not see."""
    names = {name for name in hidden_names(raised, tier) if hasattr(record, name)}
    return replace(record, **{name: getattr(other, name) for name in names})


def undisclosed(known: records.Person) -> dict[str, int]:
    """What the person's disclosure hides below restricted, as if it were raised."""
    hidden = {
        "exact": (),
        "banded": ("nationality", "residence_before", "origin_stated"),
        "withheld": ("nationality", "residence_before", "origin_stated", "gender", *AGES),
    }
    return dict.fromkeys(hidden[known.disclosure], RESTRICTED)


def other_person(random: Random, known: records.Person, tier: int) -> records.Person:
    other = person(random)
    if known.tier > tier:
        return replace(other, tier=above(random, tier))
    found = other_fields(known, other, known.raised | undisclosed(known), tier)
    if known.name_kind != "outlet_pseudonym" or known.raised.get("name_kind", PUBLIC) > tier:
        found = replace(found, name=other.name)
    return replace(found, missing=other.missing, raised=other_raised(random, known.raised, tier))


def other_source(random: Random, known: records.Source, tier: int) -> records.Source:
    """A source that is hidden is any other hidden one."""
    return known if known.tier <= tier else replace(source(random), tier=above(random, tier))


def other_claim(random: Random, known: records.Claim, seen: set[str]) -> records.Claim:
    """A claim rests on any source or on none, as long as nobody sees the testimony cite it."""
    if known.source is None or known.source.id not in seen:
        known = replace(known, source=source(random) if random.random() < 0.7 else None)
    return replace(known, note=word(random))


def other_code(random: Random, known: records.Code, tier: int) -> records.Code:
    if known.dimension_tier <= tier:
        return replace(known, dimension_tier=random.randrange(tier + 1))
    return replace(known, dimension=word(random), dimension_tier=above(random, tier))


def other_membership(random: Random, known: records.Testimony, tier: int) -> records.Membership | None:
    other = membership(random) if random.random() < 0.8 else None
    if known.raised.get("membership", PUBLIC) > tier:
        return other  # of any tier: the field itself is hidden
    if known.membership is None or max(known.membership.tier, known.membership.group_tier) > tier:
        hiding = random.choice(("tier", "group_tier"))
        return replace(other, **{hiding: above(random, tier)}) if other else None
    return other_fields(known.membership, membership(random), known.raised, tier)


def other_texts(random: Random, rows: tuple[records.Text, ...], tier: int) -> tuple[records.Text, ...]:
    """Hidden texts say something else, or are not there; nobody then knows that a text translates one of them."""
    if random.random() < 0.5:
        return tuple(replace(row, body=word(random)) if row.tier > tier else row for row in rows)
    hidden = {row.id for row in rows if row.tier > tier}
    seen = [row for row in rows if row.tier <= tier]
    return tuple(replace(row, translation_of=None) if row.translation_of in hidden else row for row in seen)


def other_testimony(random: Random, known: records.Testimony, tier: int) -> records.Testimony:
    """The same record to everybody up to `tier`, which is below restricted, and any other record above it."""
    other = testimony(random)
    if max(known.tier, known.person.tier) > tier:
        return replace(other, tier=above(random, tier))
    if known.status != "published":
        return replace(other, status=random.choice(("draft", "in_review", "withdrawn")))

    undisclosed_too = known.raised | undisclosed(known.person)
    band = 5 if known.person.disclosure == "exact" else 10
    unseen = hidden_names({**undisclosed_too, **known.person.raised, **undisclosed(known.person)}, tier)
    unseen |= {*RESTRICTED_FIELDS, *AGES, "name", "codes.leaving", "unheard_of"}
    belonging = known.membership
    if belonging is None or max(belonging.tier, belonging.group_tier, known.raised.get("membership", PUBLIC)) > tier:
        unseen |= with_days(set(MEMBERSHIP_FIELDS))

    def is_hidden(row: records.Claim) -> bool:
        return row.tier > tier or row.field in unseen

    cited = {row.source.id for row in known.citations if max(row.tier, row.source.tier) <= tier}
    ages = {
        name: getattr(known, name) // band * band + random.randrange(band)
        for name in AGES
        if getattr(known, name) is not None and undisclosed_too.get(name, PUBLIC) <= tier
    }
    return replace(
        other_fields(known, other, undisclosed_too, tier),
        raised=other_raised(random, known.raised, tier),
        person=other_person(random, known.person, tier),
        membership=other_membership(random, known, tier),
        missing=other.missing,
        notes_internal=other.notes_internal,
        version=other.version,
        created_by=other.created_by,
        external_ids=other.external_ids,
        **ages,
        citations=tuple(
            replace(row, evidence=few(random, evidence))
            for row in other_rows(random, known.citations, citation, lambda row: max(row.tier, row.source.tier) > tier)
        ),
        codes=tuple(
            other_code(random, row, tier) for row in other_rows(random, known.codes, code, lambda row: row.tier > tier)
        ),
        claims=tuple(other_claim(random, row, cited) for row in other_rows(random, known.claims, claim, is_hidden)),
        collections=other_rows(random, known.collections, collection, lambda row: row.tier > tier),
        cases=other_rows(random, known.cases, case, lambda row: row.tier > tier),
        texts=other_texts(random, known.texts, tier),
    )
