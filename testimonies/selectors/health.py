"""Whether the service may be sent requests."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from testimonies.projections.shapes import SHAPE
from testimonies.selectors.sql import Sql, fetch

_UNBUILT = """
SELECT EXISTS (SELECT FROM projection_restricted WHERE shape <> %s) OR EXISTS (SELECT FROM projection_shared WHERE shape <> %s)
  OR EXISTS (SELECT FROM testimonies_testimony t WHERE NOT EXISTS (SELECT FROM projection_restricted r WHERE r.testimony_id = t.id))
"""


def unready() -> str | None:
    """Why not, with the cure; None when ready."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "Migrations are not applied. Run: manage.py migrate"
        if fetch(Sql(_UNBUILT, (SHAPE, SHAPE)))[0][0]:
            return "Projections wait to be rebuilt. Run: manage.py rebuild_projections"
    except DatabaseError:
        return "PostgreSQL cannot be reached. Check DATABASE_URL and the server."
    return None
