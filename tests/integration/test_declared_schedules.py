"""Schedules that the code declares: they become rows, go out of service with the code, and come back with it."""

from typing import Any

import pytest

from bellhop.builtins import accounts, files
from bellhop.manifest import manifest_of
from bellhop.signature import Cron, Every, Signature
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import Schedule, Source, edit
from bellhop_ledger.schedules.declared import BadDeclaration, declare_all
from tests.firing import changes, row, scheduled
from tests.stack import Stack

pytestmark = pytest.mark.usefixtures("no_schedules")
TICK = files.prune.name


def declare(*tasks: Signature[..., Any]) -> None:
    with transaction() as db:
        declare_all(db, [manifest_of(task) for task in tasks or [files.prune]])


def ticks(task: str = TICK) -> list[Schedule]:
    with transaction() as db:
        query = db.query(Schedule).filter_by(source=Source.CODE, task=task)
        return list(query.order_by(Schedule.created_at))


@pytest.fixture
def dropped(no_schedules: None) -> None:
    """After a release with the task, one without it."""
    declare()
    declare(accounts.tidy)


def reports(**schedules: Every | Cron) -> Signature[..., Any]:
    """A release's task with these schedules."""

    def stub(*, full: bool = False) -> None:
        """Report."""

    return Signature("unit.report", stub, schedules=schedules)


def test_what_the_code_declares_becomes_one_row_however_often_it_starts() -> None:
    declare()
    declare()

    [tick] = ticks()
    assert (tick.name, tick.interval_seconds, tick.active) == (TICK, 60, True)
    assert changes(tick.id) == [("created", "code")]


@pytest.mark.usefixtures("dropped")
def test_what_the_code_no_longer_declares_goes_out_of_service() -> None:
    [tick] = ticks()

    assert (tick.active, tick.fire_at) == (False, None)
    assert changes(tick.id)[-1] == ("deleted", "code")


@pytest.mark.usefixtures("dropped")
def test_what_the_code_declares_again_comes_back_with_its_history() -> None:
    declare()

    [tick] = ticks()
    assert (tick.name, tick.active, tick.fire_at is not None) == (TICK, True, True)
    assert [action for action, _ in changes(tick.id)] == ["created", "deleted", "revived"]


@pytest.mark.usefixtures("dropped")
def test_what_comes_back_is_called_otherwise_when_its_name_was_given_away() -> None:
    taken = scheduled(name=TICK)
    declare()

    [tick] = ticks()
    assert (tick.name, row(taken).name) == (f"{TICK} (code)", TICK)


def test_what_people_had_paused_comes_back_paused() -> None:
    declare()
    with transaction() as db:
        edit.change(db, edit.locked(db, ticks()[0].id), {"enabled": False}, by="test", action="paused")
    declare(accounts.tidy)
    declare()

    [tick] = ticks()
    assert (tick.deleted_at, tick.enabled, tick.fire_at) == (None, False, None)


def test_a_task_may_declare_several_schedules_each_with_a_key_and_arguments() -> None:
    declare(reports(nightly=Cron("0 3 * * *", zone="Europe/Vienna", args={"full": True}), often=Every(seconds=60)))

    nightly, often = ticks("unit.report")
    assert (nightly.name, nightly.key, nightly.args) == ("unit.report nightly", "nightly", {"full": True})
    assert (nightly.crontab, nightly.time_zone) == ("0 3 * * *", "Europe/Vienna")
    assert (often.name, often.interval_seconds, often.args) == ("unit.report often", 60, {"full": False})


def test_each_of_several_goes_out_of_service_alone() -> None:
    declare(reports(nightly=Cron("0 3 * * *"), often=Every(seconds=60)))
    declare(reports(nightly=Cron("0 4 * * *")))

    nightly, often = ticks("unit.report")
    assert (nightly.active, nightly.crontab, often.active) == (True, "0 4 * * *", False)


def test_a_schedule_that_gets_a_key_goes_on_with_its_history() -> None:
    declare(Signature("unit.report", reports().stub, schedules=Every(seconds=60)))
    [before] = ticks("unit.report")
    declare(reports(often=Every(seconds=60), nightly=Cron("0 3 * * *")))

    often, nightly = ticks("unit.report")
    assert (often.id, often.key, often.active) == (before.id, "often", True)
    assert (nightly.key, nightly.active) == ("nightly", True)


def test_a_schedule_of_the_release_before_goes_on_under_its_name(ledger: Stack) -> None:
    declare()
    ledger.sql("UPDATE schedules SET key = NULL")
    declare()

    [tick] = ticks()
    assert (tick.name, tick.key, changes(tick.id)) == (TICK, "", [("created", "code")])


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (Cron("0 25 * * *"), "crontab"),
        (Cron("0 3 * * *", zone="Mars/Olympus"), "Mars/Olympus"),
        (Every(seconds=60, args={"full": "yes"}), "full: must be true or false"),
        (Every(seconds=60, args={"fill": True}), "fill: is not known here"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_task_and_its_key(rule: Every | Cron, reason: str) -> None:
    with pytest.raises(BadDeclaration, match=r"unit.report: the schedule 'nightly' that it declares: ") as refused:
        declare(reports(nightly=rule))

    assert reason in str(refused.value)
