"""Whether the service may be sent requests."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from testimonies.projections import is_whole


def unready() -> str | None:
    """Why not, with the cure; None when ready."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "Migrations are not applied. Run: manage.py migrate"
        if not is_whole():
            return "Projections wait to be rebuilt. Run: manage.py rebuild_projections"
    except DatabaseError:
        return "PostgreSQL cannot be reached. Check DATABASE_URL and the server."
    return None
