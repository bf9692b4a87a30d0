"""Reasons: what failures have in common, made in Postgres and kept with the jobs."""

import json
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bellhop_ledger.ledger import claim, control, finish, sweep
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.finish import Failure, Outcome
from bellhop_ledger.ledger.reasons import REASON, words_of
from bellhop_ledger.ledger.retention import forget
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from tests.tasks.signatures import write_leased

pytestmark = pytest.mark.usefixtures("ledger")

WORDS = text(f"SELECT {words_of('CAST(:error AS jsonb)')}")
SAME = {
    "Unanswered|api.example.org refused the connection": "{host} refused the connection",
    "Unexpected|api.example.org:8443 refused the connection": "{host} refused the connection",
    "Unexpected|10.0.0.7 did not answer in time": "{host} did not answer in time",
    "Unexpected|[2001:db8::7]:8080 did not answer in time": "{host} did not answer in time",
    "Unanswered|The answer was 503 Service Unavailable, expected was 200-299": (
        "The answer was 503 Service Unavailable, expected was #-#"
    ),
    "Unanswered|The answer was 404 Not Found, expected was 200-299": "The answer was 404 Not Found, expected was #-#",
    "Permanent|after a redirect (302) to https://a.example/x?y=1: b.example could not be resolved": (
        "after a redirect (#) to {url}: {host} could not be resolved"
    ),
    "NotSent|451 4.3.2 <ada@example.org>: come back later": "# # <{address}>: come back later",
    "ConnectionRefusedError|[Errno 111] Connection refused": "ConnectionRefusedError: [Errno 111] Connection refused",
    "KeyError|'price'": "KeyError: 'price'",
    "ValueError|invalid literal for int() with base 10: '12a'": (
        "ValueError: invalid literal for int() with base #: {value}"
    ),
    "FileNotFoundError|[Errno 2] No such file or directory: '/var/lib/x/7.csv'": (
        "FileNotFoundError: [Errno 2] No such file or directory: {value}"
    ),
    "OSError|cannot open /var/lib/x/7.csv at 2026-11-30T02:41:07+01:00": "OSError: cannot open {path} at {time}",
    "ValueError|cannot read report-2026.csv": "ValueError: cannot read {file}",
    "OutOfStock|order 1042 (01a2fc84-1446-70d9-98c4-5b90e495d2da) is out of stock": (
        "OutOfStock: order # ({id}) is out of stock"
    ),
    "OutOfStock|order_17 of user42 is\n  out of stock": "OutOfStock: order_# of user# is out of stock",
    "GitError|commit 9fceb02d0ae598e95dc970b74767f19372d61af8 is gone": "GitError: commit {id} is gone",
    "Refused|can't take 'tea' from customer cus_NffrFeUfNV2Hib": "Refused: can't take {value} from customer {id}",
    'UniqueViolation|(psycopg2.errors.UniqueViolation) duplicate key value violates unique constraint "orders_pkey"': (
        "UniqueViolation: (psycopg2.errors.UniqueViolation) duplicate key value violates unique constraint {value}"
    ),
    "WorkerLost|": "WorkerLost",
}


def reason(error: Any) -> str | None:
    with transaction() as db:
        db.execute(text("SET LOCAL statement_timeout = '2s'"))
        words: str | None = db.scalar(WORDS, {"error": json.dumps(error)})
    return words


def found(error: str) -> str | None:
    kind, _, message = error.partition("|")
    return reason({"type": kind, "message": message, "traceback": "x"})


def test_what_differs_from_job_to_job_is_masked_and_what_tells_causes_apart_stays() -> None:
    assert {error: found(error) for error in SAME} == SAME


TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(TEXT),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "message", "a"]), inner),
    max_leaves=8,
)
PIECES = st.sampled_from(list("a0f.-:@/'\"[](){} \n\\é😀"))


@settings(max_examples=200)
@given(JSON | st.fixed_dictionaries({"message": st.text(PIECES, max_size=500)}))
def test_there_is_a_short_reason_whatever_the_error_is(error: Any) -> None:
    assert len(reason(error) or "") <= 200


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a.",
        "a-",
        "0",
        "0.",
        "f",
        ":",
        "a@",
        "@",
        "'",
        "\"'",
        "a://",
        "/",
        "[",
        "a1",
        "a_1-",
        "0x",
        "\\",
        "{",
        "é",
        "00:",
    ],
)
def test_no_message_makes_it_slow(piece: str) -> None:
    """The statement has a minute for a thousand messages of 100,000 characters, and needs a second alone."""
    made = "SELECT jsonb_build_object('type', left(x, 1000), 'message', x || n) AS e FROM repeat(:piece, :times) AS x"
    with transaction() as db:
        db.execute(text("SET LOCAL statement_timeout = '60s'"))
        counted = f"SELECT count(failure_reason(e)) FROM generate_series(1, 1000) AS n, LATERAL ({made}) AS made"
        assert db.scalar(text(counted), {"piece": piece, "times": 100_000 // len(piece)}) == 1000


KEEP, WORKER = 60.0, "worker@test"


def submitted() -> UUID:
    with transaction() as db:
        return submit(db, write_leased, key="reason").id


def run(id: UUID, state: State, message: str) -> None:
    """Let an attempt of the job end so."""
    with transaction() as db:
        db.execute(text("UPDATE unfinished_jobs SET state = 'queued', queued_at = now() WHERE state = 'scheduled'"))
        [job] = claim.claim(db, [id], worker=WORKER, lease=(lease := uuid4()), seconds=60)
    failure = None if state is State.SUCCEEDED else Failure("OutOfStock", message, "Traceback")
    outcome = Outcome(job, state, started_at=clock.now(), failure=failure, delay=60, keep=KEEP)
    with transaction() as db:
        assert finish.finish(db, [outcome], worker=WORKER, lease=lease) == {id}


def row(id: UUID) -> Job:
    with transaction() as db:
        return control.find(db, id)


def test_jobs_that_fail_of_the_same_have_one_reason_while_they_are_tried_again_and_in_the_end() -> None:
    one, other = submitted(), submitted()
    run(one, State.FAILED, "order 7 is out of stock")
    run(other, State.SCHEDULED, "order 1042 is out of stock")
    reason, tried = row(one).reason, row(other).reason

    run(other, State.FAILED, "order 1042 is out of stock")

    assert reason is not None
    assert re.fullmatch(REASON, reason)
    assert (tried, row(other).reason) == (reason, reason)


def test_a_job_that_succeeds_or_is_retried_by_somebody_has_no_reason_any_more() -> None:
    one, other = submitted(), submitted()
    for id in (one, other):
        run(id, State.SCHEDULED, "out of stock")
    run(one, State.SUCCEEDED, "")
    run(other, State.FAILED, "out of stock")

    with transaction() as db:
        control.retry(db, other, by=Actor("test"))

    assert (row(one).reason, row(other).reason) == (None, None)


def test_what_is_lost_or_expires_has_a_reason_too() -> None:
    lost, expired = submitted(), submitted()
    with transaction() as db:
        claim.claim(db, [lost], worker=WORKER, lease=uuid4(), seconds=-1)
        db.execute(text("UPDATE unfinished_jobs SET start_before = now() WHERE id = :id"), {"id": expired})
    with transaction() as db:
        sweep.lose_expired(db, keep=KEEP)
        sweep.cancel_expired(db, keep=KEEP, most=10)
        forget.file_ended(db, most=10)

    assert row(lost).state is State.QUEUED
    assert row(expired).state is State.CANCELLED
    assert None not in {row(lost).reason, row(expired).reason}
