"""Jumps ahead: what a zone's clock will do, and what becomes of the runs of a crontab then."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_ledger.platform.zones import Jump, next_jump
from bellhop_ledger.schedules import Timing
from bellhop_ledger.schedules.jumps import Effect, Touched, effect_of, next_touching
from bellhop_ledger.schedules.recurrence import Crontab, Interval

NOW, YEAR = datetime(2026, 11, 30, tzinfo=UTC), timedelta(weeks=53)
BERLIN, NEW_YORK, LORD_HOWE = (ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe"))


def jumps(zone: ZoneInfo) -> list[Jump]:
    first = next_jump(zone, NOW, NOW + YEAR)
    assert first is not None
    second = next_jump(zone, first.at, first.at + YEAR)
    assert second is not None
    return [first, second]


@pytest.mark.parametrize(
    ("zone", "moments", "minutes"),
    [
        (BERLIN, ["2027-03-28T01:00", "2027-10-31T01:00"], [60, -60]),
        (NEW_YORK, ["2027-03-14T07:00", "2027-11-07T06:00"], [60, -60]),
        (LORD_HOWE, ["2027-04-03T15:00", "2027-10-02T15:30"], [-30, 30]),
    ],
)
def test_the_next_jumps_of_a_zone_are_known_to_the_second(
    zone: ZoneInfo, moments: list[str], minutes: list[int]
) -> None:
    found = jumps(zone)

    assert [jump.at for jump in found] == [datetime.fromisoformat(one).replace(tzinfo=UTC) for one in moments]
    assert [jump.by for jump in found] == [timedelta(minutes=one) for one in minutes]


def test_a_zone_without_jumps_has_none() -> None:
    assert next_jump(ZoneInfo("Asia/Kolkata"), NOW, NOW + YEAR) is None


@pytest.mark.parametrize(
    ("zone", "crontab", "effects"),
    [
        (BERLIN, "30 2 * * *", [(Effect.MOVED, 1), (Effect.ONCE, 1)]),
        (BERLIN, "15,45 1-3 * * *", [(Effect.MOVED, 2), (Effect.ONCE, 2)]),
        (BERLIN, "*/10 2 * * *", [(Effect.SKIPPED, 6), (Effect.DOUBLED, 6)]),
        (BERLIN, "0 */2 * * *", [(Effect.SKIPPED, 1), (Effect.DOUBLED, 1)]),
        (BERLIN, "0 * * * *", [None, None]),
        (BERLIN, "* * * * *", [None, None]),
        (BERLIN, "30 4 * * *", [None, None]),
        (BERLIN, "30 2 * * mon", [None, None]),
        (NEW_YORK, "30 2 * * *", [(Effect.MOVED, 1), None]),
        (NEW_YORK, "30 1 * * *", [None, (Effect.ONCE, 1)]),
        (LORD_HOWE, "45 1 * * *", [(Effect.ONCE, 1), None]),
        (LORD_HOWE, "0 * * * *", [None, (Effect.SKIPPED, 1)]),
        (LORD_HOWE, "*/30 * * * *", [None, None]),
        (LORD_HOWE, "*/20 * * * *", [(Effect.DOUBLED, 1), (Effect.SKIPPED, 2)]),
    ],
)
def test_a_jump_skips_moves_or_doubles_what_is_due_then(
    zone: ZoneInfo, crontab: str, effects: list[tuple[Effect, int] | None]
) -> None:
    rule = Crontab.parse(crontab, zone)

    assert [effect_of(rule, jump) for jump in jumps(zone)] == [one and Touched(*one) for one in effects]


@given(
    st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE]),
    st.sampled_from(["30 2 * * *", "*/10 2 * * *", "45 1 * * *", "0 */2 * * *", "0,30 1,2 * * *", "*/7 1 * * *"]),
    st.sampled_from([0, 1]),
)
def test_what_is_said_of_a_jump_is_what_the_runs_of_that_day_do(zone: ZoneInfo, crontab: str, which: int) -> None:
    jump, rule, around = jumps(zone)[which], Crontab.parse(crontab, zone), timedelta(hours=3)
    first, last = jump.wall
    back = max(-jump.by, timedelta(0))
    usual = rule.pattern.count_between(first - around, last + around)
    ran = rule.count_between(jump.at - back - around, jump.at + back + around)

    touched = effect_of(rule, jump)

    runs = touched.runs if touched else 0
    also_due = rule.pattern.count_between(last, last + timedelta(minutes=1))  # then they are one run with those moved
    more = {Effect.SKIPPED: -runs, Effect.DOUBLED: runs, Effect.MOVED: 1 - also_due - runs, Effect.ONCE: 0}
    assert ran == usual + (more[touched.effect] if touched else 0)


def test_the_next_jump_that_touches_a_schedule_is_found_behind_others() -> None:
    found = next_touching(Timing(Crontab.parse("30 1 * * *", NEW_YORK)), NOW, NOW + YEAR)

    assert found is not None
    assert (found[0].at, found[1].effect) == (datetime(2027, 11, 7, 6, tzinfo=UTC), Effect.ONCE)


@pytest.mark.parametrize(
    "timing",
    [
        Timing(Interval(3600)),
        Timing(Crontab.parse("30 2 * * *")),
        Timing(Crontab.parse("30 2 * * *", BERLIN), ends_at=datetime(2027, 3, 1, tzinfo=UTC)),
        Timing(Crontab.parse("30 2 * * *", BERLIN), starts_at=datetime(2027, 12, 1, tzinfo=UTC)),
    ],
)
def test_a_schedule_that_no_jump_touches_has_none(timing: Timing) -> None:
    assert next_touching(timing, NOW, NOW + YEAR) is None
