"""Notes when a tier begins and ends to be shown a testimony, for the feed of changes (docs/adr/0036).

Asked of the projection rows as they were just written: where they show the same during the same time, nothing is noted.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from testimonies.access import Tier
from testimonies.models.projections import ROWS
from testimonies.models.testimonies import Status
from testimonies.projections.prepared import fetch

_SEEN_BY = f"""CASE status WHEN '{Status.PUBLISHED}' THEN NULL WHEN '{Status.WITHDRAWN}' THEN '{{}}'::bigint[]
  ELSE ARRAY(SELECT created_by_id WHERE created_by_id IS NOT NULL
    UNION SELECT coder_id FROM testimonies_assignment a WHERE a.testimony_id = r.testimony_id ORDER BY 1) END"""
"""Which coders see it (selectors/visibility.py)."""

_SHOWN = " UNION ALL ".join(
    f"SELECT testimony_id, {int(tier)} AS tier, permits, starts_at, ends_at, "
    f"{_SEEN_BY if tier == Tier.RESTRICTED else 'NULL::bigint[]'} AS seen_by, "
    "hashtextextended(digest || extract(epoch FROM updated_at), 0) AS stamp "
    f"FROM {model._meta.db_table} r WHERE testimony_id = ANY (%s) AND starts_at < ends_at"
    for tier, model in ROWS.items()
)
_SAME = "(k.testimony_id, k.tier, k.permits, k.starts_at, k.ends_at) = (s.testimony_id, s.tier, s.permits, s.starts_at, s.ends_at) AND k.seen_by IS NOT DISTINCT FROM s.seen_by"
_NOTE = f"""
WITH shown AS MATERIALIZED ({_SHOWN}),
  known AS MATERIALIZED (SELECT * FROM projection_showing WHERE testimony_id = ANY (%s) AND gone_in IS NULL),
  same AS MATERIALIZED (SELECT k.id, s.stamp FROM known k JOIN shown s ON {_SAME}),
  changed AS (
    UPDATE projection_showing k SET stamp = same.stamp, changed_in = pg_current_xact_id()
    FROM same WHERE k.id = same.id AND k.stamp <> same.stamp),
  gone AS (
    UPDATE projection_showing k SET gone_in = pg_current_xact_id(), gone_at = now()
    WHERE k.id IN (SELECT id FROM known EXCEPT SELECT id FROM same)),
  made AS (
    INSERT INTO projection_showing (testimony_id, tier, permits, starts_at, ends_at, seen_by, stamp, changed_in, made_in, made_at)
    SELECT s.*, coalesce(
        (SELECT k.changed_in FROM known k WHERE (k.testimony_id, k.tier, k.stamp) = (s.testimony_id, s.tier, s.stamp) LIMIT 1),
        pg_current_xact_id()), pg_current_xact_id(), now()
    FROM shown s WHERE NOT EXISTS (SELECT FROM known k WHERE {_SAME}))
SELECT 1
"""
"""One statement reads all of it as it was before; what is only decided anew, but has the same bytes, changed when it did."""

_FORGET = """
UPDATE projection_showing SET stamp = 0, made_at = '0001-01-01 00:00Z', gone_at = date_trunc('day', gone_at),
  starts_at = '0001-01-01 00:00Z',
  ends_at = CASE WHEN ends_at > gone_at THEN '9999-12-31 00:00Z' ELSE ends_at END
WHERE testimony_id = ANY (%s) AND gone_in IS NOT NULL AND starts_at <= gone_at
"""
_NEVER_SHOWN = (
    "DELETE FROM projection_showing WHERE testimony_id = ANY (%s) AND gone_in IS NOT NULL AND starts_at > gone_at"
)


def note(ids: Iterable[UUID]) -> None:
    """What became of these testimonies, whose projection rows are true."""
    wanted = list(ids)
    fetch(_NOTE, [wanted] * (len(ROWS) + 1))


def forget(ids: Iterable[UUID]) -> None:
    """Of testimonies that are no more, keep ids, days and what followers have to be told; no date of an embargo or a clearance."""
    gone = list(ids)
    with connection.cursor() as cursor:
        cursor.execute(_NEVER_SHOWN, [gone])
        cursor.execute(_FORGET, [gone])


def hide(ids: Iterable[UUID]) -> None:
    """Rows of these wait to be rebuilt. Who follows is told nothing until they are there again, and then of each that it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projection_showing SET stamp = 0 WHERE testimony_id = ANY (%s) AND gone_in IS NULL",
            [list(ids)],
        )


def settle() -> int:
    """After a restore into another cluster, whose transactions have begun anew: what was decided there was so before any here.

    Returns how many showings it was. Run before anything is served.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projection_showing SET changed_in = '3', made_in = '3', gone_in = CASE WHEN gone_in IS NOT NULL THEN '3'::xid8 END "
            "WHERE greatest(changed_in, made_in, gone_in) >= pg_snapshot_xmax(pg_current_snapshot())"
        )
        return int(cursor.rowcount)
