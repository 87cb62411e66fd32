"""The base rows of one part: what `load` copies into the product's own tables."""

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from benchmarks.seed import words
from testimonies import models
from testimonies.access import Tier
from testimonies.values import dates, refs

PART = 2_000
"""Testimonies of one part. Each part is made by itself, with random numbers of its own, so that many processes may."""
MARK = "Synthetic: "
SINCE = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
NATIONALITIES = "SY IQ TN TR RU FR SA JO MA DE GB BE EG LB LY KZ ID NL SE XK AT DK AU CA US".split()
N_OUTLETS, N_GROUPS, N_CODES, N_DIMENSIONS = 120, 6, 60, 4
SHARES = [0.4 * (0.001 / 0.4) ** (n / (N_CODES - 1)) for n in range(N_CODES)]
"""Code -> share of the testimonies that have it: from 40 % to 0.1 %."""
TIERS = [Tier.PUBLIC] * 94 + [Tier.PARTNER] * 3 + [Tier.RESTRICTED] * 3
USES = [["research", "summary"]] * 6 + [["research", "summary", "quote"]] * 3 + [["research"]]

Rows = dict[type, list[dict[str, Any]]]
"""Model -> its rows; columns that are left out have the field's own default."""


def identity(kind: str, number: int) -> UUID:
    return UUID(int=random.Random(f"{kind} {number}").getrandbits(128), version=4)


def ref(prefix: str, number: int) -> str:
    """Scattered, and another one for each number: of a million drawn ones some would be the same."""
    scattered = number * 0x2_1F35_4D2B % 32**refs.N_RANDOM
    symbols = "".join(refs.ALPHABET[scattered // 32**place % 32] for place in range(refs.N_RANDOM))
    return f"{prefix}-{symbols}{refs._check(prefix, symbols)}"  # noqa: SLF001 - new_ref draws where nobody can repeat it


def n_sources(n: int) -> int:
    return max(400, n // 10)


def skewed(rng: random.Random, n: int) -> int:
    """A number below n, the small ones far more often."""
    return int(n * rng.random() ** 2.5)


def uncertain(rng: random.Random, name: str, first: int, last: int) -> dict[str, Any]:
    """A date as written, more or less exact, with its first and last day; five in a hundred are missing."""
    year, month, day = first + skewed(rng, last - first + 1), rng.randint(1, 12), rng.randint(1, 28)
    written = rng.choice(
        [f"{year}-{month:02d}-{day:02d}"] * 10 + [f"{year}-{month:02d}"] * 5 + [f"{year}"] * 3 + [f"{year}~", None]
    )
    earliest, latest = dates.bounds(written) if written else (None, None)
    return {name: written, f"{name}_earliest": earliest, f"{name}_latest": latest}


def shared(n: int) -> Rows:
    """What all testimonies share: codebook, groups, collections, sources."""
    rng, public = random.Random("shared"), {"tier": Tier.PUBLIC}
    book = identity("codebook", 0)
    tops = [
        {"id": identity("dimension", d), "guid": identity("dimension", d), "codebook": book, "slug": f"dimension-{d}", "dimension": f"dimension-{d}", "label": f"Dimension {d}"}
        for d in range(N_DIMENSIONS)
    ]  # fmt: skip
    codes = [
        {
            "id": identity("code", c), "guid": identity("code", c), "codebook": book, "parent": identity("dimension", c % N_DIMENSIONS), "slug": f"code-{c:02d}",
            "dimension": f"dimension-{c % N_DIMENSIONS}", "label": f"Code {c}", "level": 2, "position": c,
        }
        for c in range(N_CODES)
    ]  # fmt: skip
    sources = [
        {
            "id": identity("source", s), "ref": ref("S", s), "outlet": f"Synthetic Outlet {s % N_OUTLETS}", "title": f"Synthetic source {s}",
            "url": f"https://example.org/synthetic/{s}", "medium": rng.choice(models.sources.Medium.values), "reliability": rng.choice("ABCD"),
            **uncertain(rng, "published", 2013, 2024), **public,
        }
        for s in range(n_sources(n))
    ]  # fmt: skip
    return {
        models.Codebook: [{"id": book, "slug": "bench", "edition": "1", "title": "Synthetic", **public}],
        models.Code: tops + codes,
        models.Group: [
            {"id": identity("group", g), "slug": f"bench-group-{g}", "name": f"Synthetic group {g}", **public}
            for g in range(N_GROUPS)
        ],
        models.Collection: [
            {
                "id": identity("collection", c), "slug": slug, "title": "Synthetic records", "caveats": ["synthetic: nobody said this"],
                "basis_of_use": "invented", "is_invented": True, **public,
            }
            for c, slug in enumerate(("bench", "bench-second"))
        ],
        models.Source: sources,
    }  # fmt: skip


def part(first: int, last: int, n: int) -> Rows:
    """Testimonies `first` to before `last`, of `n` in all; three in four are of another person."""
    rng, made = random.Random(f"part {first}"), defaultdict(list)
    people = [_person(rng, first + number) for number in range((last - first) * 3 // 4 or 1)]
    members = {person["id"]: _membership(rng, person["id"]) for person in people if rng.random() < 0.9}
    made[models.Person], made[models.Membership] = people, list(members.values())
    for number in range(first, last):
        person = people[(number - first) % len(people)]["id"]
        member = members.get(person)
        testimony = _testimony(rng, number, person, member and member["id"])
        made[models.Testimony].append(testimony)
        for model, row in _of_testimony(rng, number, testimony, n):
            made[model].append(row)
    return made


def _person(rng: random.Random, number: int) -> dict[str, Any]:
    has_name = rng.random() < 0.6
    return {
        "id": identity("person", number),
        "ref": ref("P", number),
        "name": f"Synthetic {number}" if has_name else "",
        "name_kind": "outlet_pseudonym" if has_name else "none",
        "gender": rng.choice(["male"] * 7 + ["female"] * 2 + ["not_known"]),
        "nationality": NATIONALITIES[skewed(rng, len(NATIONALITIES))] if rng.random() < 0.95 else None,
        "residence_before": NATIONALITIES[skewed(rng, len(NATIONALITIES))] if rng.random() < 0.4 else None,
        "tier": Tier.PUBLIC,
    }


def _membership(rng: random.Random, person: UUID) -> dict[str, Any]:
    return {
        "id": UUID(int=rng.getrandbits(128), version=4),
        "person": person,
        "group": identity("group", skewed(rng, N_GROUPS)),
        "belonging": rng.choice(["says_member"] * 6 + ["says_forced", "alleged", "denied"]),
        "role_in_group": rng.choice(["fighter", "support", "teacher", ""]),
        **uncertain(rng, "joined", 2012, 2016),
        **uncertain(rng, "left", 2014, 2020),
    }


def _testimony(rng: random.Random, number: int, person: UUID, member: UUID | None) -> dict[str, Any]:
    age = rng.randint(18, 60) if rng.random() < 0.7 else None
    status = "draft" if rng.random() < 0.02 else "published"
    return {
        "id": identity("testimony", number),
        "ref": ref("T", number),
        "person": person,
        "membership": member,
        "title": MARK + words.passage(rng, "en", 1)[:90],
        "summary": MARK + words.passage(rng, "en", rng.randint(4, 7)),
        "kind": rng.choice(["interview"] * 6 + ["documentary", "court_statement", "written_account"]),
        "speaking_conditions": rng.choice(["free"] * 5 + ["in_custody"] * 2 + ["not_known"] * 3),
        "account_language": rng.choices(list(words.LANGUAGES), weights=list(words.LANGUAGES.values()))[0],
        "given_country": NATIONALITIES[skewed(rng, len(NATIONALITIES))] if rng.random() < 0.8 else None,
        "age_from": age,
        "age_to": age,
        "credibility": rng.choice(["not_graded"] * 5 + ["2", "3"]),
        "content_warnings": ["killing"] if rng.random() < 0.3 else [],
        "coding_status": rng.choice(["single_reader"] * 3 + ["double_coded"]),
        "status": status,
        "published_at": SINCE if status == "published" else None,
        "tier": rng.choice(TIERS),
        **uncertain(rng, "given", 2013, 2024),
    }


def _of_testimony(
    rng: random.Random, number: int, testimony: dict[str, Any], n: int
) -> Iterator[tuple[type, dict[str, Any]]]:
    of_it, many = {"testimony": testimony["id"]}, n_sources(n)
    # a source is hidden as far as what cites it: a tenth is for the hidden ones
    hidden = testimony["tier"] > Tier.PUBLIC
    low, width = (many * 9 // 10, many // 10) if hidden else (0, many * 9 // 10)
    cited = dict.fromkeys(low + skewed(rng, width) for _ in range(rng.choice((1, 2, 2, 3))))
    for position, source in enumerate(cited):
        relation = "republication" if position else "original"
        yield (
            models.Citation,
            {
                **of_it,
                "id": UUID(int=rng.getrandbits(128), version=4),
                "source": identity("source", source),
                "relation": relation,
                "position": position,
            },
        )
    for code, share in enumerate(SHARES):
        if rng.random() < share:
            yield models.ConsensusCode, {**of_it, "code": identity("code", code)}
    if rng.random() < 0.1:
        claimed = {
            "field": "left",
            "value": "2016",
            "source": identity("source", next(iter(cited))),
            "tier": Tier.PUBLIC,
        }
        yield models.Claim, {**of_it, "id": UUID(int=rng.getrandbits(128), version=4), **claimed}
    ends_at = dt.datetime(2040, 1, 1, tzinfo=dt.UTC) if rng.random() < 0.05 else None
    permitted = {"basis": "invented", "uses": rng.choice(USES), "starts_at": SINCE, "ends_at": ends_at}
    yield models.Clearance, {**of_it, "id": UUID(int=rng.getrandbits(128), version=4), **permitted}
    for collection in range(2 if rng.random() < 0.3 else 1):
        yield models.CollectionItem, {**of_it, "collection": identity("collection", collection)}
    yield from _texts(rng, testimony)


def _texts(rng: random.Random, testimony: dict[str, Any]) -> Iterator[tuple[type, dict[str, Any]]]:
    """One in twenty has none; of other languages than English half have a translation."""
    if rng.random() < 0.05:
        return
    language, first = testimony["account_language"], UUID(int=rng.getrandbits(128), version=4)
    common = {"testimony": testimony["id"], "tier": testimony["tier"]}
    body = MARK + words.passage(rng, language, rng.randint(16, 30))
    yield models.Text, {**common, "id": first, "language": language, "kind": "transcript", "body": body}
    if language != "en" and rng.random() < 0.5:
        body = MARK + words.passage(rng, "en", rng.randint(16, 30))
        translated = {"language": "en", "kind": "translation", "translation_of": first, "body": body, "position": 1}
        yield models.Text, {**common, "id": UUID(int=rng.getrandbits(128), version=4), **translated}
