"""What is done about a run that is due while an earlier one has not ended."""

import pytest

from tests.firing import MINUTE, NOON, finish_all, fire, release, runs, scheduled

pytestmark = pytest.mark.usefixtures("no_schedules")


def test_overlap_skip_makes_no_run_while_the_last_one_has_not_ended() -> None:
    id = scheduled(overlap="skip")
    fire(NOON)

    assert fire(NOON + MINUTE) == []
    finish_all()
    assert fire(NOON + 2 * MINUTE) == [NOON + 2 * MINUTE]
    assert runs(id) == [("fired", NOON), ("skipped", NOON + MINUTE), ("fired", NOON + 2 * MINUTE)]


def test_overlap_allow_makes_runs_beside_each_other() -> None:
    scheduled(overlap="allow")

    assert [fire(NOON), fire(NOON + MINUTE)] == [[NOON], [NOON + MINUTE]]


def test_overlap_queue_has_runs_wait_one_after_another() -> None:
    id = scheduled(overlap="queue")
    fire(NOON)
    assert fire(NOON + MINUTE) == fire(NOON + 2 * MINUTE) == []

    assert release() == []
    finish_all()
    assert release() == [NOON + MINUTE]
    assert release() == []
    finish_all()
    assert release() == [NOON + 2 * MINUTE]
    assert {outcome for outcome, _ in runs(id)} == {"fired"}


def test_overlap_queue_lets_no_more_wait_than_the_ceiling() -> None:
    id = scheduled(overlap="queue", ceiling=1)
    for minutes in range(3):
        fire(NOON + minutes * MINUTE)

    assert [outcome for outcome, _ in runs(id)] == ["fired", "waiting", "skipped"]
