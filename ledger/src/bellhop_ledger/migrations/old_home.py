"""The installations that had their tables where the connection put them, in `public` as a rule: they move once.

Afterwards the release before goes on with views (see moving.py). A table of an application is left alone.
"""

from sqlalchemy import Connection, NullPool, create_engine, text

from bellhop_ledger.migrations.moving import MARKED, VIEW, existing_tables, move_tables, quoted
from bellhop_ledger.migrations.schemas import PLATFORM_VERSIONS, claim_platform_schema, holding_jobs
from bellhop_ledger.platform import log as logs
from bellhop_ledger.platform.database import CONNECTION
from bellhop_ledger.platform.database_address import merged

log = logs.get_logger(__name__)

TABLES = {
    "0001": ("jobs", "live_jobs"),
    "0002": ("tokens",),
    "0003": ("timers",),
    "0004": ("fetch_pages",),
    "0005": ("users", "sessions"),
    "0006": ("mails",),
    "0007": ("polls", "poll_options", "votes"),
    "0008": ("sources", "source_calls", "games", "prices", "watches", "alerts"),
    "0009": ("products", "product_imports", "product_exports", "files", "file_chunks"),
    "0010": ("schedules", "schedule_changes", "schedule_runs"),
    "0011": ("ticks",),
    "0012": ("heartbeats", "job_counts"),
}
"""What the migrations made there, by revision: up to the one at which an installation stands, these are ours."""
REVISIONS = [f"{number:04}" for number in range(1, 22)]
"""Those that knew no schema; what stands at a later one has been in its own from the beginning."""

LEFT = {
    "jobs": f"{VIEW}; CREATE VIEW {{source}}.jobs_ended_idx WITH ({MARKED}) AS SELECT * FROM {{new}}",
    "poll_options": """
        CREATE TABLE {old} (LIKE {new}, PRIMARY KEY (poll_id, number)) PARTITION BY LIST (poll_id);
        ALTER TABLE {old} ATTACH PARTITION {new} DEFAULT
    """,
}
"""What a view does not do for the release before. Its dashboard asks for the statistics of an index, which moves with
its table, and does without if it finds a view of that name. It groups options by their primary key alone, which only a
table has: so the table becomes the one partition of another."""


def ensure_schema(connection: Connection, schema: str) -> None:
    """Create the platform's schema, with the tables of an installation that had them elsewhere."""
    with connection.begin():
        claim_platform_schema(connection, schema)
    if holding_jobs_in_transaction(connection, [schema]):
        return
    for home in holding_jobs_in_transaction(connection, [name for name in path_before(connection) if name != schema]):
        with connection.begin():
            if tables := _tables_of(connection, home):
                move_tables(connection, tables, home, schema, LEFT)
                log.info("tables_moved", source=home, target=schema, tables=len(tables))
                return


def path_before(connection: Connection) -> list[str]:
    """Return the schemas in which the release before looked for its tables."""
    url = connection.engine.url.render_as_string(hide_password=False)
    engine = create_engine(url, poolclass=NullPool, connect_args=merged(url, CONNECTION))
    with engine.connect() as plain:
        return list(plain.scalars(text("SELECT unnest(current_schemas(false))::text")))


def holding_jobs_in_transaction(connection: Connection, schemas: list[str]) -> list[str]:
    """Return which of these schemas hold the tables of a Bellhop, and leave no transaction open."""
    with connection.begin():
        return holding_jobs(connection, schemas)


def _tables_of(connection: Connection, home: str) -> list[str]:
    """Return the tables that our migrations made in a schema; none if they stand at no revision of ours."""
    if not existing_tables(connection, home, [PLATFORM_VERSIONS]):
        return []
    select = f"SELECT version_num FROM {quoted(home, PLATFORM_VERSIONS)}"
    revisions = list(connection.scalars(text(select)))
    if len(revisions) != 1 or revisions[0] not in REVISIONS:
        return []
    made = [table for revision, tables in TABLES.items() if revision <= revisions[0] for table in tables]
    there = existing_tables(connection, home, made)
    return [table for table in made if table in there] + [PLATFORM_VERSIONS]
