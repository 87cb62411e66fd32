"""One of everything that a projection reads, and beside it what a change must not touch."""

import json
from types import SimpleNamespace
from typing import Any

from django.db import connection

from testimonies.access import Tier
from testimonies.models import (
    CaseLink,
    CollectionItem,
    ConsensusCode,
    Evidence,
    FigureSource,
    PersonExternalId,
    PersonName,
    SourceExternalId,
    TestimonyExternalId,
)
from tests import factories

PROJECTIONS = ("projection_public", "projection_partner", "projection_restricted", "projection_text")


class World(SimpleNamespace):
    """Rows by the name of what they are. To `lone_...` nothing refers; `far` shares nothing with `testimony`.

    `neighbour` is another person's testimony that cites the same source.
    """

    def sql(self, statement: str) -> None:
        """Run one statement; `{person}` stands for that row's key in quotes."""
        keys = {name: f"'{row.pk}'" for name, row in vars(self).items()}
        with connection.cursor() as cursor:
            cursor.execute(statement.format(**keys))

    def name_of(self, key: Any) -> str:
        return next(name for name, row in vars(self).items() if row.pk == key)


def make_world() -> World:
    with factories.batch():
        w = World()
        w.group = factories.make_group(slug="invented-group")
        w.person = factories.make_person(name="Invented One")
        w.membership = factories.make_membership(person=w.person, group=w.group)
        w.other_name = PersonName.objects.create(person=w.person, value="Invented Uno", kind="kunya", tier=Tier.PUBLIC)
        w.person_id = PersonExternalId.objects.create(person=w.person, system="invented", value="p-1")
        w.source = factories.make_source(title="Invented article")
        w.source_id = SourceExternalId.objects.create(source=w.source, system="invented", value="s-1")
        w.codebook = factories.make_codebook(slug="invented-codebook", status="draft")
        w.dimension = factories.make_code(codebook=w.codebook, slug="leaving")
        w.code = factories.make_code(parent=w.dimension, slug="leave-brutality")
        w.collection = factories.make_collection(slug="invented-collection", codebook=w.codebook)
        w.testimony = factories.make_testimony(
            title="Invented: the testimony", person=w.person, membership=w.membership, sources=[], uses=[]
        )
        w.testimony_id = TestimonyExternalId.objects.create(testimony=w.testimony, system="invented", value="t-1")
        w.citation = factories.make_citation(testimony=w.testimony, source=w.source)
        w.evidence = Evidence.objects.create(citation=w.citation, field="nationality", basis="stated")
        w.clearance = factories.make_clearance(testimony=w.testimony)
        w.consensus = ConsensusCode.objects.create(testimony=w.testimony, code=w.code)
        w.coder, w.other_coder = factories.make_user(), factories.make_user()
        w.assignment = factories.make_assignment(
            testimony=w.testimony, codebook=w.codebook, coder=w.coder, state="submitted"
        )
        w.claim = factories.make_claim(testimony=w.testimony, source=w.source, is_preferred=True)
        w.text = factories.make_text(testimony=w.testimony, body="Invented words.")
        w.item = CollectionItem.objects.create(testimony=w.testimony, collection=w.collection)
        w.case = CaseLink.objects.create(testimony=w.testimony, collection=w.collection, is_case=True)
        w.figure = factories.make_figure(collection=w.collection, slug="invented-figure", sources=(w.source,))
        w.figure_source = FigureSource.objects.get(figure=w.figure)
        w.campaign = factories.make_campaign(slug="invented-campaign", sources=(w.source,))
        w.channel, w.campaign_source = w.campaign.channels.get(), w.campaign.campaign_sources.get()
        w.use = factories.make_use(campaign=w.campaign, sources=(w.source,))
        w.use_source = w.use.use_sources.get()
        w.measurement = factories.make_measurement(use=w.use, source=w.source)

        w.neighbour = factories.make_testimony(title="Invented: the neighbour", sources=[w.source])
        w.far_collection = factories.make_collection()
        w.far = factories.make_testimony(
            title="Invented: far away", texts=["Invented, far away."], collections=[w.far_collection]
        )
        w.lone_person = factories.make_person(name="Invented Alone")
        w.lone_group = factories.make_group()
        w.lone_membership = factories.make_membership()
        w.lone_source = factories.make_source()
        w.lone_testimony = factories.make_testimony(membership=None, sources=[], uses=[])
        w.lone_codebook = factories.make_codebook(status="draft")
        w.lone_code = factories.make_code(codebook=w.codebook)
        w.lone_collection = factories.make_collection()
        w.lone_figure = factories.make_figure(collection=w.collection)
        w.lone_campaign = factories.make_campaign()
        w.lone_campaign.channels.all().delete()
        w.lone_use = factories.make_use(campaign=w.campaign)
        w.lone_citation = w.neighbour.citations.get()
    return w


def copying(world: World, table: str, row: str, differing: dict[str, Any]) -> str:
    """SQL that inserts a row once more, under another key, with some values changed; `{person}` as in `World.sql`."""
    pairs = ["'id'", "1000000" if isinstance(getattr(world, row).pk, int) else "gen_random_uuid()"]
    for name, value in differing.items():
        is_key = isinstance(value, str) and value.startswith("{")
        pairs += [f"'{name}'", value if is_key else f"'{json.dumps(value)}'::jsonb"]
    columns = [f'"{field.column}"' for field in getattr(world, row)._meta.concrete_fields if not field.generated]
    made = f"jsonb_populate_record(x, jsonb_build_object({', '.join(pairs)})) AS made"
    return (
        f'INSERT INTO "{table}" ({", ".join(columns)}) SELECT {", ".join(f"(made).{column}" for column in columns)} '
        f'FROM (SELECT {made} FROM "{table}" x WHERE x.id = {{{row}}}) copied'
    )


def shown() -> set[Any]:
    """Keys of all records that have rows which hold at some time, or documents; what is hidden has neither."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT testimony_id FROM projection_public WHERE NOT isempty(during) "
            "UNION SELECT testimony_id FROM projection_partner WHERE NOT isempty(during) "
            "UNION SELECT testimony_id FROM projection_restricted WHERE NOT isempty(during) "
            "UNION SELECT testimony_id FROM projection_text UNION SELECT record_id FROM projection_shared WHERE shape > 0"
        )
        return {key for (key,) in cursor.fetchall()}
