"""For the migrations of plug-ins: tables that the platform once made for them, and tables whose rows go with a job."""

from collections.abc import Mapping

from sqlalchemy import text

from bellhop_ledger.migrations.moving import existing_tables, move_tables
from bellhop_ledger.platform.settings import CommandError, Settings

FOLLOW = text("""
    INSERT INTO job_followers (table_name, column_name) VALUES (to_regclass(:table), :column) ON CONFLICT DO NOTHING
""")


class HalfOfThemError(CommandError):
    """Of the tables that belong together, the platform's schema has some and not the others."""


def adopt_tables(*tables: str, otherwise: str, left: Mapping[str, str] | None = None) -> None:
    """Move tables from the platform's schema into the plug-in's, or create them by the statements `otherwise`.

    The statements may stand in one text, and name tables without a schema: new ones go into the plug-in's. Tables
    that moved leave views in their places, with which the release before goes on; where a view will not do, `left`
    has the statements for the table by its name, in which {old} is the place that it had and {new} the one that it has.
    Tables that belong together are named in one call, for they are locked together. Raises HalfOfThemError if only some
    of them stand there.
    """
    from alembic import op  # takes long to import, and web and worker see this module, too

    connection, platform = op.get_bind(), Settings.load().database_schema
    plugin = op.get_context().opts["version_table_schema"]
    found = existing_tables(connection, platform, tables)
    if not found:
        op.execute(otherwise)
    elif found == set(tables):
        move_tables(connection, tables, platform, plugin, left)
    else:
        raise HalfOfThemError(f"{platform} has {', '.join(sorted(found))} and not the others of {', '.join(tables)}")


def follow_jobs(table: str, column: str) -> None:
    """Register a table whose rows are deleted with the job that they name in this column, when it is forgotten.

    A foreign key cannot do it: jobs that have ended are dropped by the day, and not one by one.
    """
    from alembic import op

    op.get_bind().execute(FOLLOW, {"table": table, "column": column})
