"""One world that everybody below a tier sees, and what may differ in it above that tier without anybody noticing.

`World` is made once; `change_above` draws from a `Random` what is different this time. Whatever it touches is above the
tier, by literals here, not by asking the code under test.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from django.db import models

from testimonies.access import Role, Tier
from testimonies.models import (
    CampaignSource,
    CodeOrigin,
    CollectionItem,
    ConsensusCode,
    Correction,
    ImportMapping,
    PersonExternalId,
    PersonName,
    SamePersonLink,
    Testimony,
    TestimonyExternalId,
    UsedTestimony,
    UseSource,
    VaultEntry,
)
from tests import factories as make

WORDS = ("ash", "birch", "oak", "elm", "عين", "Ünnamed")
"""Hidden texts are made of these, and searches ask for them."""
STATES: tuple[dict[str, Any], ...] = (
    {"status": "draft"},
    {"status": "in_review"},
    {"status": "withdrawn"},
    {"embargo_until": "2999-01-01T00:00:00Z"},
    {"uses": []},
)
"""In these a testimony is above every tier but restricted."""


class World:
    def __init__(self) -> None:
        with make.batch():
            self.user = make.make_user(role=Role.CODER)
            before = make.make_codebook(slug="invented-codebook")
            self.origin = make.make_code(codebook=before)
            self.codebook = make.make_codebook(slug=before.slug, edition="2", follows=before)
            self.dimension = make.make_code(codebook=self.codebook, guid=self.origin.guid)
            CodeOrigin.objects.create(code=self.dimension, origin=self.origin)
            self.code = make.make_code(parent=self.dimension)
            self.collection = make.make_collection()
            self.figure = make.make_figure(collection=self.collection)
            self.region = make.make_region()
            self.seen = [self._testimony(number) for number in range(3)]
            self.partner = self._testimony(3, tier=Tier.PARTNER)
            raised = {"given_country": int(Tier.RESTRICTED), "age_from": int(Tier.RESTRICTED)}
            Testimony.objects.filter(pk=self.seen[0].pk).update(raised=raised)
            self.source = make.make_source(title="Invented: of a campaign")
            self.campaign = make.make_campaign(sources=(self.source,))
            self.use = make.make_use(campaign=self.campaign, testimonies=(*self.seen, self.partner))
            self.measurement = make.make_measurement(use=self.use, source=self.source)
            self.quotes = [make.make_quote(testimony=one, words="ash and willow") for one in self.seen]
            self.kunya = make.make_testimony(person=make.make_person(name="Abu Invented", name_kind="kunya"))

    def _testimony(self, number: int, **values: Any) -> Testimony:
        found = make.make_testimony(
            codes=[self.code],
            collections=[self.collection],
            texts=[f"Invented words {number}: ash and willow."],
            title=f"Invented testimony, the {number}.",
            uses=["research", "summary", "quote", "campaign"],
            **values,
        )
        make.make_claim(testimony=found, value=f"201{number}")
        return found

    def known(self) -> dict[str, list[str]]:
        """What an address of a segment may name and find, below every tier."""
        one = self.seen[0]
        rows: dict[str, list[Any]] = {
            "testimonies": [*self.seen, self.partner, self.kunya],
            "persons": [one.person, self.kunya.person],
            "sources": [one.citations.get().source],
            "texts": [one.texts.get()],
            "citations": [one.citations.get()],
            "claims": [one.claims.get()],
            "clearances": [one.clearances.get()],
            "groups": [one.membership.group],
            "collections": [self.collection],
            "figures": [self.figure],
            "campaigns": [self.campaign],
            "uses": [self.use],
            "measurements": [self.measurement],
            "quotes": self.quotes,
            "codebooks": [self.codebook, self.origin.codebook],
            "codes": [self.code],
            "dimensions": [self.dimension],
            "regions": [self.region],
        }
        return {
            segment: [str(getattr(row, key)) for row in found for key in ("pk", "ref", "slug") if hasattr(row, key)]
            for segment, found in rows.items()
        }


NAMES = ("hidden-3", "11111111-1111-4111-8111-111111111111", "00000000-0000-4000-8000-000000000000", "T-00000000")
"""Of what may be there above the tier, or never was."""
HIDDEN_ID = NAMES[1]
"""Of a testimony that may be there above the tier."""


def words(random: Random) -> str:
    return " ".join(random.choices(WORDS, k=random.randint(1, 4)))


def change_above(tier: Tier, world: World, random: Random) -> None:
    """Make something of what is above the tier, so that another seed makes something else."""

    def sometimes() -> bool:
        return random.random() < 0.7

    above = random.choice([one for one in Tier if one > tier])
    everybody = [*world.seen, world.kunya, *([world.partner] if tier >= Tier.PARTNER else [])]
    with make.batch():
        _fields(everybody, world, random)
        for testimony in everybody:
            for add in random.sample(_PARTS, k=random.randint(0, len(_PARTS))):
                add(testimony, above, random)
        if sometimes():
            _reference(above, world, everybody, random)
        for number in range(random.randint(0, 3)):
            own = {"id": HIDDEN_ID} if number == 0 and sometimes() else {}
            _hidden_testimony(above, world, random, own)
        if tier < Tier.PARTNER and sometimes():
            Testimony.objects.filter(pk=world.partner.pk).update(title=words(random), summary=words(random))
        if sometimes():
            SamePersonLink.objects.create(person=world.seen[0].person, other=world.seen[1].person, note=words(random))
        if sometimes():
            ImportMapping.objects.create(name=words(random))
        if sometimes():
            person = random.choice(everybody).person_id
            digest = random.randbytes(32)
            VaultEntry.objects.create(
                person_id=person, kind="other", sealed=digest, digest=digest, created_by=world.user
            )
        for testimony in random.sample(everybody, k=random.randint(0, 2)):
            _correction(testimony, world, random)
        for _ in range(random.randint(0, 2)):
            make.make_key(role=random.choice([Role.READER, Role.EDITOR]))


def _correction(testimony: Testimony, world: World, random: Random) -> None:
    """What somebody proposes to correct, of the testimony, its person or its source; decided by nobody, or rejected."""
    about: dict[str, models.Model] = random.choice(
        [
            {"testimony": testimony},
            {"person": testimony.person},
            {"source": testimony.citations.order_by("position")[0].source},
        ]
    )
    ((kind, row),) = about.items()
    decided = {"state": "rejected", "decided_by": make.make_user(), "decided_at": "2026-01-01T00:00:00Z"}
    Correction.objects.create(
        kind=kind,
        record_id=row.pk,
        record_version=1,
        before={"title": words(random)},
        proposed={"title": words(random)},
        reason=words(random),
        created_by=world.user,
        **about,
        **random.choice([{}, decided]),
    )


def _fields(everybody: list[Testimony], world: World, random: Random) -> None:
    """Fields of what is seen that are for staff, raised, or names that are not shown."""
    for testimony in everybody:
        for _ in range(random.randint(0, 3)):  # versions count the changes
            Testimony.objects.filter(pk=testimony.pk).update(notes_internal=words(random))
        testimony.claims.update(note=words(random), created_by=random.choice([None, world.user]))
        testimony.clearances.update(
            evidence=words(random), reviewed_by=words(random), basis=random.choice(["informed", "guardian"])
        )
        testimony.citations.update(created_by=random.choice([None, world.user]))
    raised = {"given_country": random.choice([None, "SY", "DE", "TR"]), "age_from": random.choice([20, 27])}
    Testimony.objects.filter(pk=world.seen[0].pk).update(**raised)
    type(world.kunya.person).objects.filter(pk=world.kunya.person_id).update(name=words(random))


def _quote(testimony: Testimony, above: Tier, random: Random) -> None:
    """Of the text that everybody sees, where there is one; the quote itself is above, or not approved, or lost its words."""
    text = testimony.texts.filter(body__contains="willow").first()
    if text is not None:
        state = random.choice(
            [
                {"tier": above},
                {"status": "proposed", "decided_at": None},
                {"status": "rejected"},
                {"anchor": "fuzzy"},
            ]
        )
        make.make_quote(testimony=testimony, text=text, words="Invented words", note=words(random), **state)


_PARTS: tuple[Callable[[Testimony, Tier, Random], Any], ...] = (
    lambda one, above, random: make.make_claim(testimony=one, field="left", value=words(random), tier=above),
    lambda one, _, random: make.make_claim(testimony=one, field="notes_internal", value=words(random)),
    lambda one, above, random: make.make_text(testimony=one, body=words(random), tier=above),
    lambda one, above, random: make.make_citation(
        testimony=one, source=make.make_source(title=words(random), tier=above), tier=above
    ),
    _quote,
    lambda one, _, random: _external_id(TestimonyExternalId, random, testimony=one),
    lambda one, _, random: _external_id(PersonExternalId, random, person=one.person),
    lambda one, _, random: PersonName.objects.create(person=one.person, value=random.randbytes(4).hex(), kind="kunya"),
    lambda one, above, _: make.make_membership(person=one.person, group=make.make_group(tier=above)),
)
"""What may be added to a testimony that is seen."""


def _external_id(model: type[models.Model], random: Random, **owner: models.Model) -> None:
    model._default_manager.create(system=words(random), value=random.randbytes(8).hex(), **owner)


def _reference(above: Tier, world: World, everybody: list[Testimony], random: Random) -> None:
    make.make_group(slug=f"hidden-{random.randrange(9)}", name=words(random), tier=above)
    collection = make.make_collection(slug=f"hidden-{random.randrange(9)}", title=words(random), tier=above)
    make.make_figure(collection=world.collection, statement=words(random), tier=above)
    _campaigns(above, world, random)
    book = make.make_codebook(slug=f"hidden-{random.randrange(9)}", title=words(random), tier=above)
    make.make_code(codebook=book, label=words(random))
    code = make.make_code(parent=world.dimension, slug=f"hidden-{random.randrange(9)}", label=words(random), tier=above)
    if random.random() < 0.7:
        CodeOrigin.objects.create(code=code, origin=world.origin)
    for testimony in random.sample(everybody, k=2):
        ConsensusCode.objects.create(testimony=testimony, code=code)
        CollectionItem.objects.create(testimony=testimony, collection=collection)


def _campaigns(above: Tier, world: World, random: Random) -> None:
    """Campaigns, uses, measurements and quotes above the tier, and what the use that is seen uses of what is hidden."""
    hidden = make.make_source(title=words(random), tier=above)
    campaign = make.make_campaign(slug=f"hidden-{random.randrange(9)}", title=words(random), tier=above)
    for owner, tier in ((campaign, Tier.PUBLIC), (world.campaign, above)):
        use = make.make_use(
            campaign=owner, title=words(random), tier=tier, testimonies=tuple(random.sample(world.seen, k=2))
        )
        make.make_measurement(use=use, value=random.randrange(10**6), source=random.choice([None, hidden]))
    CampaignSource.objects.create(campaign=world.campaign, source=hidden, position=7)
    UseSource.objects.create(use=world.use, source=hidden, position=7)
    state = random.choice([{"tier": above}, *STATES])
    used = make.make_testimony(
        title=words(random),
        texts=["Invented words."],
        codes=[world.code],
        membership=None,
        **{"uses": ["quote", "campaign"], **state},
    )
    UsedTestimony.objects.create(
        use=world.use, testimony=used, quote=random.choice([None, make.make_quote(testimony=used)])
    )
    text = world.seen[0].texts.get(body__contains="willow")
    secret = make.make_quote(testimony=world.seen[0], text=text, words="and", tier=above)
    UsedTestimony.objects.create(use=world.use, testimony=world.seen[0], quote=secret)


def _hidden_testimony(above: Tier, world: World, random: Random, own: dict[str, Any]) -> None:
    state = random.choice([{"tier": above}, *STATES])
    make.make_testimony(
        title=words(random),
        summary=words(random),
        texts=[words(random)],
        given=random.choice(["2013", "2016-05"]),
        membership=None,
        codes=random.choice([[], [world.code]]),
        collections=random.choice([[], [world.collection]]),
        **state,
        **own,
    )
