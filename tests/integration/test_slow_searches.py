"""Slow searches: a query that the database cannot answer soon is named before it runs, whatever the planner expects."""

from typing import Any

import pytest
from sqlalchemy import Select, select, text

from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.platform.database import transaction
from bellhop_web.search.cost import TooSlow, prepare
from bellhop_web.search.terms import Search, parse
from tests.stack import Stack
from tests.tasks.signatures import noop

PAIR = "task:test.noop queue:slow"
"""Terms of which each finds many jobs and both together none; the planner takes them for independent."""
pytestmark = pytest.mark.usefixtures("ledger")


def takes_long(search: Search) -> Select[Any]:
    """Return a statement that looks cheap and takes a second for each job."""
    return select(Job).where(text("pg_sleep(1) IS NOT NULL")).order_by(Job.created_at).limit(31)


def is_quick(search: Search) -> Select[Any]:
    return select(Job).order_by(Job.created_at).limit(31)


@pytest.mark.parametrize(
    "q", ["args.order:7", "-args.order:7", "-tag:x", "-error:refused task:test.noop", "-label:x", PAIR]
)
def test_what_takes_long_is_named_though_the_planner_expects_little(ledger: Stack, q: str) -> None:
    with transaction() as db:
        submit(db, noop)

    with transaction() as db, pytest.raises(TooSlow, match="would take long"):
        prepare(db, parse(q), takes_long, slow=False)


@pytest.mark.parametrize("q", ["args.order:7", "-args.order:7", "-tag:x", PAIR])
def test_what_may_be_slow_is_not_refused_and_the_transaction_goes_on(ledger: Stack, q: str) -> None:
    with transaction() as db:
        submit(db, noop)

    with transaction() as db:
        prepare(db, parse(q), takes_long, slow=True)
        assert len(db.execute(is_quick(parse(q))).all()) == 1


@pytest.mark.parametrize("q", ["", "-args.order:7", "tag:x", "-state:failed", PAIR])
def test_what_is_quick_may_run(ledger: Stack, q: str) -> None:
    with transaction() as db:
        submit(db, noop)

    with transaction() as db:
        prepare(db, parse(q), is_quick, slow=False)
