"""Jumps: what a change of a zone's clock does to the runs of a crontab. The rules are those of `Crontab`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from bellhop.errors import Refused
from bellhop_ledger.platform.zones import Jump, find_zone, next_jump
from bellhop_ledger.schedules.recurrence import Crontab, Recurrence
from bellhop_ledger.schedules.tables import Schedule, rule_of
from bellhop_ledger.schedules.timing import Timing

EVERYBODYS = true()


class Effect(StrEnum):
    """What a jump does to the runs of a crontab."""

    SKIPPED = "skipped"
    """They are due at times that the clock skips, and do not run."""
    MOVED = "moved"
    """They are due at times that the clock skips, and become one run at the moment of the jump."""
    DOUBLED = "doubled"
    """They are due at times that the clock shows twice, and run both times."""
    ONCE = "once"
    """They are due at times that the clock shows twice, and run the first time only."""


@dataclass(frozen=True)
class Touched:
    """What a jump does to the runs of one schedule."""

    effect: Effect
    runs: int
    """How many times on the wall clock are skipped or shown twice at which it is due."""


@dataclass(frozen=True)
class TouchedSchedule:
    """One schedule that a jump touches."""

    id: UUID
    name: str
    touched: Touched


@dataclass(frozen=True)
class JumpAhead:
    """The next jump of a zone, and what it touches."""

    time_zone: str
    jump: Jump
    touched: int
    """How many schedules it touches."""
    schedules: Sequence[TouchedSchedule]
    """Some of them, by name."""


def effect_of(rule: Recurrence, jump: Jump) -> Touched | None:
    """Return what a jump does to the runs of a schedule; None if they are as on any other day.

    A crontab of every hour keeps its distance from run to run, so it is not touched by a jump over whole hours.
    """
    if not isinstance(rule, Crontab) or not (runs := rule.pattern.count_between(*jump.wall)):
        return None
    if not rule.pattern.follows_real_time:
        return Touched(Effect.ONCE if jump.by.total_seconds() < 0 else Effect.MOVED, runs)
    if rule.pattern.repeats_after(round(jump.by.total_seconds() / 60)):
        return None
    return Touched(Effect.DOUBLED if jump.by.total_seconds() < 0 else Effect.SKIPPED, runs)


def next_touching(timing: Timing, after: datetime, until: datetime) -> tuple[Jump, Touched] | None:
    """Return the next jump that touches the runs of a schedule, and how; None if none does until then."""
    rule = timing.rule
    while isinstance(rule, Crontab) and (jump := next_jump(rule.zone, after, until)) is not None:
        begun = timing.starts_at is None or timing.starts_at <= jump.at
        over = timing.ends_at is not None and timing.ends_at < jump.at
        if begun and not over and (touched := effect_of(rule, jump)):
            return jump, touched
        after = jump.at
    return None


def jumps_ahead(
    db: Session, after: datetime, until: datetime, *, whose: ColumnElement[bool] = EVERYBODYS, most: int = 50
) -> list[JumpAhead]:
    """Return the next jump of each zone that active crontabs use, the earliest first, with at most so many schedules.

    Jumps that touch nothing are left out.
    """
    active = and_(Schedule.crontab.is_not(None), Schedule.fire_at.is_not(None), whose)
    zones = db.scalars(select(Schedule.time_zone).distinct().where(active))
    found = [(jump, name) for name in zones if (jump := _jump_of(name, after, until))]
    ahead = [_ahead(db, name, jump, active, most) for jump, name in sorted(found, key=lambda one: (one[0].at, one[1]))]
    return [one for one in ahead if one.touched]


def _jump_of(name: str, after: datetime, until: datetime) -> Jump | None:
    try:
        return next_jump(find_zone(name), after, until)
    except Refused:  # a zone that this release does not know: its schedules are disabled when they are due
        return None


def _ahead(db: Session, zone: str, jump: Jump, active: ColumnElement[bool], most: int) -> JumpAhead:
    begun = or_(Schedule.starts_at.is_(None), Schedule.starts_at <= jump.at)
    goes_on = or_(Schedule.ends_at.is_(None), Schedule.ends_at >= jump.at)
    here = and_(active, Schedule.time_zone == zone, begun, goes_on)
    crontabs = db.execute(select(Schedule.crontab, func.count()).where(here).group_by(Schedule.crontab))
    counts = {text: count for text, count in crontabs if text is not None}
    touched = {text: one for text in counts if (one := _effect(text, zone, jump))}
    named = select(Schedule.id, Schedule.name, Schedule.crontab).where(here, Schedule.crontab.in_(touched))
    rows = db.execute(named.order_by(Schedule.name).limit(most)) if touched else ()
    some = [TouchedSchedule(id, name, touched[text]) for id, name, text in rows if text is not None]
    return JumpAhead(zone, jump, sum(counts[text] for text in touched), some)


def _effect(crontab: str, zone: str, jump: Jump) -> Touched | None:
    try:
        return effect_of(rule_of(crontab, None, None, None, zone), jump)
    except Refused:  # written by a release that reads more
        return None
