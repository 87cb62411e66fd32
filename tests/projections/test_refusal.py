"""Nothing commits with a stale projection, whoever wrote: shown with real commits, table by table (DESIGN.md section 3)."""

import re
from collections import defaultdict
from typing import NamedTuple

import pytest
from django.db import NotSupportedError, connection, transaction

from testimonies import projections
from testimonies.models import Claim, ConsensusCode, Person, Source
from testimonies.projections import reading, shared, verify
from tests.projections.world import copying, shown

NEVER_STALE = "projections_are_never_stale"


class Change(NamedTuple):
    """Plain SQL against one table of `world`, and the records whose rows the UPDATE makes stale."""

    copied: str
    differing: dict
    update: str
    deleted: str
    stale: set


CHANGES = {
    "person": Change(
        "person", {"ref": "P-INVENTED"}, "nationality = 'IQ'", "lone_person", {"person", "testimony"}
    ),
    "personname": Change("other_name", {"value": "Invented Eins"}, "value = 'Invented Zwei'", "other_name", {"person", "testimony"}),
    "personexternalid": Change("person_id", {"value": "p-2"}, "value = 'p-3'", "person_id", {"person", "testimony"}),
    "membership": Change("membership", {}, "belonging = 'denied'", "lone_membership", {"person", "testimony"}),
    "group": Change("group", {"slug": "invented-copy"}, "slug = 'invented-other'", "lone_group", {"group", "person", "testimony"}),
    "source": Change(
        "source", {"ref": "S-INVENTED", "url": "https://example.org/copy"}, "outlet = 'Invented Weekly'", "lone_source",
        {"source", "testimony", "neighbour", "figure", "campaign", "use"},
    ),
    "sourceexternalid": Change(
        "source_id", {"value": "s-2"}, "value = 's-3'", "source_id", {"source", "testimony", "neighbour", "figure", "campaign", "use"}
    ),
    "testimony": Change("testimony", {"ref": "T-INVENTED"}, "title = 'Invented: retitled'", "lone_testimony", {"testimony"}),
    "testimonyexternalid": Change("testimony_id", {"value": "t-2"}, "value = 't-3'", "testimony_id", {"testimony"}),
    "citation": Change("citation", {"locator": "p. 2"}, "locator = 'p. 3'", "lone_citation", {"testimony"}),
    "evidence": Change("evidence", {"field": "left"}, "field = 'joined'", "evidence", {"testimony"}),
    "consensuscode": Change("consensus", {"code_id": "{lone_code}"}, "code_id = {dimension}", "consensus", {"testimony"}),
    "assignment": Change(
        "assignment", {"coder_id": "{other_coder}"}, "state = 'returned', return_reason = 'Invented.'", "assignment", {"testimony"}
    ),
    "claim": Change("claim", {"is_preferred": False}, "value = '2013'", "claim", {"testimony"}),
    "text": Change("text", {}, "body = 'Other invented words.'", "text", {"testimony"}),
    "clearance": Change("clearance", {"uses": ["quote"]}, "uses = '{{campaign}}'", "clearance", {"testimony"}),
    "collectionitem": Change(
        "item", {"collection_id": "{lone_collection}"}, "collection_id = {far_collection}", "item", {"testimony"}
    ),
    "caselink": Change("case", {"collection_id": "{lone_collection}"}, "is_case = false", "case", {"testimony"}),
    "collection": Change(
        "collection", {"slug": "invented-copy"}, "caveats = '{{Invented.}}'", "lone_collection",
        {"collection", "testimony", "figure", "lone_figure"},
    ),
    "figure": Change("figure", {"slug": "invented-copy"}, "statement = 'Invented: other.'", "lone_figure", {"figure"}),
    "figuresource": Change("figure_source", {"source_id": "{lone_source}"}, "locator = 'p. 6'", "figure_source", {"figure"}),
    "campaign": Change(
        "campaign", {"slug": "invented-copy"}, "title = 'Invented: other'", "lone_campaign", {"campaign", "use", "lone_use"}
    ),
    "channel": Change("channel", {"handle": "@copy"}, "handle = '@other'", "channel", {"campaign", "use", "lone_use"}),
    "campaignsource": Change(
        "campaign_source", {"source_id": "{lone_source}"}, "locator = 'p. 6'", "campaign_source", {"campaign", "use", "lone_use"}
    ),
    "campaignuse": Change("use", {"title": "Invented: copy"}, "title = 'Invented: other'", "lone_use", {"use"}),
    "usesource": Change("use_source", {"source_id": "{lone_source}"}, "locator = 'p. 6'", "use_source", {"use"}),
    "measurement": Change("measurement", {"measured_on": "2016-01-01"}, "value = 7", "measurement", {"use"}),
    "codebook": Change(
        "codebook", {"slug": "invented-copy"}, "edition = '2'", "lone_codebook",
        {"codebook", "dimension", "code", "lone_code", "collection", "testimony"},
    ),
    "code": Change("code", {"slug": "leave-copy", "guid": "{person}"}, "slug = 'leave-violence'", "lone_code", {"code", "testimony"}),
}  # fmt: skip
EVENTS = ("insert", "update", "delete")


def statement(world, table: str, event: str) -> str:
    change = CHANGES[table]
    if event == "update":
        return f'UPDATE "testimonies_{table}" SET {change.update} WHERE id = {{{change.copied}}}'
    if event == "delete":
        return f'DELETE FROM "testimonies_{table}" WHERE id = {{{change.deleted}}}'
    return copying(world, f"testimonies_{table}", change.copied, change.differing)


def marked_tables() -> dict[str, set[str]]:
    """Table without its prefix -> the statements after which a trigger marks what became stale, says the catalogue."""
    found = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE t.tgname LIKE 'mark\\_stale\\_%' AND t.tgenabled = 'O'"
        )
        for table, trigger in cursor.fetchall():
            found[table.removeprefix("testimonies_")].add(trigger.removeprefix("mark_stale_"))
    return found


def read_tables() -> set[str]:
    """Tables, without their prefix, in the statements that projections are made with."""
    statements = [reading.TESTIMONIES, *(noun.statement for noun in shared.NOUNS.values())]
    return {name for statement in statements for name in re.findall(r"\btestimonies_(\w+)", statement)}


def test_every_table_that_projections_read_is_watched(db):
    assert read_tables() == set(CHANGES)
    assert marked_tables() == {table: set(EVENTS) for table in CHANGES}


@pytest.mark.parametrize("table", CHANGES)
def test_plain_sql_is_refused_and_passes_once_refreshed(world, refused_by, table):
    for event in EVENTS:
        with refused_by(NEVER_STALE):
            world.sql(statement(world, table, event))
    assert list(verify.differences()) == []  # nothing of it stayed
    for event in EVENTS:
        with projections.refreshed():
            world.sql(statement(world, table, event))
        assert list(verify.differences()) == []


@pytest.mark.parametrize("table", CHANGES)
def test_a_data_migration_hides_instead_until_rebuilt(world, table):
    before = shown()
    with transaction.atomic():
        world.sql("SET LOCAL testimonies.on_stale = 'hide'")
        world.sql(statement(world, table, "update"))
    assert {world.name_of(key) for key in before - shown()} == CHANGES[table].stale
    projections.rebuild()
    assert shown() == before
    assert list(verify.differences()) == []
    for event in ("insert", "delete"):
        with transaction.atomic():
            world.sql("SET LOCAL testimonies.on_stale = 'hide'")
            world.sql(statement(world, table, event))
    projections.rebuild()
    assert list(verify.differences()) == []


def test_hiding_ends_with_its_transaction(world, refused_by):
    with transaction.atomic():
        world.sql("SET LOCAL testimonies.on_stale = 'hide'")
    with refused_by(NEVER_STALE):
        world.sql(statement(world, "person", "update"))


@pytest.mark.parametrize(
    "write",
    [
        lambda world: Person.objects.filter(pk=world.person.pk).update(gender="female"),
        lambda world: Person.objects.bulk_create([Person(), Person()]),
        lambda world: Source.objects.bulk_update([Source(pk=world.source.pk, outlet="Invented")], ["outlet"]),
        lambda world: Claim.objects.bulk_create([Claim(testimony=world.testimony, field="joined", value="2012")]),
        lambda world: ConsensusCode.objects.all().delete(),
        lambda world: type(world.testimony).objects.get(pk=world.testimony.pk).delete(),
        lambda world: world.person.save(),
    ],
    ids=["update", "bulk_create", "bulk_update", "bulk_create_children", "delete_all", "delete_one", "save"],
)
def test_the_orm_is_refused_as_well(world, refused_by, write):
    with refused_by(NEVER_STALE):
        write(world)
    with projections.refreshed():
        write(world)
    assert list(verify.differences()) == []


def test_truncating_hides_everything_until_rebuilt(world):
    world.sql("TRUNCATE testimonies_text CASCADE")
    assert shown() == set()
    projections.rebuild()
    assert list(verify.differences()) == []


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_records_are_not_written_from_an_old_snapshot(world, level):
    """It would not show what another session has linked to since: that would stay stale."""
    with pytest.raises(NotSupportedError, match="READ COMMITTED only"), transaction.atomic():
        world.sql(f"SET TRANSACTION ISOLATION LEVEL {level}")
        world.sql(statement(world, "source", "update"))


def test_a_savepoint_hides_no_mark(world, refused_by):
    with refused_by(NEVER_STALE):
        with transaction.atomic():
            world.sql(statement(world, "group", "update"))
        projections.refresh()
        world.sql("UPDATE testimonies_group SET name = 'Invented later' WHERE id = {group}")


def test_what_is_rolled_back_marks_nothing(world):
    with transaction.atomic():
        savepoint = transaction.savepoint()
        world.sql(statement(world, "person", "update"))
        transaction.savepoint_rollback(savepoint)
    assert list(verify.differences()) == []


def test_a_statement_that_touches_no_row_is_no_change(world):
    for table, change in CHANGES.items():
        world.sql(f'UPDATE "testimonies_{table}" SET {change.update} WHERE false')
        world.sql(f'DELETE FROM "testimonies_{table}" WHERE false')
    assert list(verify.differences()) == []
