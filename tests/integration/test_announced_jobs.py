"""Jobs that no process of ours sends: their commit tells the scheduler, which sends them before its sweep would."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.due import CHANNEL, UNSENT
from bellhop_ledger.ledger.outbox_sender import outbox_sender
from bellhop_ledger.ledger.submit import NewJob, submit, submit_all
from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.platform.database import transaction
from bellhop_scheduler import readings
from bellhop_scheduler.broker import Broker, Resting
from bellhop_scheduler.leader import Leader
from bellhop_scheduler.maintenance import PAUSE_AFTER_WORK, Maintenance
from bellhop_scheduler.sending import Sending
from bellhop_scheduler.settings import SchedulerSettings
from tests import shop
from tests.locks import uncommitted
from tests.stack import Stack
from tests.tasks.signatures import noop, write

INSERT = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, run_at, queued_at, state)
    VALUES (uuidv7(), 'test.noop', '{}', 'default', 5, 3, now(), now(), 'queued')
"""
DRIVERS = ["psycopg2", "psycopg"]


@pytest.fixture
def heard(ledger: Stack) -> Iterator[Callable[[], list[str]]]:
    """Return what the scheduler has been told since the last call."""
    with closing(psycopg2.connect(ledger.postgres.url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")

            def told() -> list[str]:
                cursor.execute("SELECT")  # what was committed before is delivered before the answer
                connection.poll()
                carried = [one.payload for one in connection.notifies]
                connection.notifies.clear()
                return carried

            yield told


@pytest.fixture
def guest(ledger: Stack, request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session that an application has opened, with a driver of its own."""
    url = make_url(ledger.application_url).set(drivername=f"postgresql+{request.param}")
    engine = create_engine(url, connect_args={"options": "-csearch_path=bellhop"})
    with Session(engine) as db:
        yield db
    engine.dispose()


def of_sql(ledger: Stack) -> None:
    shop.submit(shop.open_shop(ledger), "test.noop")


def of_a_plain_insert(ledger: Stack) -> None:
    ledger.sql(INSERT)


def of_a_request(_: Stack) -> None:
    with transaction() as db:
        submit_all(db, [NewJob(noop, {}, request_id="a-request")], publish=False)


def of_a_schedule(_: Stack) -> None:
    with transaction() as db:
        submit_all(db, [NewJob(noop, {}, schedule="nightly", due_at=db.scalar(text("SELECT now()")))], publish=False)


def with_a_date(ledger: Stack) -> None:
    shop.submit(shop.open_shop(ledger), "test.noop", {}, "delay => '1 hour'")


Write = Callable[[Stack], None]
Heard = Callable[[], list[str]]


@pytest.mark.parametrize("write", [of_sql, of_a_plain_insert])
def test_a_job_of_another_application_is_announced(ledger: Stack, heard: Heard, write: Write) -> None:
    write(ledger)

    assert heard() == [UNSENT]


@pytest.mark.parametrize("write", [of_a_request, of_a_schedule, with_a_date])
def test_a_job_that_is_sent_or_found_in_time_is_not(ledger: Stack, heard: Heard, write: Write) -> None:
    write(ledger)

    assert heard() == []


def test_many_jobs_of_a_transaction_are_announced_once_and_at_its_end(ledger: Stack, heard: Heard) -> None:
    with uncommitted(ledger, "SELECT bellhop.submit('test.noop') FROM generate_series(1, 100)"):
        assert heard() == []

    assert heard() == [UNSENT]


@pytest.mark.parametrize("guest", DRIVERS, indirect=True)
def test_a_session_of_an_application_announces_what_it_submits(guest: Session, heard: Heard) -> None:
    id = submit(guest, write, key="a guest's").id
    guest.commit()

    assert heard() == [UNSENT]
    assert guest.info == {}, "nobody would call what is collected for after the commit"
    with transaction() as db:
        assert db.get_one(Job, id).args == {"key": "a guest's", "seconds": 0.0}


@pytest.mark.parametrize("guest", DRIVERS, indirect=True)
def test_what_a_session_of_an_application_undoes_is_not_there(guest: Session, heard: Heard) -> None:
    submit(guest, write, key="undone")
    guest.rollback()

    assert heard() == []
    assert unpublished() == 0


def test_the_announced_are_sent_however_new_they_are_and_no_others(ledger: Stack) -> None:
    of_sql(ledger), of_a_plain_insert(ledger), of_a_request(ledger)
    ledger.sql("UPDATE jobs SET queued_at = now() + interval '1 hour'")  # newer than any that the sweep takes
    sending, before = Sending(Broker()), sent()

    sending.send_unsent()
    left_to_the_sweep = unpublished()
    sending.send_announced()

    assert (left_to_the_sweep, unpublished(), sent() - before) == (3, 1, 2)


def test_while_redis_is_away_the_announced_are_left_to_the_sweep(ledger: Stack) -> None:
    of_sql(ledger)
    broker = Broker()
    broker.rest(ConnectionError("Redis is away"))

    with pytest.raises(Resting):
        Sending(broker).send_announced()

    assert unpublished() == 1


@pytest.mark.usefixtures("ledger")
def test_a_scheduler_that_begins_to_lead_looks_for_what_was_announced_to_nobody() -> None:
    maintenance = Maintenance(Broker(), SchedulerSettings.load())
    before = maintenance.sleep(60)

    maintenance.begin()

    assert (before, maintenance.sleep(60)) == (60, PAUSE_AFTER_WORK)


@pytest.fixture
def leader(ledger: Stack) -> Iterator[Leader]:
    """A scheduler that leads, and so listens."""
    made = Leader()
    assert made.leads()
    yield made
    made.resign()


def test_the_leader_is_woken_and_says_by_what(ledger: Stack, leader: Leader) -> None:
    of_sql(ledger), of_sql(ledger)

    assert leader.sleep(60) == {UNSENT}


def unpublished() -> int:
    """Return how many jobs nobody has sent."""
    assert outbox_sender().flush(10)
    with transaction() as db:
        return int(db.scalar(text("SELECT count(*) FROM jobs WHERE published_at IS NULL")) or 0)


def sent() -> Any:
    return readings.ANNOUNCED._value.get()
