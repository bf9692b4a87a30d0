"""Bulk actions are carried out once or undone: forced interleavings, and a scheduler that is killed in the middle."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from sqlalchemy.orm import Session

from bellhop_ledger.bulk_actions import asking, executing
from bellhop_ledger.bulk_actions.asking import BegunAlready, Key, NewAction
from bellhop_ledger.bulk_actions.tables import BulkAction, BulkState, Verb, state_of
from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.submit import KeyReused, NewJob, submit_all
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import engine, transaction
from bellhop_scheduler.broker import Broker
from bellhop_scheduler.bulk_actions import BulkActions
from bellhop_scheduler.forgetting import Forgetting
from tests.locks import someone_waits, uncommitted
from tests.stack import Stack, wait_until
from tests.tasks.signatures import noop

ANN, BEN = Actor("user:ann", "request-1"), Actor("user:ben", "request-2")
KEEP = 3600.0
FAILED = "UPDATE jobs SET state = 'failed', finished_at = now(), expires_at = now() + interval '1 hour', error = '{}'"
MANY = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, attempt, run_at, state, finished_at,
                      tier, forget_on)
    SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), 'test.noop', '{}', 'default', 5, 3, 1, now(), 'failed', now(),
           2, CURRENT_DATE + 7
    FROM generate_series(1, %s) AS n
"""


def waiting(count: int) -> list[UUID]:
    """Jobs that wait to be run."""
    with transaction() as db:
        return [job.id for job in submit_all(db, [NewJob(noop, {}) for _ in range(count)], publish=False)]


def failed(ledger: Stack, count: int) -> list[UUID]:
    """Jobs that have failed."""
    ids = waiting(count)
    ledger.sql(FAILED)
    return ids


def asked(ids: Sequence[UUID], verb: Verb = Verb.RETRY, *, delay: float = 0, key: Key | None = None) -> UUID:
    """A bulk action on these jobs."""
    wanted = NewAction(verb, "task:test.noop", ids, clock.now() + timedelta(seconds=delay), ANN, key)
    with transaction() as db:
        made = asking.ask(db, wanted)
        assert made is not None
    return made.id


def carry_on(id: UUID, piece: int = executing.PIECE) -> executing.Piece | None:
    with transaction() as db:
        return executing.carry_on(db, id, keep=KEEP, piece=piece)


def undo(id: UUID) -> bool:
    with transaction() as db:
        return asking.undo(db, id, by=BEN)[1]


def action(id: UUID) -> BulkAction:
    with transaction() as db:
        return asking.find(db, id)


def states(ledger: Stack) -> dict[str, int]:
    return {str(state): number for state, number in ledger.sql("SELECT state, count(*) FROM jobs GROUP BY state")}


@contextmanager
def open_transaction() -> Iterator[Session]:
    """A second session in the middle of its transaction, which is committed at the end."""
    with Session(engine()) as db, db.begin():
        yield db


def test_all_its_jobs_are_queued_again_in_pieces_and_each_knows_who_has_asked(ledger: Stack) -> None:
    ids = failed(ledger, 5)
    id = asked(ids)

    pieces = [carry_on(id, piece=2) for _ in range(4)]

    assert [piece and (piece.changed, piece.is_last, len(piece.to_send)) for piece in pieces] == [
        (2, False, 2),
        (2, False, 2),
        (1, True, 1),
        None,
    ]
    done = action(id)
    assert (state_of(done), done.handled, done.changed) == (BulkState.DONE, 5, 5)
    assert ledger.sql("SELECT DISTINCT action, by, request_id FROM job_events") == [("retried", *ANN.facts.values())]
    assert states(ledger) == {"queued": 5}


def test_what_waits_is_cancelled_and_what_runs_is_asked_to_stop(ledger: Stack) -> None:
    ids = waiting(3)
    running = "state = 'running', started_at = now(), lease = gen_random_uuid(), lease_expires_at = now()"
    ledger.sql(f"UPDATE jobs SET {running} WHERE id = %s", str(ids[0]))

    piece = carry_on(asked(ids, Verb.CANCEL))

    assert piece is not None
    assert piece.changed == 3
    assert states(ledger) == {"running": 1, "cancelled": 2}
    assert ledger.sql("SELECT job_id::text FROM live_jobs WHERE cancel_requested_at IS NOT NULL") == [(str(ids[0]),)]
    assert ledger.sql("SELECT count(*) FROM job_events WHERE action = 'cancelled'") == [(3,)]


def test_a_job_whose_row_its_run_holds_is_asked_to_stop(ledger: Stack) -> None:
    [id] = waiting(1)

    with uncommitted(ledger, "SELECT FROM jobs WHERE id = %s FOR UPDATE", str(id)):
        piece = carry_on(asked([id], Verb.CANCEL))

    assert piece is not None
    assert (piece.changed, states(ledger)) == (1, {"queued": 1})
    assert ledger.sql("SELECT count(*) FROM live_jobs WHERE cancel_requested_at IS NOT NULL") == [(1,)]


def test_a_job_that_was_retried_meanwhile_is_left_alone_also_if_it_has_failed_again(ledger: Stack) -> None:
    again, still = failed(ledger, 2)
    id = asked([again, still])
    with transaction() as db:
        control.retry(db, again, by=BEN)
    ledger.sql(f"{FAILED} WHERE id = %s", str(again))

    carry_on(id)

    assert action(id).changed == 1
    assert ledger.sql("SELECT state FROM jobs WHERE id = %s", str(again)) == [("failed",)]


def test_who_undoes_while_it_begins_waits_and_is_too_late(ledger: Stack) -> None:
    id = asked(failed(ledger, 2))
    refused: list[BaseException] = []

    def try_to_undo() -> None:
        try:
            undo(id)
        except BegunAlready as error:
            refused.append(error)

    with open_transaction() as db:
        assert executing.carry_on(db, id, keep=KEEP, piece=1)
        thread = Thread(target=try_to_undo)
        thread.start()
        someone_waits(ledger, "%UPDATE bulk_actions%")
    thread.join()

    assert len(refused) == 1
    carry_on(id)
    assert (state_of(action(id)), states(ledger)) == (BulkState.DONE, {"queued": 2})


def test_what_is_being_undone_is_passed_over_and_never_begins(ledger: Stack) -> None:
    id = asked(failed(ledger, 2))

    with open_transaction() as db:
        assert asking.undo(db, id, by=BEN)[1]
        meanwhile = carry_on(id)

    assert (meanwhile, carry_on(id)) == (None, None)
    assert undo(id) is False, "it is undone already"
    assert (action(id).undone_by, states(ledger)) == ("user:ben", {"failed": 2})


def test_two_schedulers_do_no_piece_twice(ledger: Stack) -> None:
    id = asked(failed(ledger, 2))

    with open_transaction() as db:
        assert executing.carry_on(db, id, keep=KEEP, piece=1)
        assert carry_on(id, piece=1) is None

    assert carry_on(id, piece=1) is not None
    assert ledger.sql("SELECT count(*), count(DISTINCT job_id) FROM job_events") == [(2, 2)]


def test_one_that_is_not_due_waits(ledger: Stack) -> None:
    due, later = asked(failed(ledger, 1)), asked([uuid4()], delay=60)

    with transaction() as db:
        found = executing.due(db, most=10)

    assert found == [due]
    assert state_of(action(later)) is BulkState.WAITING


def test_one_that_cannot_be_carried_on_says_why_and_holds_up_no_other(ledger: Stack) -> None:
    bad, good = failed(ledger, 2)
    ledger.sql("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$")
    ledger.sql(
        "CREATE TRIGGER refuse BEFORE INSERT ON job_events FOR EACH ROW "
        f"WHEN (NEW.job_id = '{bad}') EXECUTE FUNCTION refuse()"
    )
    broken, sound = asked([bad]), asked([good])

    try:
        BulkActions(Broker(), KEEP).carry_on()
    finally:
        ledger.sql("DROP FUNCTION refuse CASCADE")

    assert (state_of(action(broken)), state_of(action(sound))) == (BulkState.BROKEN, BulkState.DONE)
    assert "no room" in (action(broken).error or "")
    assert states(ledger) == {"failed": 1, "queued": 1}


def test_a_key_is_known_again_and_stands_for_one_request(ledger: Stack) -> None:
    ids, key = failed(ledger, 1), Key("k", "hash")
    id = asked(ids, key=key)

    with transaction() as db:
        assert asking.ask(db, NewAction(Verb.RETRY, "task:x", ids, clock.now(), ANN, key)) is None
        first = asking.earlier(db, ANN, key)
        assert asking.earlier(db, BEN, key) is None
        with pytest.raises(KeyReused):
            asking.earlier(db, ANN, Key("k", "another"))

    assert first is not None
    assert first.id == id


def test_one_that_ended_long_ago_is_forgotten(ledger: Stack) -> None:
    old, new, undone = (asked(failed(ledger, 1), delay=60) for _ in range(3))
    ledger.sql("UPDATE bulk_actions SET finished_at = now() - interval '2 hours' WHERE id = %s", str(old))
    at = "undone_at = now() - interval '2 hours', undone_by = 'user:ann'"
    ledger.sql(f"UPDATE bulk_actions SET {at} WHERE id = %s", str(undone))

    Forgetting(KEEP, exports=False).forget_bulk_actions()

    assert ledger.sql("SELECT id::text FROM bulk_actions") == [(str(new),)]


def test_a_scheduler_that_is_killed_in_the_middle_does_each_job_once(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("scheduler")
    number = 3 * executing.PIECE
    stack.sql(MANY, number)
    held = executing.PIECE + 10  # in the second piece
    holder: Any = psycopg2.connect(stack.postgres.url)
    with holder.cursor() as cursor:
        cursor.execute("SELECT FROM jobs WHERE id = CAST(lpad(to_hex(%s), 32, '0') AS uuid) FOR UPDATE", (held,))
        stack.sql(
            "INSERT INTO bulk_actions (id, verb, q, number, job_ids, requested_by, runs_at) "
            "SELECT gen_random_uuid(), 'retry', 'all', count(*), array_agg(id ORDER BY id), 'user:ann', now() FROM jobs"
        )
        someone_waits(stack, "%DELETE FROM jobs%")
        assert stack.sql("SELECT handled FROM bulk_actions") == [(executing.PIECE,)]
        stack.signal_all("scheduler", signal.SIGKILL)
        stack.services["scheduler"].stop(5)
        holder.rollback()
    holder.close()
    stack.start_service("scheduler")

    wait_until(lambda: stack.sql("SELECT finished_at FROM bulk_actions")[0][0])

    assert stack.sql("SELECT handled, changed FROM bulk_actions") == [(number, number)]
    assert stack.sql("SELECT count(*), count(DISTINCT job_id) FROM job_events") == [(number, number)]
    assert stack.states() == {"queued": number}
