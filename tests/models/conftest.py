from collections.abc import Iterator

import pytest

from testimonies.models import (
    CodeOrigin,
    Correction,
    HistorySeal,
    IdempotencyKey,
    Import,
    ImportChunk,
    ImportMapping,
    ImportRow,
    SamePersonLink,
    SealedEvent,
    VaultEntry,
    VaultOpening,
)
from testimonies.models.projections import ROWS, SharedDocument
from tests import factories
from tests.conftest import empty
from tests.factories.clearances import LONG_AGO
from tests.projections.world import World, make_world


@pytest.fixture(scope="module")
def committed_world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """Made once for all tests of a module, each of which changes it in a transaction that is rolled back."""
    with django_db_blocker.unblock():
        world = make_world()
        world.user = factories.make_user()
        world.key, _ = factories.make_key()
        world.idempotency = IdempotencyKey.objects.create(user=world.user, key="k-1", digest=b"x", noun="person")
        world.brought = Import.objects.create(
            created_by=world.user, file_name="x", digest="x", size=1, kind="csv", rows_total=1
        )
        world.chunk = ImportChunk.objects.create(of_import=world.brought, number=0, data=b"x")
        world.told = ImportRow.objects.create(of_import=world.brought, number=2, outcome="created")
        world.mapping = ImportMapping.objects.create(name="Invented")
        world.entry = VaultEntry.objects.create(
            person_id=world.person.pk, kind="other", sealed=b"x", digest=b"x", created_by=world.user
        )
        world.opening = VaultOpening.objects.create(user=world.user, act="opened", purpose="invented: x", n_entries=1)
        seal = HistorySeal.objects.create(
            number=1, sealed_at=LONG_AGO, previous=b"", digest=b"x", horizon=0, marks={}, floor={}
        )
        world.sealed = SealedEvent.objects.create(seal=seal, kind="text", event=1, digest=b"x")
        world.region = factories.make_region(slug="invented-region")
        world.next_codebook = factories.make_codebook(status="draft", follows=world.codebook)
        next_code = factories.make_code(codebook=world.next_codebook)
        world.code_origin = CodeOrigin.objects.create(code=next_code, origin=world.code)
        world.link = SamePersonLink.objects.create(person=world.person, other=world.lone_person)
        about = {
            "testimony": world.testimony,
            "record_id": world.testimony.pk,
            "proposed": {"title": "x"},
            "reason": "x",
        }
        world.correction = Correction.objects.create(kind="testimony", created_by=world.user, **about)
        world.far_code = factories.make_code(codebook=world.lone_codebook)
        world.far_text = world.far.texts.get()
        world.of_all = factories.make_coding(assignment=world.assignment, code=world.code)
        world.coding = factories.make_coding(
            assignment=world.assignment, code=world.code, text=world.text, quote="words"
        )
        world.decision = factories.make_decision(assignment=world.assignment)
        world.decided, world.settled = world.decision.codes.get(), world.decision.settled.first()
        world.waiting = SamePersonLink.objects.create(person=world.person, awaits="invented: t-9")
        world.public, world.partner, world.restricted = (
            model.objects.filter(testimony_id=world.testimony.pk).last() for model in ROWS.values()
        )
        world.document = SharedDocument.objects.filter(record_id=world.person.pk).first()
        yield world
        empty()


@pytest.fixture
def world(committed_world, db) -> World:
    """The rows that projections read, and those that they do not."""
    return committed_world
