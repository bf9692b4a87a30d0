"""A worker dies while it sees that a price has come down: the alert is neither lost nor doubled."""

from collections.abc import Callable

import psycopg2
import pytest

from tests.stack import Stack, wait_until
from workloads.prices.tests.feed import offer, put

WAITS = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO mails%'"


@pytest.mark.long
def test_a_worker_killed_in_the_middle_of_an_alert_neither_loses_nor_doubles_it(
    make_stack: Callable[..., Stack],
) -> None:
    stack = make_stack("web", "worker", "scheduler", WORKER_CONCURRENCY="2")
    user, (name, game) = stack.user(), offer(stack, 19.99)
    user.http.post("/api/prices/watches", json={"game_id": game, "threshold": 1000})
    put(stack, name, price=9.50)

    keeper = psycopg2.connect(stack.postgres.url)
    keeper.cursor().execute("LOCK TABLE mails IN EXCLUSIVE MODE")
    job = stack.submit("prices.check_prices")
    wait_until(lambda: stack.sql(WAITS))
    stack.kill("worker")
    keeper.close()
    stack.start_service("worker")

    assert stack.ended(job["id"])["state"] == "succeeded"
    wait_until(lambda: stack.sql("SELECT 1 FROM mails WHERE state = 'kept'"))
    assert stack.sql("SELECT count(*) FROM prices.alerts") == stack.sql("SELECT count(*) FROM mails") == [(1,)]
    assert stack.sql("SELECT amount FROM prices.prices WHERE game_id = %s ORDER BY id", game) == [(1999,), (950,)]
