"""Sessions that write at once leave nothing stale, and no two wait for each other (DESIGN.md section 3, the two traps)."""

import json
from functools import partial
from random import Random
from threading import Barrier

import pytest
from django.db import OperationalError, connection, migrations, transaction
from django.db.migrations.state import ProjectState

from testimonies import models, projections
from testimonies.access import Tier
from testimonies.models.projections import PublicTestimony, SharedDocument
from testimonies.projections import verify
from testimonies.projections.documents import whole
from tests import factories
from tests.projections.sessions import PATIENCE, Session, Signal, together
from tests.projections.world import shown

SESSIONS = 24
HIDE = "SET LOCAL testimonies.on_stale = 'hide'"


def detail(row):
    """The detail of a testimony as everybody sees it."""
    found = PublicTestimony.objects.get(testimony_id=row.pk)
    return json.loads(whole(found.item, found.extra, ""))


def document(noun, row):
    return json.loads(SharedDocument.objects.get(noun=noun, record_id=row.pk, tier=Tier.PUBLIC).document)


def race(first, second):
    """Two sessions write what the other cannot see yet; the first commits while the second waits for it."""
    second_wrote, first_refreshed = Signal(), Signal()

    def win():
        second_wrote.await_()
        with transaction.atomic():
            first()
            projections.refresh()
            first_refreshed.set()
            loser.wait_until_blocked()

    def lose():
        with transaction.atomic():
            second()
            second_wrote.set()
            first_refreshed.await_()
            projections.refresh()

    with together(lose, win) as (loser, _):
        pass
    assert list(verify.differences()) == []


# --- A foreign key's lock does not conflict with changing what it points to --------------------------------------------


def test_renaming_a_person_waits_for_the_testimony_that_is_being_added(transactional_db):
    person, refreshed, made = factories.make_person(name="Invented Before"), Signal(), []

    def add():
        with transaction.atomic():
            made.append(factories.make_testimony(person=person, membership=None))
            refreshed.set()
            renaming.wait_until_blocked()

    def rename():
        refreshed.await_()
        with projections.refreshed():
            models.Person.objects.filter(pk=person.pk).update(name="Invented After")

    with together(rename, add) as (renaming, _):
        pass
    assert detail(made[0])["person"]["name"] == "Invented After"
    assert list(verify.differences()) == []


def test_adding_a_testimony_waits_for_its_person_who_is_being_renamed(transactional_db):
    person = factories.make_person(name="Invented Before")
    race(
        partial(models.Person.objects.filter(pk=person.pk).update, name="Invented After"),
        partial(models.Testimony.objects.create, person=person, title="Invented", kind="interview", **PUBLISHED),
    )
    [row] = models.RestrictedTestimony.objects.all()
    assert json.loads(row.item)["person"]["name"] == "Invented After"


PUBLISHED = {
    "account_language": "en",
    "status": "published",
    "published_at": "2020-01-01T00:00:00Z",
    "tier": Tier.PUBLIC,
}


@pytest.mark.parametrize("winner", ["hiding", "citing"])
def test_a_source_that_one_session_hides_is_hidden_from_the_citation_that_another_adds(transactional_db, winner):
    source = factories.make_source()
    named, citing = factories.make_testimony(sources=[source]), factories.make_testimony(sources=[])
    hide = partial(models.Testimony.objects.filter(pk=named.pk).update, tier=Tier.RESTRICTED)
    cite = partial(
        models.Citation.objects.create, testimony=citing, source=source, relation="original", tier=Tier.PUBLIC
    )
    race(hide, cite) if winner == "hiding" else race(cite, hide)
    assert detail(citing)["citations"] == []
    assert not SharedDocument.objects.filter(record_id=source.pk, tier__lt=Tier.RESTRICTED).exists()


def test_two_testimonies_may_show_the_same_source_for_the_first_time_at_once(transactional_db):
    with factories.batch():
        source, person = factories.make_source(), factories.make_person()
        one, two = (factories.make_testimony(person=person, sources=[source], status="draft") for _ in range(2))

    def publish(row):
        models.Testimony.objects.filter(pk=row.pk).update(status="published")

    race(partial(publish, one), partial(publish, two))
    assert [detail(row)["outlets"] for row in (one, two)] == [["Invented Daily"]] * 2


def test_a_figure_takes_the_new_title_of_a_source_that_is_just_being_added_to_it(transactional_db):
    figure, source = factories.make_figure(), factories.make_source(title="Invented before")
    race(
        partial(models.Source.objects.filter(pk=source.pk).update, title="Invented after"),
        partial(models.FigureSource.objects.create, figure=figure, source=source),
    )
    assert document("figure", figure)["sources"][0]["source"]["title"] == "Invented after"


def test_a_figure_and_its_source_may_change_at_once(transactional_db):
    source = factories.make_source(title="Invented before")
    figure = factories.make_figure(sources=(source,))
    start = Barrier(2, timeout=PATIENCE)

    def change(row, **values):
        start.wait()
        with projections.refreshed():
            projections.lock(**{row._meta.model_name: [row.pk]})
            type(row).objects.filter(pk=row.pk).update(**values)

    with together(partial(change, source, title="Invented after"), partial(change, figure, statement="Invented anew.")):
        pass
    assert document("figure", figure)["statement"] == "Invented anew."
    assert document("figure", figure)["sources"][0]["source"]["title"] == "Invented after"
    assert list(verify.differences()) == []


def test_who_has_locked_waits_for_nobody_who_locks_later(transactional_db):
    """One writes what the other only reads and the other way round; ids must not decide whether they meet in a circle."""
    for _ in range(4):
        sources = [factories.make_source(), factories.make_source()]
        factories.make_testimony(sources=sources)
        start = Barrier(2, timeout=PATIENCE)

        def retitle(source, start=start):
            start.wait()
            with projections.refreshed():
                projections.lock(source=[source.pk])
                models.Source.objects.filter(pk=source.pk).update(title="Invented anew")

        with together(*(partial(retitle, source) for source in sources)):
            pass
    assert list(verify.differences()) == []


def test_what_turns_up_while_waiting_for_a_lock_is_locked_in_order_too(world):
    def take(**rows):
        with transaction.atomic():
            projections.lock(**rows)

    def join():
        with transaction.atomic():  # as a data migration does, without a lock on the person
            world.sql(HIDE)
            models.Membership.objects.create(person=world.person, group=world.lone_group)

    with transaction.atomic():
        models.Testimony.objects.select_for_update().get(pk=world.testimony.pk)
        first = Session(partial(take, person=[world.person.pk]))
        first.wait_until_blocked()  # it has the person and waits for the testimony
        Session(join).finish()
        second = Session(partial(take, group=[world.lone_group.pk]))
        second.wait_until_blocked()  # it has the group, which comes before the person for whom it waits
    first.finish()
    second.finish()


# --- Migrations --------------------------------------------------------------------------------------------------------

RENAME = "UPDATE testimonies_personname SET value = 'Invented Anew'"
ADD = "INSERT INTO testimonies_personname (person_id, value, kind, tier) SELECT id, 'Invented More', 'kunya', 0 FROM testimonies_person"
ALTER = "ALTER TABLE testimonies_personname ADD COLUMN invented int"


def migrate(*statements):
    """Apply one migration, as `manage.py migrate` does."""
    migration = migrations.Migration("invented", "testimonies")
    migration.operations = [migrations.RunSQL(statement) for statement in statements]
    with connection.schema_editor(atomic=migration.atomic) as editor:
        migration.apply(ProjectState(), editor)


def test_a_data_migration_that_marks_is_refused(world, refused_by):
    with refused_by("projections_are_never_stale"):
        migrate(RENAME)


@pytest.mark.parametrize("statements", [(ADD, ALTER), (HIDE, ADD, ALTER)])
def test_a_migration_that_mixes_data_and_tables_dies(world, statements):
    with pytest.raises(OperationalError, match="pending trigger events"):
        migrate(*statements)
    assert list(verify.differences()) == []


def test_a_data_migration_of_its_own_hides_rows_until_they_are_rebuilt(world):
    migrate(HIDE, ADD, RENAME.replace("More", "Anew") + " WHERE id = " + str(world.other_name.pk))
    migrate(ALTER)
    migrate(ALTER.replace("ADD COLUMN invented int", "DROP COLUMN invented"))
    assert world.testimony.pk not in shown()
    projections.rebuild()
    found = SharedDocument.objects.get(noun="person", record_id=world.person.pk, tier=Tier.RESTRICTED)
    assert [name["value"] for name in json.loads(found.document)["other_names"]] == ["Invented Anew", "Invented More"]
    assert list(verify.differences()) == []


def test_a_data_migration_waits_for_rows_that_are_just_being_made(world):
    refreshed = Signal()

    def retitle():
        with transaction.atomic():
            models.Testimony.objects.filter(pk=world.testimony.pk).update(title="Invented anew")
            projections.refresh()  # with the membership as it was
            refreshed.set()
            migration.wait_until_blocked()

    def hide():
        refreshed.await_()
        with transaction.atomic():
            world.sql(HIDE)
            world.sql("UPDATE testimonies_membership SET belonging = 'denied' WHERE id = {membership}")

    with together(hide, retitle) as (migration, _):
        pass
    assert world.testimony.pk not in shown()
    projections.rebuild()
    assert (detail(world.testimony)["title"], detail(world.testimony)["membership"]) == ("Invented anew", "denied")
    assert list(verify.differences()) == []


def test_rebuilding_twice_at_once_beside_writers(world):
    start = Barrier(6, timeout=PATIENCE)

    def rebuild():
        start.wait()
        projections.rebuild(everything=True)

    def write(number):
        start.wait()
        for row in (world.source, world.figure, world.person):
            with projections.refreshed():
                projections.lock(**{row._meta.model_name: [row.pk]})
                type(row).objects.filter(pk=row.pk).update(version=number)

    with together(rebuild, rebuild, rebuild, *(partial(write, number) for number in (1, 2, 3))):
        pass
    assert list(verify.differences()) == []


# --- Many sessions, each with its own random changes ------------------------------------------------------------------


def rename_person(random, keys):
    person = random.choice(keys["person"])
    projections.lock(person=[person])
    models.Person.objects.filter(pk=person).update(name=f"Invented {random.random()}")


def retier_person(random, keys):
    person = random.choice(keys["person"])
    projections.lock(person=[person], tiers=True)
    models.Person.objects.filter(pk=person).update(tier=random.choice(Tier.values))


def retitle_source(random, keys):
    source = random.choice(keys["source"])
    projections.lock(source=[source])
    models.Source.objects.filter(pk=source).update(title=f"Invented {random.random()}")


def retier_source(random, keys):
    source = random.choice(keys["source"])
    projections.lock(source=[source])
    models.Source.objects.filter(pk=source).update(tier=random.choice(Tier.values))


def retitle_testimony(random, keys):
    testimony = random.choice(keys["testimony"])
    projections.lock(testimony=[testimony])
    models.Testimony.objects.filter(pk=testimony).update(title=f"Invented {random.random()}")


def retier_testimony(random, keys):
    testimony = random.choice(keys["testimony"])
    projections.lock(testimony=[testimony], tiers=True)
    models.Testimony.objects.filter(pk=testimony).update(tier=random.choice(Tier.values))


def change_person(random, keys):
    testimony, person = random.choice(keys["testimony"]), random.choice(keys["person"])
    projections.lock(testimony=[testimony], tiers=True, linked={"person": [person]})
    models.Testimony.objects.filter(pk=testimony).update(membership=None, person=person)


def add_testimony(random, keys):
    person, source = random.choice(keys["person"]), random.choice(keys["source"])
    projections.lock(source=[source], linked={"person": [person]})
    factories.make_testimony(
        person=models.Person(pk=person), sources=[models.Source(pk=source)], membership=None, texts=["Invented."]
    )


def cite(random, keys):
    testimony, source = random.choice(keys["testimony"]), random.choice(keys["source"])
    projections.lock(testimony=[testimony], source=[source])
    factories.make_citation(
        testimony_id=testimony, source=models.Source(pk=source), locator=f"{random.random()}", relation="republication"
    )


def stop_citing(random, keys):
    source = random.choice(keys["source"])
    projections.lock(source=[source])
    models.Citation.objects.filter(source=source, relation="republication").delete()


def claim(random, keys):
    testimony, source = random.choice(keys["testimony"]), random.choice(keys["source"])
    projections.lock(testimony=[testimony], source=[source])
    factories.make_claim(testimony_id=testimony, source_id=source, value=f"{random.random()}")


def rename_group(random, keys):
    group = random.choice(keys["group"])
    projections.lock(group=[group])
    models.Group.objects.filter(pk=group).update(slug=f"invented-{random.random()}", tier=random.choice(Tier.values))


def join(random, keys):
    person, group = random.choice(keys["person"]), random.choice(keys["group"])
    projections.lock(person=[person], linked={"group": [group]})
    factories.make_membership(person=models.Person(pk=person), group=models.Group(pk=group))


def restate_figure(random, keys):
    figure, source = random.choice(keys["figure"]), random.choice(keys["source"])
    projections.lock(figure=[figure], linked={"source": [source]})
    models.Figure.objects.filter(pk=figure).update(statement=f"Invented {random.random()}")
    models.FigureSource.objects.filter(figure=figure).delete()
    models.FigureSource.objects.create(figure_id=figure, source_id=source)


def recode(random, keys):
    code = random.choice(keys["code"])
    projections.lock(code=[code], tiers=True)
    models.Code.objects.filter(pk=code).update(tier=random.choice(Tier.values))


def add_code(random, keys):
    parent = random.choice(keys["code"])
    projections.lock(code=[], linked={"code": [parent], "codebook": keys["codebook"]})
    factories.make_code(parent=models.Code.objects.get(pk=parent))


def reissue_codebook(random, keys):
    projections.lock(codebook=keys["codebook"])
    models.Codebook.objects.update(edition=f"{random.randrange(10**9)}", tier=random.choice(Tier.values))


def warn(random, keys):
    projections.lock(collection=keys["collection"])
    models.Collection.objects.update(caveats=[f"Invented {random.random()}"], tier=random.choice(Tier.values))


CHANGES = (
    rename_person, retier_person, retitle_source, retier_source, retitle_testimony, retier_testimony, change_person, add_testimony, cite,
    stop_citing, claim, rename_group, join, restate_figure, recode, add_code, reissue_codebook, warn,
)  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_many_sessions_leave_nothing_stale_and_never_wait_for_each_other(transactional_db, seed):
    with factories.batch():
        groups = [factories.make_group() for _ in range(2)]
        sources = [factories.make_source() for _ in range(3)]
        book = factories.make_codebook(status="draft")
        codes = [factories.make_code(codebook=book) for _ in range(2)]
        collection = factories.make_collection(codebook=book)
        figures = [factories.make_figure(collection=collection, sources=sources[:1]) for _ in range(2)]
        memberships = [factories.make_membership(group=group) for group in groups * 2]
        testimonies = [
            factories.make_testimony(
                membership=membership,
                sources=sources[n % 2 : n % 2 + 2],
                codes=codes,
                collections=[collection],
                texts=["Invented."],
            )
            for n, membership in enumerate(memberships)
        ]
    keys = {
        "group": [row.pk for row in groups],
        "source": [row.pk for row in sources],
        "codebook": [book.pk],
        "code": [row.pk for row in codes],
        "collection": [collection.pk],
        "figure": [row.pk for row in figures],
        "person": [row.person_id for row in testimonies],
        "testimony": [row.pk for row in testimonies],
    }
    start = Barrier(SESSIONS, timeout=PATIENCE)

    def work(number):
        random = Random(seed * 1000 + number)
        connection.ensure_connection()
        start.wait()
        for _ in range(4):
            with factories.batch():
                random.choice(CHANGES)(random, keys)

    with together(*(partial(work, number) for number in range(SESSIONS))):
        pass
    assert list(verify.differences()) == []
