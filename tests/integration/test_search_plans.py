"""How queries are read: from which index, in which order where many jobs fit, and which are named as slow."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Select
from sqlalchemy.orm import Session

from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.tokens import Scope
from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.estimates import plan_of
from bellhop_web.auth.callers import Caller
from bellhop_web.jobs.filters import JobQuery
from bellhop_web.jobs.listing import selected
from bellhop_web.search import Search, cost, parse
from bellhop_web.search.conditions import condition
from tests.stack import Stack

MANY = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, attempt, run_at, state, created_at, finished_at,
                      tier, forget_on, worker, label, error)
    SELECT gen_random_uuid(), 'test.noop', jsonb_build_object('order', n, 'shop', n % 3), 'default', 5, 3, 1, now(),
           CASE n % 5 WHEN 0 THEN 'failed' ELSE 'succeeded' END,
           now() - n * interval '1 second', now() - n * interval '1 second', 2, CURRENT_DATE + 7,
           'worker@host-' || n % 400 || ':1', CASE n % 100 WHEN 1 THEN 'Invoice ' || n END,
           CASE n % 5 WHEN 0 THEN jsonb_build_object('type', 'ReadTimeout', 'message', 'No answer to ' || n) END
    FROM generate_series(1, 20000) AS n
"""
ADMIN = Caller("test", None, None, Role.ADMIN, Scope.WRITE)
PLANS = {
    "args.order:4710": ("kept_jobs_args_idx", 1),
    "error:4710": ("kept_jobs_words_idx", 1),
    'error:"answer to 4710"': ("kept_jobs_words_idx", 1),
    "label:invoice": ("kept_jobs_words_idx", 200),
    "worker:host-15 state:failed": ("kept_jobs_failed_worker_idx", 50),
}


@pytest.fixture
def past(ledger: Stack) -> Stack:
    """Twenty thousand jobs that ended; a fifth of them failed."""
    ledger.sql(MANY)
    ledger.sql("VACUUM ANALYZE jobs")
    return ledger


def statement(db: Session) -> Callable[[Search], Select[Any]]:
    """Return what makes the statement for a page of what a query finds."""
    return lambda search: selected(JobQuery(q=str(search))).where(condition(db, search, ADMIN)).limit(200)


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize("q", PLANS)
def test_a_term_reads_what_fits_from_its_index(q: str) -> None:
    index, number = PLANS[q]

    with transaction() as db:
        cost.prepare(db, parse(q), statement(db), slow=False)
        found = db.execute(statement(db)(parse(q))).all()
        read = json.dumps(plan_of(db, statement(db)(parse(q))))

    assert len(found) == number
    assert index in re.findall(r"\w+_idx", read)


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize("q", ["error:timeout", "args.shop:1"])
def test_where_many_fit_the_list_is_read_in_its_order(q: str) -> None:
    with transaction() as db:
        cost.prepare(db, parse(q), statement(db), slow=False)
        read = json.dumps(plan_of(db, statement(db)(parse(q))))

    assert "kept_jobs_created_idx" in read or "kept_jobs_errors_idx" in read
    assert "Bitmap" not in read


@pytest.mark.usefixtures("past")
def test_a_query_that_would_be_slow_is_named_with_the_terms_that_make_it_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "SLOW", 500.0)  # what a table of this size costs from end to end
    slow = parse("worker:no-such-host task:test.*")

    with transaction() as db:
        with pytest.raises(cost.TooSlow) as caught:
            cost.prepare(db, slow, statement(db), slow=False)
        cost.prepare(db, slow, statement(db), slow=True)
        cost.prepare(db, parse("worker:no-such-host id:01a2b3c4"), statement(db), slow=False)
        cost.prepare(db, Search(), statement(db), slow=False)

    [fault] = caught.value.faults
    assert (fault.field, caught.value.named) == ("q", "worker:no-such-host")
    assert "slow=true" in fault.message


@pytest.mark.usefixtures("past")
def test_a_count_that_takes_too_long_leaves_the_transaction_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "PROBE", cost.text("SET LOCAL statement_timeout = '1ms'"))
    many = parse("args.shop:0,1,2 error:no")

    with transaction() as db:
        with pytest.raises(cost.TooSlow):
            cost.prepare(db, many, statement(db), slow=False)
        assert db.execute(statement(db)(many)).all() != []
        assert db.scalar(Job.__table__.select().with_only_columns(Job.id).limit(1)) is not None
