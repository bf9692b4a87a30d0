"""Schedules that the code declares: they become rows, go out of service with the code, and come back with it."""

from collections.abc import Iterator

import pytest

from bellhop.signature import registry
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import Schedule, Source, edit
from bellhop_ledger.schedules.declared import declare_all
from bellhop_timer import tables
from tests.clockwork import changes, row, scheduled

pytestmark = pytest.mark.usefixtures("no_schedules")
TICK = tables.tick.name


def declare() -> None:
    with transaction() as db:
        declare_all(db)


def ticks() -> list[Schedule]:
    with transaction() as db:
        return list(db.query(Schedule).filter_by(source=Source.CODE, task=TICK))


@pytest.fixture
def dropped(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A release without the timer; undo it for the one that has it again."""
    declare()
    with monkeypatch.context() as release:
        release.delitem(registry, TICK)
        declare()
        yield release


def test_what_the_code_declares_becomes_one_row_however_often_it_starts() -> None:
    declare()
    declare()

    [tick] = ticks()
    assert (tick.name, tick.interval_seconds, tick.active) == (TICK, 1, True)
    assert changes(tick.id) == [("created", "code")]


def test_what_the_code_no_longer_declares_goes_out_of_service(dropped: pytest.MonkeyPatch) -> None:
    [tick] = ticks()

    assert (tick.active, tick.fire_at) == (False, None)
    assert changes(tick.id)[-1] == ("deleted", "code")


def test_what_the_code_declares_again_comes_back_with_its_history(dropped: pytest.MonkeyPatch) -> None:
    dropped.undo()
    declare()

    [tick] = ticks()
    assert (tick.name, tick.active, tick.fire_at is not None) == (TICK, True, True)
    assert [action for action, _ in changes(tick.id)] == ["created", "deleted", "revived"]


def test_what_comes_back_is_called_otherwise_when_its_name_was_given_away(dropped: pytest.MonkeyPatch) -> None:
    taken = scheduled(name=TICK)
    dropped.undo()
    declare()

    [tick] = ticks()
    assert (tick.name, row(taken).name) == (f"{TICK} (code)", TICK)


def test_what_people_had_paused_comes_back_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    declare()
    with transaction() as db:
        edit.change(db, edit.locked(db, ticks()[0].id), {"enabled": False}, by="test", action="paused")
    with monkeypatch.context() as release:
        release.delitem(registry, TICK)
        declare()
    declare()

    [tick] = ticks()
    assert (tick.deleted_at, tick.enabled, tick.fire_at) == (None, False, None)
