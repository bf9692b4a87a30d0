"""Closing dates: who may move them, and what can happen at the same moment, forced."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.tokens import Scope
from bellhop_ledger.ledger import claim, control
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_polls import bodies
from bellhop_polls.tables import Poll
from bellhop_polls.web import actions
from bellhop_polls.web.requests import NewPoll
from bellhop_web.auth.callers import Caller
from bellhop_web.jobs.requests import Origin
from tests.cast import TestUser
from tests.integration.test_ledger_interleavings import open_transaction
from tests.problems import fields_of
from tests.stack import Stack, wait_until
from workloads.polls.tests.polls import closing_job, opened, votes

LATER = datetime(2031, 1, 1, tzinfo=UTC)
SYSTEM = Caller("token:x", None, None, Role.OPERATOR, Scope.WRITE)
NOBODY = Origin("test", "test", "/api/polls", None, None)


@pytest.fixture
def anna(stack: Stack) -> TestUser:
    return stack.user()


@pytest.fixture
def person(ledger: Stack) -> UUID:
    return ledger.user().id


@pytest.fixture(autouse=True)
def no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the verbs be called outside of a request, of which the audit would say who asks."""
    monkeypatch.setattr(actions, "note_act", lambda *_, **__: None)


def open_here(db: Session, owner: UUID) -> UUID:
    person = Caller(f"user:{owner}", owner, "anna@example.org", Role.OPERATOR, Scope.WRITE)
    return actions.open_poll(db, NewPoll(title="Which?", options=["Tea", "Coffee"]), person, NOBODY)


def opened_here(owner: UUID) -> UUID:
    with transaction() as db:
        return open_here(db, owner)


def found(id: UUID) -> Poll:
    with transaction() as db:
        return db.get_one(Poll, id)


def voted(id: UUID) -> int:
    with transaction() as db:
        count: int = db.execute(text("SELECT count(*) FROM polls.votes WHERE poll_id = :id"), {"id": id}).scalar_one()
    return count


def let_date_pass(id: UUID) -> None:
    with transaction() as db:
        past = "UPDATE polls.polls SET created_at = now() - interval '2 s', closes_at = now() WHERE id = :id"
        db.execute(text(past), {"id": id})


def waits_for_a_lock() -> bool:
    with transaction() as db:
        return bool(db.execute(text("SELECT 1 FROM pg_locks WHERE NOT granted")).all())


def meanwhile(act: Callable[[Session], Any]) -> tuple[Thread, list[Any]]:
    """Do it in a transaction of its own and give what came of it, as soon as it waits for somebody's lock."""
    came: list[Any] = []

    def do() -> None:
        try:
            with transaction() as db:
                came.append(act(db))
        except Exception as error:
            came.append(error)

    thread = Thread(target=do)
    thread.start()
    wait_until(waits_for_a_lock)
    return thread, came


def test_a_vote_that_is_being_written_when_the_poll_closes_is_waited_for_and_counted(person: UUID) -> None:
    id = opened_here(person)

    with open_transaction() as voting:
        actions.vote(voting, id, 1, person)
        thread, _ = meanwhile(lambda db: actions.close_early(db, id, SYSTEM))
        assert found(id).closed_at is None
        voting.commit()
        thread.join()

    assert found(id).closed_at is not None
    assert voted(id) == 1


def test_a_vote_that_comes_while_the_poll_is_being_closed_is_refused(person: UUID) -> None:
    id = opened_here(person)

    with open_transaction() as closing:
        actions.close_early(closing, id, SYSTEM)
        thread, came = meanwhile(lambda db: actions.vote(db, id, 1, person))
        closing.commit()
        thread.join()

    assert isinstance(came[0], actions.PollClosed)
    assert voted(id) == 0


def test_the_closing_job_waits_for_a_vote_that_is_being_written(person: UUID) -> None:
    id = opened_here(person)
    let_date_pass(id)

    with open_transaction() as voting:
        voting.execute(text("SELECT FROM polls.polls WHERE id = :id FOR SHARE"), {"id": id})  # as a vote does
        thread, came = meanwhile(lambda db: bodies.close(db, poll_id=id))
        voting.commit()
        thread.join()

    assert came == [True]
    assert found(id).closed_at == found(id).closes_at


def test_a_closing_job_that_comes_too_early_or_twice_does_nothing(person: UUID) -> None:
    id = opened_here(person)
    with transaction() as db:
        early = bodies.close(db, poll_id=id)
    let_date_pass(id)

    with transaction() as db:
        assert [early, bodies.close(db, poll_id=id), bodies.close(db, poll_id=id)] == [False, True, False]


def test_a_poll_and_its_closing_are_stored_together_or_not_at_all(person: UUID) -> None:
    with suppress(ZeroDivisionError), transaction() as db:
        id = open_here(db, person)
        raise ZeroDivisionError

    with transaction() as db:
        assert db.get(Poll, id) is None
        assert db.execute(text("SELECT count(*) FROM jobs")).scalar_one() == 0


def test_a_closing_that_has_begun_is_replaced_when_the_date_is_moved(person: UUID) -> None:
    id = opened_here(person)
    first = found(id).closing_job_id
    with transaction() as db:
        control.move(db, first, clock.now(), by=Actor("user:me"))

    with open_transaction() as running:
        assert [job.id for job in claim.lock(running, [first], seconds=9, silence=9)] == [first]
        with transaction() as db:
            actions.move_closing(db, id, LATER, SYSTEM)
        assert bodies.close(running, poll_id=id) is False
        running.commit()

    with transaction() as db:
        second = control.find(db, found(id).closing_job_id)
    assert second.id != first
    assert (second.state, second.run_at, second.args) == (State.SCHEDULED, LATER, {"poll_id": str(id)})


def test_a_closing_job_that_somebody_cancelled_is_replaced_when_the_date_is_moved(stack: Stack, anna: TestUser) -> None:
    id = opened(anna)["id"]
    cancelled = closing_job(stack, id)["id"]
    stack.http.post(f"/api/jobs/{cancelled}/cancel")

    anna.http.patch(f"/api/polls/{id}", json={"closes_at": LATER.isoformat()})

    job = closing_job(stack, id)
    assert (job["id"] != cancelled, job["state"], job["run_at"]) == (True, "scheduled", "2031-01-01T00:00:00Z")


def test_moving_the_date_moves_the_same_job(stack: Stack, anna: TestUser) -> None:
    id = opened(anna)["id"]
    before = closing_job(stack, id)

    for moment in (LATER, LATER - timedelta(days=1)):
        answer = anna.http.patch(f"/api/polls/{id}", json={"closes_at": moment.isoformat()})
        assert datetime.fromisoformat(answer.json()["closes_at"]) == moment
        assert datetime.fromisoformat(closing_job(stack, id)["run_at"]) == moment

    assert closing_job(stack, id)["id"] == before["id"]


def test_only_the_owner_and_operators_may_move_the_date_or_close(stack: Stack, anna: TestUser) -> None:
    id = opened(anna)["id"]
    stranger, operator = stack.user(), stack.user("operator")
    path, body = f"/api/polls/{id}", {"closes_at": LATER.isoformat()}

    assert fields_of(stranger.http.patch(path, json=body), 403) == []
    assert fields_of(stranger.http.post(f"{path}/close"), 403) == []
    may = [one.http.get(path).json()["may_edit"] for one in (anna, stranger, operator)]
    assert may == [True, False, True]
    assert operator.http.patch(path, json=body).status_code == 200
    assert operator.http.post(f"{path}/close").status_code == 200


@pytest.mark.parametrize("moment", ["1970-01-01", "2040-01-01", "10000-01-01", 1e300, "soon", None])
def test_a_date_that_cannot_be_is_refused_and_nothing_moves(stack: Stack, anna: TestUser, moment: Any) -> None:
    poll = opened(anna)

    answer = anna.http.patch(f"/api/polls/{poll['id']}", json={"closes_at": moment})

    assert fields_of(answer) == ["closes_at"]
    assert closing_job(stack, poll["id"])["run_at"] == poll["closes_at"]


def test_a_closed_poll_stays_closed(stack: Stack, anna: TestUser) -> None:
    id = opened(anna)["id"]
    anna.http.post(f"/api/polls/{id}/close")

    assert fields_of(anna.http.patch(f"/api/polls/{id}", json={"closes_at": LATER.isoformat()}), 410) == []
    assert fields_of(anna.http.post(f"/api/polls/{id}/close"), 410) == []
    assert stack.ended(closing_job(stack, id)["id"])["result"] is False


@pytest.mark.long
def test_a_poll_whose_date_passes_while_everything_is_down_is_closed_at_the_start(
    make_stack: Callable[..., Stack],
) -> None:
    stack = make_stack("web")
    owner = stack.user()
    soon = stack.sql("SELECT extract(epoch FROM now() + interval '1.5 s')::float8")[0][0]
    poll = opened(owner, closes_at=soon)
    owner.http.post(f"/api/polls/{poll['id']}/votes", json={"option": 1})
    stack.services["web"].stop(15)
    stack.redis.stop()
    wait_until(lambda: stack.sql("SELECT closes_at < now() FROM polls.polls") == [(True,)])

    stack.redis.start()
    for service in ("web", "worker", "scheduler"):
        stack.start_service(service)
    stack.wait_ready("web")

    assert stack.ended(closing_job(stack, poll["id"])["id"])["result"] is True
    assert stack.sql("SELECT closed_at = closes_at FROM polls.polls") == [(True,)]
    assert votes(stack, poll["id"]) == [1, 0]


def test_a_job_that_closes_a_poll_that_is_not_there_does_nothing(stack: Stack) -> None:
    assert stack.ended(stack.submit("polls.close", args={"poll_id": str(uuid4())})["id"])["result"] is False


def test_a_poll_that_has_closed_since_is_given_back_by_its_key(stack: Stack) -> None:
    owner, key = stack.user(), {"Idempotency-Key": uuid4().hex}
    soon = stack.sql("SELECT extract(epoch FROM now() + interval '1 second')::float8")[0][0]
    body = {"title": "Which?", "options": ["Tea", "Coffee"], "closes_at": soon}
    first = owner.http.post("/api/polls", json=body, headers=key).json()
    wait_until(lambda: stack.http.get(f"/api/polls/{first['id']}").json()["closed_at"])

    assert owner.http.post("/api/polls", json=body, headers=key).json()["id"] == first["id"]
