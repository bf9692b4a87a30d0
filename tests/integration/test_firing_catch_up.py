"""What is done about runs that were missed while no scheduler worked."""

from datetime import timedelta

import pytest

from tests.firing import MINUTE, NOON, fire, plan_from, row, runs, scheduled

pytestmark = pytest.mark.usefixtures("no_schedules")


def test_skip_makes_up_for_nothing_that_was_missed() -> None:
    id = scheduled(catch_up="skip")

    assert fire(NOON + 3 * MINUTE + timedelta(seconds=30)) == []
    assert runs(id) == [("missed", NOON)]
    assert row(id).next_due_at == NOON + 4 * MINUTE


def test_skip_makes_a_run_that_a_failover_has_put_off() -> None:
    scheduled(catch_up="skip")

    assert fire(NOON + 3 * MINUTE + timedelta(seconds=14)) == [NOON + 3 * MINUTE]


def test_latest_makes_up_for_the_last_one_only() -> None:
    id = scheduled(catch_up="latest")

    assert fire(NOON + 500 * MINUTE + timedelta(seconds=30)) == [NOON + 500 * MINUTE]
    assert runs(id) == [("missed", NOON), ("fired", NOON + 500 * MINUTE)]


def test_a_grace_period_ends_what_is_made_up_for() -> None:
    id = scheduled(crontab="0 12 * * *", grace_seconds=3600)

    assert fire(NOON + timedelta(hours=2)) == []
    plan_from(id, NOON - MINUTE)
    assert fire(NOON + MINUTE * 59) == [NOON]


def test_all_makes_up_for_each_one_up_to_the_ceiling() -> None:
    scheduled(catch_up="all", ceiling=3)

    assert fire(NOON + 10 * MINUTE) == [NOON + n * MINUTE for n in (8, 9, 10)]


def test_all_makes_up_for_nothing_beyond_the_grace_period() -> None:
    scheduled(catch_up="all", grace_seconds=150)

    assert fire(NOON + 10 * MINUTE) == [NOON + n * MINUTE for n in (8, 9, 10)]


def test_years_of_missed_seconds_are_reckoned_at_once() -> None:
    scheduled(interval_seconds=1, catch_up="all", ceiling=2)
    later = NOON + timedelta(days=3650)

    assert fire(later) == [later - timedelta(seconds=1), later]


MISSED = [NOON + n * MINUTE for n in range(4)]
"""Four runs that are due at once; the moment of looking is half a minute after the last."""


@pytest.mark.parametrize(
    ("catch_up", "overlap", "busy", "outcomes"),
    [
        ("skip", "allow", False, {0: "missed"}),
        ("skip", "skip", False, {0: "missed"}),
        ("skip", "queue", False, {0: "missed"}),
        ("latest", "allow", False, {0: "missed", 3: "fired"}),
        ("latest", "skip", False, {0: "missed", 3: "fired"}),
        ("latest", "queue", False, {0: "missed", 3: "fired"}),
        ("all", "allow", False, {0: "fired", 1: "fired", 2: "fired", 3: "fired"}),
        ("all", "skip", False, {0: "skipped", 1: "skipped", 2: "skipped", 3: "fired"}),
        ("all", "queue", False, {0: "fired", 1: "waiting", 2: "waiting", 3: "waiting"}),
        ("skip", "allow", True, {0: "missed"}),
        ("skip", "skip", True, {0: "missed"}),
        ("skip", "queue", True, {0: "missed"}),
        ("latest", "allow", True, {0: "missed", 3: "fired"}),
        ("latest", "skip", True, {0: "missed", 3: "skipped"}),
        ("latest", "queue", True, {0: "missed", 3: "waiting"}),
        ("all", "allow", True, {0: "fired", 1: "fired", 2: "fired", 3: "fired"}),
        ("all", "skip", True, {0: "skipped", 1: "skipped", 2: "skipped", 3: "skipped"}),
        ("all", "queue", True, {0: "waiting", 1: "waiting", 2: "waiting", 3: "waiting"}),
    ],
)
def test_several_missed_runs_meet_every_pair_of_policies(
    catch_up: str, overlap: str, busy: bool, outcomes: dict[int, str]
) -> None:
    id = scheduled(catch_up=catch_up, overlap=overlap)
    if busy:
        plan_from(id, NOON - 61 * MINUTE)
        fire(NOON - 60 * MINUTE)
        plan_from(id, NOON - MINUTE)

    fire(MISSED[-1] + MINUTE / 2)

    after = [(outcome, due) for outcome, due in runs(id) if due >= NOON]
    assert after == [(outcome, MISSED[n]) for n, outcome in outcomes.items()]


def test_of_more_missed_runs_than_may_wait_the_newest_do() -> None:
    id = scheduled(catch_up="all", overlap="queue", ceiling=4)
    plan_from(id, NOON - 3 * MINUTE)
    fire(NOON - 2 * MINUTE)
    fire(NOON - MINUTE)

    fire(MISSED[-1])

    assert [outcome for outcome, _ in runs(id)] == ["fired", "waiting", "skipped", *["waiting"] * 3]
