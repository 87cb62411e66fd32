"""How far uses reached, in all: totals of the latest measurements, as far as the caller could list what they are of.

Terms   total: of one metric, the latest measurement of each use added up; metrics are never added to each other.
        A use of several testimonies counts once in each total that it belongs to: so totals by testimony or by code
        overlap, and must not be added.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from testimonies.access import Actor
from testimonies.selectors import uses, visibility
from testimonies.selectors.filters import Context
from testimonies.selectors.reference import Reference
from testimonies.selectors.sql import Sql, both, fetch

MOST = 1_000
"""So many totals are told, the greatest first."""


class By(models.TextChoices):
    CAMPAIGN = "campaign", "by campaign"
    TESTIMONY = "testimony", "by testimony that is used"
    CODE = "code", "by consensus code of what is used, as assigned: a parent's total does not hold its children's"


@dataclass(frozen=True, slots=True)
class Total:
    campaign: str
    testimony_id: UUID | None
    testimony_ref: str
    code_id: UUID | None
    metric: str
    total: int
    n_uses: int
    measured_from: dt.date
    measured_to: dt.date


_LATEST = (
    "SELECT DISTINCT ON (m.use_id, m.metric) m.use_id, m.metric, m.value, m.measured_on FROM testimonies_measurement m "
    "ORDER BY m.use_id, m.metric, m.measured_on DESC, m.created_at DESC, m.id"
)
_USED = "JOIN testimonies_usedtestimony u ON u.use_id = s.use_id JOIN ({seen}) t ON t.testimony_id = u.testimony_id"
_GROUPS = {
    By.CAMPAIGN: "SELECT DISTINCT s.use_id, s.campaign, NULL::uuid AS testimony_id, '' AS ref, NULL::uuid AS code_id FROM seen s",
    By.TESTIMONY: f"SELECT DISTINCT s.use_id, '' AS campaign, t.testimony_id, t.ref, NULL::uuid AS code_id FROM seen s {_USED}",
    By.CODE: f"SELECT DISTINCT s.use_id, '' AS campaign, NULL::uuid AS testimony_id, '' AS ref, c.code_id FROM seen s {_USED}, "
    "LATERAL unnest(t.codes) AS c (code_id)",
}


def totals(by: By, given: dict[str, Any], actor: Actor, reference: Reference) -> tuple[list[Total], bool]:
    """The greatest first, and whether these are all. `given`: campaign, testimony, code, metric, kind, purpose, as they were read."""
    context = Context(actor, reference)
    conditions = [visibility.shared(uses.NOUN, actor)]
    facets = given.keys() & {"campaign", "kind", "purpose"}
    conditions += [Sql(f"facets ->> '{name}' = %s", (given[name],)) for name in sorted(facets)]
    if "testimony" in given:
        conditions.append(uses.of_testimony([given["testimony"]], context))
    if "code" in given:
        conditions.append(uses.of_code([given["code"]], context))
    shown = both(conditions)
    rows = uses.seen_testimonies(actor)
    grouped = _GROUPS[by].format(seen=rows.text)
    metric = Sql("WHERE l.metric = %s", (given["metric"],)) if "metric" in given else Sql("")
    statement = Sql(
        f"WITH seen AS (SELECT record_id AS use_id, facets ->> 'campaign' AS campaign FROM projection_shared WHERE {shown.text}) "
        f"SELECT g.campaign, g.testimony_id, g.ref, g.code_id, l.metric, sum(l.value)::bigint, count(*), min(l.measured_on), max(l.measured_on) "
        f"FROM ({grouped}) g JOIN ({_LATEST}) l ON l.use_id = g.use_id {metric.text} "
        f"GROUP BY 1, 2, 3, 4, 5 ORDER BY 6 DESC, 5, 1, 3, 4 LIMIT {MOST + 1}",
        (*shown.parameters, *(rows.parameters if by is not By.CAMPAIGN else ()), *metric.parameters),
    )
    found = [Total(*row) for row in fetch(statement)]
    return found[:MOST], len(found) <= MOST
