"""Many who write parts of the same testimonies at once: nobody waits in a circle, and nothing commits stale."""

import random
from functools import partial
from threading import Barrier

from testimonies.access import Tier
from testimonies.errors import DomainError
from testimonies.services import (
    acts,
    citations,
    claims,
    clearances,
    codes,
    consensus_codes,
    groups,
    persons,
    sources,
    testimonies,
    texts,
    workflow,
)
from tests import factories as make
from tests.contract.seed import SEED
from tests.factories.clearances import LONG_AGO
from tests.projections.sessions import Session
from tests.writers import Writers, nothing_is_stale

WRITERS, ROUNDS = 6, 25


def test_nobody_waits_in_a_circle(transactional_db, monkeypatch):
    monkeypatch.setattr(acts, "TRIES", 1)  # a deadlock fails at once
    w = Writers()
    with make.batch():
        books = [make.make_source() for _ in range(3)]
        group = make.make_group()
        is_draft = {"status": "draft", "published_at": None}  # what is published is frozen
        rows = [make.make_testimony(sources=books[n:], **is_draft) for n in range(3)]
        rows += [make.make_testimony(person=rows[0].person, membership=None, sources=books[:2], **is_draft), w.draft]
        people = [rows[0].person_id, rows[1].person_id]
        draft = make.make_codebook(status="draft")
        family = [make.make_code(codebook=draft, is_assignable=True) for _ in range(2)]
        family.append(make.make_code(parent=family[0]))
    by, together = w.actor("editor"), Barrier(WRITERS)

    def act(chance):
        row, book, code = chance.choice(rows), chance.choice(books), chance.choice(family)
        citation, claim = some(chance, row.citations), some(chance, row.claims)
        needed = {"title": "Invented", "kind": "interview", "account_language": "en"}
        new, options = {"by": by}, {"by": by, "version": None}
        tier, person = chance.choice(Tier.values), chance.choice(people)
        parent = chance.choice([None, *(one.slug for one in family if one != code)])
        writes = [
            lambda: citations.create(row.pk, **new, source_id=book.pk, relation="report_about", locator=str(tier)),
            lambda: citation and citations.change(row.pk, citation, **options, source_id=book.pk),
            lambda: citation and citations.remove(row.pk, citation, **options),
            lambda: claims.create(row.pk, **new, field="left", value="2014", is_preferred=True, source_id=book.pk),
            lambda: claim and claims.change(row.pk, claim, **options, source_id=chance.choice([book.pk, None])),
            lambda: claim and claims.remove(row.pk, claim, **options),
            lambda: texts.create(row.pk, **new, language="en", kind="transcript", body="Invented."),
            lambda: clearances.create(row.pk, **new, basis="invented", uses=["quote"], starts_at=LONG_AGO),
            lambda: consensus_codes.change(row.pk, **options, codes=[code.pk] if tier else []),
            lambda: testimonies.change(row.pk, **options, tier=tier),
            lambda: testimonies.change(row.pk, **options, person_id=person),
            lambda: testimonies.change(row.pk, **options, group=group.slug if tier else None),
            lambda: testimonies.create(**new, **needed, person_id=person, group=group.slug),
            lambda: workflow.move(row.pk, **new, to=chance.choice(["draft", "in_review"])),
            lambda: persons.change(row.person_id, **options, tier=tier),
            lambda: sources.change(book.pk, **options, tier=tier),
            lambda: groups.change(group.pk, **options, tier=tier),
            lambda: codes.change(code.pk, **options, parent=parent, tier=tier),
            lambda: codes.create(**new, codebook_id=draft.pk, slug=f"c{chance.random()}"[2:], label="Invented"),
        ]
        chance.choice(writes)()

    def write(seed):
        chance = random.Random(seed)
        together.wait(timeout=30)
        for _ in range(ROUNDS):
            try:
                act(chance)
            except DomainError as error:
                refused.append(error.code)

    refused: list[str] = []
    sessions = [Session(partial(write, SEED + number)) for number in range(WRITERS)]
    for session in sessions:
        session.finish()
    assert set(refused) <= {"exists", "not_found", "not_allowed_now", "invalid"}  # another writer was there first
    assert len(refused) < WRITERS * ROUNDS / 2
    assert nothing_is_stale()
    assert all(row.claims.filter(is_preferred=True).count() <= 1 for row in rows)


def some(chance, parts):
    keys = list(parts.order_by("pk").values_list("pk", flat=True))
    return chance.choice(keys) if keys else None
