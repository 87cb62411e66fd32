"""Synthetic testimonies, marked as such, in a collection of their own. Deterministic for a number of records."""

import datetime as dt
import random
import sys
import time
from uuid import UUID

from testimonies import models, projections
from testimonies.access import Tier
from testimonies.models.fields import derive_bounds

WORDS = [
    "road",
    "village",
    "letter",
    "border",
    "winter",
    "bread",
    "school",
    "court",
    "promise",
    "order",
    "fear",
    "silence",
    "brother",
    "night",
    "camp",
    "story",
    "return",
]
COUNTRIES = ["SY", "IQ", "TR", "FR", "GB", "DE", "TN", "JO", "MA", "RU", "BE"]
BATCH = 2_000
OF_MANY = "Synthetic, of many testimonies"
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def sentence(rng: random.Random, n: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(n))


def vocabulary() -> dict:
    with projections.refreshed():
        book = models.Codebook.objects.create(slug="bench", edition="1", title="Synthetic", tier=Tier.PUBLIC)
        top = models.Code.objects.create(codebook=book, slug="top", dimension="top", label="Top", level=1)
        return {
            "collection": models.Collection.objects.create(
                slug="bench",
                title="Synthetic records",
                caveats=["synthetic: nobody said this"],
                basis_of_use="invented",
                is_invented=True,
                tier=Tier.PUBLIC,
            ),
            "group": models.Group.objects.create(slug="bench-group", name="Synthetic group", tier=Tier.PUBLIC),
            "codes": [
                models.Code.objects.create(
                    codebook=book, parent=top, slug=f"code-{n}", dimension="top", label=f"Code {n}", level=2, position=n
                )
                for n in range(60)
            ],
            "sources": [
                models.Source.objects.create(
                    outlet=f"Synthetic Outlet {n % 40}",
                    title=f"Synthetic {n}",
                    url=f"https://example.org/s/{n}",
                    medium="newspaper",
                    tier=Tier.PUBLIC,
                )
                for n in range(400)
            ],
        }


def batch(rng: random.Random, words: dict, numbers: range) -> None:
    """One transaction: hidden at its commit, rebuilt right after, as any change with many dependants is."""
    made = {name: [] for name in ("persons", "memberships", "testimonies", "citations", "codes", "clearances", "items")}
    for number in numbers:
        person = models.Person(
            name=f"Synthetic {number}",
            name_kind="outlet_pseudonym",
            gender=rng.choice(["male", "female"]),
            nationality=rng.choice(COUNTRIES),
            tier=Tier.PUBLIC,
        )
        member = models.Membership(
            person=person, group=words["group"], belonging="says_member", left=str(rng.randint(2014, 2018))
        )
        testimony = models.Testimony(
            person=person, membership=member, title=f"Synthetic: {sentence(rng, 5)}", summary=f"Synthetic. {sentence(rng, 60)}.", kind="interview",
            speaking_conditions="free", account_language="en", given=f"{rng.randint(2014, 2020)}-{rng.randint(1, 12):02d}", given_country=rng.choice(COUNTRIES),
            age_from=rng.randint(18, 60), status="published", published_at=NOW, tier=Tier.PUBLIC, coding_status="single_reader",
        )  # fmt: skip
        testimony.age_to = testimony.age_from
        derive_bounds(member)
        derive_bounds(testimony)
        made["persons"].append(person)
        made["memberships"].append(member)
        made["testimonies"].append(testimony)
        for n, source in enumerate(rng.sample(words["sources"], 2)):
            made["citations"].append(
                models.Citation(
                    testimony=testimony, source=source, relation="original" if n == 0 else "republication", position=n
                )
            )
        made["codes"] += [
            models.ConsensusCode(testimony=testimony, code=code) for code in rng.sample(words["codes"], 5)
        ]
        made["clearances"].append(
            models.Clearance(testimony=testimony, basis="invented", uses=["research", "summary"], starts_at=NOW)
        )
        made["items"].append(models.CollectionItem(testimony=testimony, collection=words["collection"]))
    with projections.refreshed():
        for rows in made.values():
            type(rows[0]).objects.bulk_create(rows, batch_size=BATCH)


def one_person(n: int) -> UUID:
    """Who testified so many times."""
    found = models.Person.objects.filter(name=OF_MANY).first()
    if found is None:
        with projections.refreshed():
            found = models.Person.objects.create(name=OF_MANY, name_kind="outlet_pseudonym", tier=Tier.PUBLIC)
            group = models.Group.objects.get(slug="bench-group")
            member = models.Membership.objects.create(person=found, group=group, belonging="says_member")
            made = [
                models.Testimony(
                    person=found, membership=member, title=f"Synthetic {number}", summary="Synthetic.", kind="interview", account_language="en",
                    status="draft", tier=Tier.PUBLIC,  # what is published is frozen
                )
                for number in range(n)
            ]  # fmt: skip
            models.Testimony.objects.bulk_create(made)
            models.Clearance.objects.bulk_create(
                models.Clearance(testimony=one, basis="invented", uses=["research"], starts_at=NOW) for one in made
            )
    return found.pk


def run(n: int) -> None:
    if models.Testimony.objects.exists():
        return
    rng, words, start = random.Random(7), vocabulary(), time.perf_counter()
    for first in range(0, n, BATCH):
        batch(rng, words, range(first, min(n, first + BATCH)))
        print(
            f"\rseeded {first + BATCH:,} of {n:,}, {(first + BATCH) / (time.perf_counter() - start):,.0f} a second",
            end="",
            file=sys.stderr,
        )
    print(file=sys.stderr)
