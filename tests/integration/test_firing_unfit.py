"""Schedules that cannot be fired: they are set aside with the reason, and the others go on."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import pytest
from sqlalchemy import text

from bellhop_ledger.broker.messages import ReadyJob
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import edit
from bellhop_scheduler.broker import Broker, Resting
from bellhop_scheduler.rounds import Fire
from tests.firing import NOON, changes, fire, row, runs, scheduled
from tests.stack import Stack

pytestmark = pytest.mark.usefixtures("no_schedules")
REFUSE = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a bug of ours'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON jobs FOR EACH ROW WHEN (NEW.args->>'what' = 'poison')
        EXECUTE FUNCTION refuse()
"""


def make_due(id: UUID) -> None:
    """Make a run due by the clock of the database, as the running scheduler reads it."""
    with transaction() as db:
        db.execute(text("UPDATE schedules SET next_due_at = now(), fire_at = now() WHERE id = :id"), {"id": id})


@pytest.fixture
def poison(ledger: Stack) -> Iterator[str]:
    """An argument with which no job can be written."""
    ledger.sql(REFUSE)
    yield "poison"
    ledger.sql("DROP FUNCTION refuse CASCADE")


def test_a_schedule_whose_task_is_gone_is_disabled_with_the_reason_and_the_others_run() -> None:
    id = scheduled()
    scheduled(name="another")
    with transaction() as db:
        db.execute(text("UPDATE schedules SET task = 'gone.away' WHERE id = :id"), {"id": id})

    assert fire(NOON) == [NOON]
    assert row(id).disabled_reason == "There is no task gone.away any more"
    assert row(id).fire_at is None


def test_a_schedule_whose_arguments_no_longer_fit_is_disabled_with_the_field() -> None:
    id = scheduled()
    with transaction() as db:
        db.execute(text("UPDATE schedules SET args = '{}', fingerprint = 'of an earlier release'"))

    assert fire(NOON) == []
    assert "args.what: is required" in str(row(id).disabled_reason)


def test_a_schedule_that_cannot_be_read_is_disabled_with_the_reason() -> None:
    id = scheduled()
    with transaction() as db:
        db.execute(text("UPDATE schedules SET time_zone = 'Mars/Olympus'"))

    assert fire(NOON) == []
    assert "is not a time zone" in str(row(id).disabled_reason)


def test_one_that_makes_its_batch_fail_is_set_aside_and_the_others_run(poison: str) -> None:
    poisoned, others = scheduled(args={"what": poison}), [scheduled(name=name) for name in "ab"]
    for id in (poisoned, *others):
        make_due(id)

    Fire(Broker()).fire_schedules()

    assert [len(runs(id)) for id in (poisoned, *others)] == [0, 1, 1]
    assert "It cannot be fired" in str(row(poisoned).disabled_reason)
    assert (row(poisoned).fire_at, changes(poisoned)[-1]) == (None, ("disabled", "scheduler"))
    assert all(row(id).active for id in others)


def test_one_that_was_set_aside_runs_again_when_it_is_put_right(poison: str) -> None:
    id = scheduled(args={"what": poison})
    make_due(id)
    turn = Fire(Broker())
    turn.fire_schedules()
    with transaction() as db:
        edit.change(db, edit.locked(db, id), {"args": {"what": "sound"}}, by="test")
    make_due(id)

    turn.fire_schedules()

    assert (row(id).disabled_reason, [outcome for outcome, _ in runs(id)]) == (None, ["fired"])


def test_runs_whose_messages_cannot_be_sent_are_made_and_left_to_be_sent_later() -> None:
    id = scheduled()
    make_due(id)
    broker = Broker()
    broker.rest(ConnectionError("Redis is away"))

    with pytest.raises(Resting):
        Fire(broker).fire_schedules()

    with transaction() as db:
        [job] = db.query(Job)
    assert ([outcome for outcome, _ in runs(id)], job.state, job.published_at) == (["fired"], State.QUEUED, None)


def test_what_was_sent_before_redis_went_away_is_noted_and_the_rest_left_to_be_sent_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Fading(Broker):
        def send_unnoted(self, jobs: Sequence[ReadyJob]) -> None:
            super().send_unnoted(jobs)
            self.rest(ConnectionError("Redis goes away"))

    monkeypatch.setattr("bellhop_scheduler.rounds.FIRED_AT_ONCE", 1)
    for name in "abc":
        make_due(scheduled(name=name))

    with pytest.raises(Resting):
        Fire(Fading()).fire_schedules()

    with transaction() as db:
        sent = [job.published_at is not None for job in db.query(Job).order_by(Job.id)]
    assert sent[:2] == [True, False]
    assert not any(sent[1:])
