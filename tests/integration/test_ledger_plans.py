"""How Postgres finds jobs that are named by their ids, when a rush follows a quiet hour."""

import json
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import TextClause, text

from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.claim import CLAIM, LOCK
from bellhop_ledger.ledger.dispatch import MARK_PUBLISHED
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.finish import FINISH, HAND_BACK, REQUEUE_UNCLAIMED
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.statements import Prepared
from tests.stack import Stack

JOBS = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, run_at, state, queued_at)
    SELECT gen_random_uuid(), 'test.noop', '{}', 'default', 5, 3, now(), %s, now() FROM generate_series(1, %s)
"""
ID, LEASE, SECONDS = str(uuid4()), str(uuid4()), 60
BY = Actor("test").facts
ENDED = json.dumps([{"id": ID, "state": "succeeded", "attempt": 1, "keep": SECONDS}])
FINISHED = {"ids": [ID], "outcomes": ENDED, "worker": "test"}
PREPARED: dict[str, tuple[TextClause, dict[str, Any]]] = {
    "lock": (LOCK, {"ids": [ID], "milliseconds": 1000, "silence": 1000}),
    "claim": (CLAIM, {"ids": [ID], "worker": "test", "lease": LEASE, "counted": 1, "seconds": SECONDS}),
    "finish what is locked": (FINISH, {**FINISHED, "lease": None}),
    "finish what is leased": (FINISH, {**FINISHED, "lease": LEASE}),
    "hand back": (HAND_BACK, {"ids": [ID], "jobs": json.dumps([{"id": ID, "attempt": 1}]), "lease": LEASE}),
    "requeue unclaimed": (REQUEUE_UNCLAIMED, {"ids": [ID], "suspect": False}),
    "mark published": (MARK_PUBLISHED, {"ids": [ID]}),
}
ORDINARY: dict[str, tuple[TextClause, dict[str, Any]]] = {
    "cancel": (control.CANCEL_WAITING, {"id": ID, "keep": SECONDS, **BY}),
    "move": (control.MOVE, {"id": ID, "run_at": "2030-01-01T00:00:00Z", **BY}),
    "retry": (control.RETRY, {"id": ID, **BY}),
}


@pytest.fixture
def rush(ledger: Stack) -> None:
    """Jobs that are queued, and statistics from a time when all had a later date."""
    ledger.sql(JOBS % ("'scheduled'", 5_000))
    ledger.sql("ANALYZE jobs")
    ledger.sql(JOBS % ("'queued'", 100))


def assert_finds_by_key(plan: str) -> None:
    assert "jobs_pkey" in plan
    assert not any(f"jobs_{other}_idx" in plan for other in ("queued", "waiting", "running", "scheduled", "failed"))
    assert "Seq Scan on jobs" not in plan


@pytest.mark.usefixtures("rush")
@pytest.mark.parametrize("name", PREPARED)
def test_what_runs_for_every_job_finds_it_by_its_key(name: str) -> None:
    statement, values = PREPARED[name]
    prepared = Prepared.of(statement)
    with transaction() as db:
        cursor: Any = db.connection().connection.cursor()
        prepared.ready(db.connection(), cursor)
        cursor.execute(f"EXPLAIN {prepared.execute.rpartition(';')[2]}", values | {"ids": f"{{{ID}}}"})
        assert_finds_by_key("\n".join(line for (line,) in cursor.fetchall()))


@pytest.mark.usefixtures("rush")
@pytest.mark.parametrize("name", ORDINARY)
def test_what_people_do_to_a_job_finds_it_by_its_key(name: str) -> None:
    statement, values = ORDINARY[name]
    with transaction() as db:
        plan = db.execute(text(f"EXPLAIN {statement.text}"), values).scalars()
        assert_finds_by_key("\n".join(plan))
