"""Plans: how Postgres reads what a page shows."""

import json

from bellhop_ledger.platform.database import transaction
from bellhop_web.jobs import listing
from bellhop_web.jobs.listing import JobQuery


def plan_of(query: JobQuery) -> str:
    """How Postgres reads a page of jobs."""
    with transaction() as db:
        compiled = listing.selected(query).limit(51).compile(db.connection())
        values = {
            name: json.dumps(value) if isinstance(value, dict) else value for name, value in compiled.params.items()
        }
        return "\n".join(line for (line,) in db.connection().exec_driver_sql(f"EXPLAIN {compiled}", values))
