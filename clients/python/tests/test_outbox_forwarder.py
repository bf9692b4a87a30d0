"""The forwarder on a real system: what it carries over, and how it goes on after errors."""

import logging
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from bellhop_client import Client, JobRequest, Refused, Unreachable
from bellhop_client.errors import Problem
from bellhop_client.outbox import Carried, Forwarder
from bellhop_client.outbox.forwarder import pause_after
from tests.own_connections import with_django, with_psycopg, with_psycopg2
from tests.own_database import OwnDatabase
from tests.relay import BATCH, Relay, keys_of
from tests.site import Asked, Raw, Says, Site
from tests.stack import PATIENCE, Stack, wait_until


def by_url(url: str) -> str:
    return url


def by_psycopg(url: str) -> Callable[[], Any]:
    return lambda: with_psycopg(url, autocommit=True).connection


def by_psycopg2(url: str) -> Callable[[], Any]:
    return lambda: with_psycopg2(url).connection


def by_an_engine(url: str) -> Callable[[], Any]:
    return sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool).connect


def by_a_session(url: str) -> Callable[[], Any]:
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg2:"), poolclass=NullPool)
    return lambda: Session(engine)


def by_django(url: str) -> Callable[[], Any]:
    return lambda: with_django(url).connection


@pytest.mark.parametrize("way", [by_url, by_psycopg, by_psycopg2, by_an_engine, by_a_session, by_django])
def test_a_forwarder_reaches_the_database_by_any_library(
    bellhop: Client, store: OwnDatabase, way: Callable[[str], Any]
) -> None:
    store.write(*(store.addition(number) for number in range(5)))

    carried = Forwarder(bellhop, way(store.url), batch=2).drain()

    assert carried == Carried(accepted=5, refused=0)
    assert (sorted(store.numbers()), store.waiting()) == (list(range(5)), 0)


def test_what_is_written_while_it_runs_is_carried_over_and_happens(
    bellhop: Client, store: OwnDatabase, stack: Stack
) -> None:
    with Forwarder(bellhop, store.url):
        store.write(JobRequest("test.write", {"key": store.tag}, label="From the shop", tags=[store.tag]))
        wait_until(lambda: stack.sql("SELECT label FROM jobs WHERE %s = ANY(tags) AND state = 'succeeded'", store.tag))

    assert stack.sql("SELECT count(*) FROM effects WHERE key = %s", store.tag) == [(1,)]
    assert store.sql("SELECT count(*) FROM bellhop_outbox") == [(0,)]


def test_jobs_go_in_the_order_of_the_table(through: Client, store: OwnDatabase, site: Site) -> None:
    site.answers[BATCH] = Says(202, b"{}")
    keys = store.write(*(store.addition(number) for number in range(7)))

    Forwarder(through, store.url, batch=3).drain()

    assert [keys_of(asked) for asked in site.asked] == [keys[:3], keys[3:6], keys[6:]]


def test_the_key_of_a_job_is_that_of_a_submission(bellhop: Client, store: OwnDatabase) -> None:
    store.write(JobRequest("test.noop", tags=[store.tag], key=store.tag))
    Forwarder(bellhop, store.url).drain()

    [job] = bellhop.list(tag=store.tag)
    assert bellhop.submit("test.noop", tags=[store.tag], key=store.tag).id == job.id


def test_a_receipt_that_never_came_makes_no_second_job(
    through: Client, store: OwnDatabase, stack: Stack, site: Site
) -> None:
    relay = Relay(stack, cuts=2)
    site.answers[BATCH] = relay
    store.write(*(store.addition(number) for number in range(5)))

    with Forwarder(through, store.url):
        wait_until(lambda: not store.waiting())

    assert sorted(store.numbers()) == list(range(5))
    assert len(relay.keys) == 3


def test_two_forwarders_share_the_work_and_wait_for_nothing(
    through: Client, bellhop: Client, store: OwnDatabase, stack: Stack, site: Site
) -> None:
    relay, has_begun, may_go_on = Relay(stack, cuts=0), Event(), Event()

    def hold(asked: Asked) -> Says | Raw:
        has_begun.set()
        assert may_go_on.wait(PATIENCE)
        return relay(asked)

    site.answers[BATCH] = hold
    keys = store.write(*(store.addition(number) for number in range(100)))
    with Forwarder(through, store.url, batch=10):
        assert has_begun.wait(PATIENCE)

        assert Forwarder(bellhop, store.url).drain() == Carried(90, 0)

        assert sorted(store.numbers()) == list(range(10, 100))
        may_go_on.set()
        wait_until(lambda: not store.waiting())
    assert sorted(store.numbers()) == list(range(100))
    assert [keys_of(asked) for asked in site.asked] == [keys[:10]]


def test_a_stop_lets_the_batch_end_and_begins_no_other(
    through: Client, store: OwnDatabase, stack: Stack, site: Site
) -> None:
    relay = Relay(stack, cuts=0)

    def stop_meanwhile(asked: Asked) -> Says | Raw:
        forwarder.stop()
        return relay(asked)

    site.answers[BATCH] = stop_meanwhile
    store.write(*(store.addition(number) for number in range(5)))
    forwarder = Forwarder(through, store.url, batch=2)

    forwarder.run()

    assert (sorted(store.numbers()), store.waiting()) == ([0, 1], 3)


def test_a_forwarder_can_be_started_again_but_not_twice(bellhop: Client, store: OwnDatabase) -> None:
    forwarder = Forwarder(bellhop, store.url)
    with forwarder, pytest.raises(RuntimeError, match="runs already"):
        forwarder.start()

    with forwarder:
        store.write(store.addition(1))
        wait_until(lambda: not store.waiting())


def test_it_goes_on_after_the_database_has_ended_its_connection_or_had_no_table(
    bellhop: Client, store: OwnDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
    caplog.set_level(logging.WARNING)
    store.sql("ALTER TABLE bellhop_outbox RENAME TO elsewhere")
    with Forwarder(bellhop, store.url):
        wait_until(lambda: 'UndefinedTable: relation "bellhop_outbox" does not exist' in caplog.text)
        store.sql("ALTER TABLE elsewhere RENAME TO bellhop_outbox")
        store.write(store.addition(1))
        wait_until(lambda: not store.waiting())

        wait_until(lambda: store.sql(f"{end} pg_backend_pid()"))
        wait_until(lambda: "AdminShutdown" in caplog.text)
        store.write(store.addition(2))
        wait_until(lambda: not store.waiting())


def test_pauses_grow_and_are_as_long_as_the_server_wants() -> None:
    busy = Refused(Problem(429, "Too Many Requests", "no", retry_after=40))

    assert 0.25 <= pause_after(1, Unreachable()) <= 0.5
    assert 5 <= pause_after(5_000, Unreachable()) <= 10
    assert 40 < pause_after(1, busy) <= 40.5


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"batch": 0}, "batch: must be 1 to 10,000"),
        ({"batch": 10_001}, "batch: must be 1 to 10,000"),
        ({"poll": 0}, "poll: must be more than 0"),
        ({"database": "mysql://me:sesame@host/name"}, "dsn: must be the URL of a Postgres database"),
        ({"database": "postgresql://me@host:sesame/name"}, "dsn: must be the URL of a Postgres database"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(bellhop: Client, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}") as refused:
        Forwarder(bellhop, **({"database": "postgresql://host/name"} | options))

    assert "sesame" not in str(refused.value)
