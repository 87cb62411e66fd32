"""Erasure reaches every table that can hold content. All records are invented."""

from dataclasses import replace

import pytest
from django.apps import apps
from django.db import connection, transaction

from testimonies import models, projections
from testimonies.access import HIGHEST_TIER, Actor, Role
from testimonies.errors import Forbidden, Invalid, NotFound, Overtaken
from testimonies.models import EVENTS
from testimonies.projections import verify
from testimonies.services import corrections, erasure, idempotency, testimonies, vault
from tests import factories as make

SENTINEL = "zanzibarsentinel"
WHY = f"Invented: about {SENTINEL}"
WITHOUT_CONTENT = {
    models.User: "accounts of those who work here",
    models.ApiKey: "keys of apps",
    models.AccountAct: "who did what to accounts and keys",
    models.FailedLogin: "keyed digests and counts",
    models.HistorySeal: "digests",
    models.SealedEvent: "digests of salted events",
    models.StaleMark: "empty whenever nothing runs",
    models.ReferenceRevision: "a counter",
    models.BarredId: "keyed digests",
    models.SpentRef: "references of what is gone",
    models.Erasure: "ids, a day and numbers",
    models.ConsensusCode: "which code",
    models.CollectionItem: "which collection",
    models.CaseLink: "which collection, and whether",
    models.Export: "names of filters, and a purpose that names nobody",
    models.Showing: "ids, days and transactions",
    models.SourceTier: "a tier",
    models.SettledCoding: "which coding",
    models.UsedTestimony: "which testimony and which quote",
    models.IdempotencyKey: "a digest and an id",
    models.ImportMapping: "headers, and words that are the same in every row",
}
STANDING = {
    models.Group,
    models.Collection,
    models.Codebook,
    models.Code,
    models.CodeOrigin,
    models.Figure,
    models.FigureSource,
    models.Region,
    models.Campaign,
    models.Channel,
    models.CampaignSource,
    models.CampaignUse,
    models.UseSource,
    models.Measurement,
}
"""Reference data: others need it, and it is of nobody."""


@pytest.fixture
def custodian(db, now) -> Actor:
    role = Role.CUSTODIAN
    return Actor(role=role, tier=HIGHEST_TIER[role], now=now, user_id=make.make_user(role=role).pk)


@pytest.fixture
def editor(custodian) -> Actor:
    return replace(custodian, role=Role.EDITOR, user_id=make.make_user().pk)


def make_full(custodian, editor):
    """A testimony of which every table knows something."""
    s = SENTINEL
    with make.batch():
        person = make.make_person(name=s, origin_stated=s)
        models.PersonName.objects.create(person=person, value=s, kind="kunya")
        models.PersonExternalId.objects.create(person=person, system=s, value="p-1")
        models.SamePersonLink.objects.create(person=make.make_person(), other=person, note=s)
        source = make.make_source(title=s, url=f"https://example.org/{s}")
        models.SourceExternalId.objects.create(source=source, system=s, value="s-1")
        testimony = make.make_testimony(
            person=person,
            membership=make.make_membership(person=person, role_in_group=s),
            sources=[source],
            texts=[s, s],
            title=s,
            summary=s,
            notes_internal=s,
            collections=[make.make_collection()],
            codes=[make.make_code(parent=make.make_code())],
        )
        models.TestimonyExternalId.objects.create(testimony=testimony, system=s, value="t-1")
        models.Evidence.objects.create(citation=testimony.citations.get(), field="title", basis="stated", note=s)
        make.make_claim(testimony=testimony, value=s, source=make.make_source(outlet=s))
        testimony.clearances.update(evidence=s)
        testimony.citations.update(locator=s)
        models.CaseLink.objects.create(testimony=testimony, collection=make.make_collection(), is_case=True)
    brought = models.Import.objects.create(file_name=s, digest="x", size=1, kind="csv", mapping={"columns": {s: None}})
    models.ImportChunk.objects.create(of_import=brought, number=0, data=s.encode())
    models.ImportRow.objects.create(
        of_import=brought,
        number=2,
        outcome="updated",
        testimony_id=testimony.pk,
        changes=[{"field": "title", "before": s, "after": s}],
    )
    vault.add(by=custodian, person_id=person.pk, kind="other", value=s, purpose=WHY)
    by = replace(editor, reason=s, through="api")
    text = testimony.texts.first()
    with projections.refreshed():  # a part that was there once, and what is only in the history
        models.Text.objects.create(testimony=testimony, language="en", kind="excerpt", body=s, position=7)
        testimony.texts.filter(position=7).delete()
        testimony.texts.filter(pk=text.pk).update(body="Invented words.")
    make_coded(testimony)
    decision = correct(testimony, person, source, proposer=by, decider=replace(custodian, reason=s))
    assert decision == "approved"
    idempotency.once(lambda: testimony, by=editor, key="k-1", digest=b"x", noun="testimony")
    return testimony


def make_coded(testimony):
    """Assigned, coded and decided, each with words of its own."""
    s = SENTINEL
    code = testimony.consensus_codes.get().code
    with make.batch():
        assignment = make.make_assignment(testimony=testimony, codebook=code.codebook, state="submitted", note=s)
        text = testimony.texts.get(body=s)
        make.make_coding(assignment=assignment, code=code, text=text, quote=s[:4], memo=s)
        quote = make.make_quote(testimony=testimony, text=text, words=s, note=s)
        models.UsedTestimony.objects.create(use=make.make_use(), testimony=testimony, quote=quote)
        decision = make.make_decision(assignment=assignment, reason=s)
        decision.codes.update(reason=s)


def correct(testimony, person, source, *, proposer, decider):
    """One correction of each owner: done, refused and open."""
    s, values = SENTINEL, {"testimony": {"title": "Invented title"}, "person": {"origin_stated": f"{SENTINEL} too"}}
    rows = {"testimony": testimony, "person": person, "source": source}
    made = {
        kind: corrections.create(
            by=proposer,
            kind=kind,
            record_id=row.pk,
            values=values.get(kind, {"title": f"{s} too"}),
            reason=s,
            testimony_id=None,
        )
        for kind, row in rows.items()
    }
    corrections.decide(made["person"].pk, by=decider, decision="rejected", note=s)
    return corrections.decide(made["testimony"].pk, by=decider, decision="approved").state


def tables_with(text: str) -> set[str]:
    with connection.cursor() as cursor:
        found = set()
        for table in connection.introspection.table_names(cursor):
            spelled = [f"%{text}%", f"%{text.encode().hex()}%"]
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE ANY (%s)', [spelled])
            if cursor.fetchone()[0]:
                found.add(table)
        return found


def test_the_sentinel_is_planted_in_every_table_that_can_hold_content(custodian, editor):
    make_full(custodian, editor)
    found = tables_with(SENTINEL)
    ours = apps.get_app_config("testimonies").get_models()
    events = {*EVENTS.values()}
    holding = {model._meta.db_table for model in ours if model not in {*WITHOUT_CONTENT, *STANDING, *events}}
    holding |= {EVENTS[model]._meta.db_table for model in EVENTS if model not in {*WITHOUT_CONTENT, *STANDING}}
    # sealed, so that nobody finds it; and events of what no act of this test changed carry no reason
    assert holding - {"testimonies_vaultentry"} <= found


@pytest.mark.django_db(transaction=True)
def test_nothing_of_it_is_found_afterwards(custodian, editor):
    testimony = make_full(custodian, editor)
    certificate = erasure.erase(testimony.pk, by=custodian, version=None)
    assert tables_with(SENTINEL) == set()
    assert tables_with(str(testimony.pk)) == {"testimonies_erasure", "projection_showing"}  # its tombstone
    assert tables_with(str(testimony.person_id)) == {"testimonies_erasure"}
    assert (certificate.pk, certificate.person_id) == (testimony.pk, testimony.person_id)
    assert (certificate.destroyed["text"], certificate.destroyed["vaultentry"]) == (2, 1)
    assert certificate.destroyed["source"] == 2
    assert certificate.destroyed["events"] > 20
    assert not models.VaultEntry.objects.exists()
    assert list(verify.differences()) == []


def test_what_others_need_stays(custodian, editor):
    source, person = make.make_source(), make.make_person()
    gone = make.make_testimony(person=person, sources=[source, make.make_source()])
    kept = make.make_testimony(person=person, sources=[source])
    vault.add(by=custodian, person_id=person.pk, kind="other", value="invented", purpose=WHY)
    certificate = erasure.erase(gone.pk, by=custodian, version=None)
    assert certificate.person_id is None
    assert models.Testimony.objects.filter(pk=kept.pk).exists()
    assert models.Person.objects.filter(pk=person.pk).exists()
    assert kept.citations.get().source == source
    assert not models.Membership.objects.filter(pk=gone.membership_id).exists()
    assert models.Membership.objects.filter(pk=kept.membership_id).exists()
    assert models.VaultEntry.objects.filter(person_id=person.pk).exists()
    assert EVENTS[models.Testimony].objects.filter(pgh_obj_id=kept.pk).exists()
    assert EVENTS[models.Person].objects.filter(pgh_obj_id=person.pk).exists()


def test_a_source_of_a_figure_stays(custodian):
    source = make.make_source()
    testimony = make.make_testimony(sources=[source])
    make.make_figure(sources=(source,))
    erasure.erase(testimony.pk, by=custodian, version=None)
    assert models.Source.objects.filter(pk=source.pk).exists()


@pytest.mark.parametrize("telling", [make.make_campaign, make.make_use])
def test_a_source_of_a_campaign_or_a_use_stays(custodian, telling):
    source = make.make_source()
    testimony = make.make_testimony(sources=[source])
    telling(sources=(source,))
    erasure.erase(testimony.pk, by=custodian, version=None)
    assert models.Source.objects.filter(pk=source.pk).exists()


def test_what_used_it_stays_without_it(custodian):
    testimony = make.make_testimony(texts=["Invented words."])
    use = make.make_use(testimonies=(testimony,))
    for words in ("Invented", "words"):
        quote = make.make_quote(testimony=testimony, words=words)
        models.UsedTestimony.objects.create(use=use, testimony=testimony, quote=quote)
    erasure.erase(testimony.pk, by=custodian, version=None)
    assert models.CampaignUse.objects.get() == use
    assert not use.used_testimonies.exists()


def test_what_had_the_id_does_not_come_back(custodian, editor):
    testimony = make.make_testimony()
    ids = [{"system": "elsewhere", "value": "A-1"}]
    testimonies.change(testimony.pk, by=editor, version=None, external_ids=ids)
    erasure.erase(testimony.pk, by=custodian, version=None)
    other = make.make_testimony()
    with pytest.raises(Invalid) as refused:
        testimonies.change(other.pk, by=editor, version=None, external_ids=ids)
    assert refused.value.errors[0][:2] == ("/external_ids", "erased")
    testimonies.change(other.pk, by=editor, version=None, external_ids=[{"system": "elsewhere", "value": "a-1"}])


@pytest.mark.parametrize("status", ["draft", "in_review", "published", "withdrawn"])
def test_whatever_its_status(custodian, status):
    testimony = make.make_testimony(status=status)
    erasure.erase(testimony.pk, by=custodian, version=testimony.version)
    assert not models.Testimony.objects.exists()


def test_who_may_and_on_which_version(custodian, actors, editor):
    testimony = make.make_testimony()
    for by in (actors["coder"], editor, actors["custodian"]):  # the last has no account, which a certificate needs
        with pytest.raises(Forbidden):
            erasure.erase(testimony.pk, by=by, version=None)
    with pytest.raises(Overtaken):
        erasure.erase(testimony.pk, by=custodian, version=testimony.version + 1)
    erasure.erase(testimony.pk, by=custodian, version=testimony.version)
    with pytest.raises(NotFound):
        erasure.erase(testimony.pk, by=custodian, version=None)


def test_a_restored_backup_is_brought_up_to_date(custodian, settings, tmp_path):
    settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")
    gone, kept = make.make_testimony(title=SENTINEL), make.make_testimony()
    with transaction.atomic():  # all that happens after the backup was made
        erasure.erase(gone.pk, by=custodian, version=None)
        transaction.set_rollback(True)
    assert models.Testimony.objects.count() == 2
    assert erasure.replay() == 1
    assert tables_with(SENTINEL) == set()
    assert list(models.Testimony.objects.all()) == [kept]
    assert models.Erasure.objects.get().user is None
    assert erasure.replay() == 0


def test_the_ledger_names_nobody(custodian, settings, tmp_path):
    settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")
    testimony = make.make_testimony(title=SENTINEL)
    erasure.erase(testimony.pk, by=custodian, version=None)
    assert (tmp_path / "erasures.jsonl").read_text() == f'{{"testimony_id": "{testimony.pk}", "sealed_events": 0}}\n'


def test_without_a_ledger_that_can_be_written_nothing_is_erased(custodian, settings, tmp_path):
    settings.ERASURE_LEDGER = str(tmp_path / "nowhere" / "erasures.jsonl")
    testimony = make.make_testimony()
    with pytest.raises(FileNotFoundError):
        erasure.erase(testimony.pk, by=custodian, version=None)
    assert models.Testimony.objects.filter(pk=testimony.pk).exists()


def test_an_empty_ledger_replays_nothing(db, settings, tmp_path):
    settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")
    assert erasure.replay() == 0
