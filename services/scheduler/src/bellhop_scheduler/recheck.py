"""Recheck: after an upgrade, do the stored schedules still fit their tasks, and their plans the rules of their zones?

Asked when a scheduler begins to lead, and while what is due is fired: a run is compared with its task once more when it
is due, and plans are looked at in the order of their dates.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from bellhop.errors import Refused
from bellhop_ledger.platform.database import after_commit, transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.schedules import Schedule, edit
from bellhop_ledger.schedules.check import fingerprint, why_unfit
from bellhop_ledger.tasks.known import known_tasks

log = get_logger(__name__)

SCHEDULER = "scheduler"
"""Who makes these changes."""
MOST_AT_ONCE = 200
SHARE = 0.1
"""Seconds of each turn that a pass may take; then others have theirs."""

Place = TypeVar("Place")


class Pass(Generic[Place]):
    """A look at all schedules, some in each turn: there may be 100,000, and what is due must not wait for them."""

    def __init__(self, look_at: Callable[[Session, Place | None, int], Place | None]):
        self._look_at = look_at
        self._last: Place | None = None
        self.goes_on = False
        self.hurries = False
        """Whether the next turn should come at once: not after a fault."""

    def begin(self) -> None:
        """Begin with the first schedule again."""
        self._last, self.goes_on, self.hurries = None, True, True

    def go_on(self) -> None:
        """Look at some more, each piece in a transaction of its own."""
        self.hurries = False
        ends = time.monotonic() + SHARE
        while self.goes_on:
            with transaction() as db:
                self._last = self._look_at(db, self._last, MOST_AT_ONCE)
            self.goes_on = self._last is not None
            if time.monotonic() >= ends:
                break
        self.hurries = self.goes_on


def recheck(db: Session, after: UUID | None, most: int) -> UUID | None:
    """Look at some of the schedules whose task has changed since they were checked, and at all disabled ones.

    One that does not fit is disabled with the reason, and one that does again is enabled. Returns
    the last one that was looked at, or nothing when there are no more.
    """
    known = [(name, task.fingerprint) for name, task in known_tasks().items()]
    changed = tuple_(Schedule.task, Schedule.fingerprint).not_in(known)
    wanted = select(Schedule).where(Schedule.deleted_at.is_(None), or_(changed, Schedule.disabled_reason.is_not(None)))
    if after is not None:
        wanted = wanted.where(Schedule.id > after)
    rows = list(db.scalars(wanted.order_by(Schedule.id).limit(most).with_for_update()))
    for schedule in rows:
        _check(db, schedule)
    return rows[-1].id if rows else None


def renew_plans(db: Session, after: tuple[datetime, UUID] | None, most: int) -> tuple[datetime, UUID] | None:
    """Look at some of the planned runs of crontabs, the next first, and move those that their zones' rules have moved.

    Returns the last of them, by its date and its schedule, or nothing when there are no more.
    """
    planned = select(Schedule).where(Schedule.crontab.is_not(None), Schedule.fire_at > func.now())
    if after is not None:
        planned = planned.where(tuple_(Schedule.fire_at, Schedule.id) > after)
    rows = list(db.scalars(planned.order_by(Schedule.fire_at, Schedule.id).limit(most)))
    places = [(schedule.fire_at, schedule.id) for schedule in rows if schedule.fire_at]
    for schedule in rows:
        if _has_moved(schedule):
            db.refresh(schedule, with_for_update=True)
            before = schedule.next_due_at
            if edit.renew(db, schedule, by=SCHEDULER):
                replanned = {"schedule": schedule.name, "planned": before, "now": schedule.next_due_at}
                after_commit(db, log_replanned, [replanned])
    return places[-1] if places else None


def _has_moved(schedule: Schedule) -> bool:
    try:
        return schedule.next_due_at is not None and schedule.timing.in_place_of(schedule.next_due_at) != (
            schedule.next_due_at
        )
    except Refused:  # the zone is gone: the schedule is disabled with the reason when it is due
        return False


def log_replanned(changes: list[dict[str, Any]]) -> None:
    """Log which planned runs were moved, once that is committed."""
    for facts in changes:
        log.warning("schedule_replanned", **facts)


def log_disabled(changes: list[dict[str, Any]]) -> None:
    """Log which schedules were disabled, once that is committed."""
    for facts in changes:
        log.error("schedule_disabled", **facts)


def _check(db: Session, schedule: Schedule) -> None:
    reason = why_unfit(schedule.task, schedule.args)
    action = "disabled" if reason else "enabled"
    before = schedule.disabled_reason
    if reason is not None and before is None:
        after_commit(db, log_disabled, [{"schedule": schedule.name, "task": schedule.task, "reason": reason}])
    if reason is None:
        schedule.fingerprint = fingerprint(schedule.task)
    edit.change(db, schedule, {"disabled_reason": reason}, by=SCHEDULER, action=action, expect_run=False)
