"""Many who write parts of the same testimonies at once: nobody waits in a circle, and nothing commits stale."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from testimonies.access import Tier
from testimonies.errors import DomainError
from testimonies.services import acts, citations, claims, clearances, consensus_codes, persons, testimonies, texts
from tests import factories as make
from tests.factories.clearances import LONG_AGO
from tests.writers import Writers, nothing_is_stale

WRITERS, ROUNDS = 4, 50


def test_nobody_waits_in_a_circle(transactional_db, monkeypatch):
    monkeypatch.setattr(acts, "TRIES", 1)  # a deadlock fails at once
    w = Writers()
    with make.batch():
        sources = [make.make_source() for _ in range(3)]
        rows = [make.make_testimony(sources=[source]) for source in sources] + [w.draft]
        code = make.make_code(parent=make.make_code())
    by, together = w.actor("editor"), Barrier(WRITERS)

    def act(chance):
        row, source = chance.choice(rows), chance.choice(sources)
        citation = row.citations.order_by("?").first()
        options = {"by": by, "version": None}
        tier = chance.choice(Tier.values)
        writes = [
            lambda: citations.create(row.pk, by=by, source_id=source.pk, relation="report_about", locator=str(tier)),
            lambda: citation and citations.change(row.pk, citation.pk, **options, source_id=source.pk),
            lambda: citation and citations.remove(row.pk, citation.pk, **options),
            lambda: claims.create(row.pk, by=by, field="left", value="2014", is_preferred=True, source_id=source.pk),
            lambda: texts.create(row.pk, by=by, language="en", kind="transcript", body="Invented."),
            lambda: clearances.create(row.pk, by=by, basis="invented", uses=["quote"], starts_at=LONG_AGO),
            lambda: consensus_codes.change(row.pk, **options, codes=[code.pk] if tier else []),
            lambda: testimonies.change(row.pk, **options, tier=tier),
            lambda: persons.change(row.person_id, **options, tier=tier),
        ]
        chance.choice(writes)()

    def write(seed):
        chance, refused = random.Random(seed), []
        try:
            together.wait(timeout=30)
            for _ in range(ROUNDS):
                try:
                    act(chance)
                except DomainError as error:
                    refused.append(error.code)
        finally:
            connection.close()
        return refused

    with ThreadPoolExecutor(WRITERS) as pool:
        refused = [code for codes in pool.map(write, range(WRITERS)) for code in codes]
    assert set(refused) <= {"exists", "not_found"}  # another writer was there first
    assert len(refused) < WRITERS * ROUNDS / 2
    assert nothing_is_stale()
    assert all(row.claims.filter(is_preferred=True).count() <= 1 for row in rows)
