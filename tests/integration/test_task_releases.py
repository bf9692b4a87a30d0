"""Workers publish what they can run: the release that was deployed last counts, whoever restarts meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop.manifest import Manifest, Policy
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.tasks.known import KnownTasks
from bellhop_ledger.tasks.publish import forget_gone, give_sign, publish
from tests.databases import connected
from tests.stack import Stack, wait_until

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False}


@pytest.fixture(autouse=True)
def nothing_published(ledger: Stack) -> None:
    ledger.sql("DELETE FROM task_releases")


@pytest.fixture(autouse=True, scope="module")
def published_again(servers: Stack) -> Any:
    """Leave the tasks as the other tests want them."""
    yield
    servers.sql("DELETE FROM task_releases")
    servers.publish()


def manifest(name: str, queue: str = "default", **more: Any) -> Manifest:
    return Manifest(
        name=name,
        plugin="test",
        description="",
        queue=queue,
        policy=Policy(),
        arguments=SCHEMA,
        result={},
        **more,
    )


def start(release: str, *manifests: Manifest, deploy: bool = False) -> bool:
    """What a worker does when it starts, or `bellhop-worker --publish`."""
    with transaction() as db:
        return publish(db, release, manifests, deploy=deploy)


def known() -> dict[str, tuple[str, str]]:
    """The tasks as a process sees them that has just started: release and queue."""
    return {name: (task.release, task.queue) for name, task in KnownTasks().items()}


def gone(ledger: Stack, release: str) -> None:
    """Let it be a while since a worker of this release was heard of."""
    ledger.sql("UPDATE task_releases SET seen_at = now() - interval '2 minutes' WHERE name = %s", release)


def test_before_anything_is_published_nothing_is_known() -> None:
    assert (known(), KnownTasks().current().mark) == ({}, None)


def test_the_later_release_counts_and_an_older_worker_that_restarts_does_not_take_it_back() -> None:
    assert start("1.0", manifest("a", "one"))
    assert start("1.1", manifest("a", "two"))
    assert not start("1.0", manifest("a", "one"))

    assert known() == {"a": ("1.1", "two")}


def test_what_is_deployed_on_purpose_counts_so_that_a_rollback_works() -> None:
    start("1.0", manifest("a", "one"))
    start("1.1", manifest("a", "two"))
    assert start("1.0", manifest("a", "one"), deploy=True)
    assert not start("1.1", manifest("a", "two"))

    assert known() == {"a": ("1.0", "one")}


def test_what_only_an_older_worker_can_run_is_known_for_as_long_as_it_lives(ledger: Stack) -> None:
    start("1.0", manifest("a"), manifest("old"))
    start("1.1", manifest("a"), manifest("new"))
    assert known().keys() == {"a", "old", "new"}

    gone(ledger, "1.0")
    assert known().keys() == {"a", "new"}

    with transaction() as db:
        give_sign(db, "1.0")
    assert known().keys() == {"a", "old", "new"}


def test_after_a_rollback_the_release_that_has_workers_takes_over(ledger: Stack) -> None:
    start("1.0", manifest("a", "one"))
    start("1.1", manifest("a", "two"), manifest("new"))
    with transaction() as db:
        assert not give_sign(db, "1.0")

    ledger.sql("UPDATE task_releases SET deployed_at = deployed_at - interval '1 hour'")
    ledger.sql("UPDATE task_releases SET seen_at = now() - interval '6 minutes' WHERE name = '1.1'")
    with transaction() as db:
        assert give_sign(db, "1.0")
    assert start("1.0", manifest("a", "one"))
    assert known() == {"a": ("1.0", "one")}


def test_the_release_that_counts_is_known_without_any_worker(ledger: Stack) -> None:
    start("1.0", manifest("a"))
    gone(ledger, "1.0")

    assert known().keys() == {"a"}


def test_a_release_that_is_published_again_with_less_has_less() -> None:
    start("1.0", manifest("a"), manifest("b"))
    start("1.0", manifest("a"))

    assert known().keys() == {"a"}


def test_releases_that_were_replaced_are_forgotten_when_nobody_has_them(ledger: Stack) -> None:
    start("1.0", manifest("old"))
    start("1.1", manifest("a"))
    gone(ledger, "1.0")
    gone(ledger, "1.1")
    with transaction() as db:
        forget_gone(db, after=60)

    assert ledger.sql("SELECT name FROM task_releases") == [("1.1",)]
    assert ledger.sql("SELECT name FROM tasks") == [("a",)]


def test_a_task_that_is_asked_for_in_vain_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bellhop_ledger.tasks.known.AT_A_MISS", 0)
    start("1.0", manifest("a"))
    tasks = KnownTasks()
    assert tasks.get("b") is None

    start("1.1", manifest("a"), manifest("b"))
    assert tasks["b"].release == "1.1"


def test_who_would_refuse_looks_again_however_fresh_the_last_look_is() -> None:
    start("1.0", manifest("a", "one"))
    tasks = KnownTasks()
    assert not tasks.look_again()

    start("1.1", manifest("a", "two"), manifest("b"))
    assert tasks.look_again()
    assert (tasks["a"].queue, tasks["b"].release) == ("two", "1.1")


def test_who_asks_while_another_thread_looks_is_answered_by_a_look_of_later(ledger: Stack) -> None:
    start("1.0", manifest("a"))
    tasks = KnownTasks()
    assert tasks.keys() == {"a"}

    with ThreadPoolExecutor(2) as threads, connected(ledger.postgres.url, "bellhop") as connection:
        connection.execute(text("LOCK TABLE task_releases"))
        earlier = threads.submit(tasks.look_again)
        wait_until(lambda: ledger.sql("SELECT 1 FROM pg_locks WHERE NOT granted"))
        publish(Session(connection), "1.1", [manifest("b")])
        asked = threads.submit(tasks.look_again)
        connection.commit()
        assert {earlier.result(), asked.result()} & {True}

    assert tasks.current().tasks.keys() == {"a", "b"}


def test_a_change_is_seen_after_a_hint() -> None:
    start("1.0", manifest("a", "one"))
    tasks = KnownTasks()
    assert tasks["a"].queue == "one"

    start("1.1", manifest("a", "two"))
    tasks.expire()
    assert tasks["a"].queue == "two"


def test_a_later_release_may_say_more_than_this_one_reads(ledger: Stack) -> None:
    start("1.0", manifest("a"))
    ledger.sql("""UPDATE tasks SET policy = policy || '{"new": 1}' || '{"batch": 7}'""")

    assert KnownTasks()["a"].manifest.policy.batch == 7


def test_a_task_that_cannot_be_read_hides_no_other(ledger: Stack) -> None:
    start("1.0", manifest("a"), manifest("b"))
    ledger.sql("""UPDATE tasks SET arguments = '{"pattern": "("}' WHERE name = 'a'""")

    assert known().keys() == {"b"}
