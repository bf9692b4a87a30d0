"""The tables of schedules: the schedules, who changed them, and their runs."""

from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bellhop_ledger.platform.database import Base, Time, uuid7
from bellhop_ledger.platform.zones import find_zone
from bellhop_ledger.schedules.recurrence import Crontab, Interval, Once, Recurrence
from bellhop_ledger.schedules.timing import Timing

LONGEST_JITTER = 86_400
MOST_RUNS = 1_000
"""The highest ceiling."""


class Source(StrEnum):
    """Whose a schedule is."""

    API = "api"
    """People's, who edit it."""
    CODE = "code"
    """Declared with a task; people may pause it."""


class Outcome(StrEnum):
    """What became of a due run."""

    FIRED = "fired"
    """It is a job."""
    WAITING = "waiting"
    """It becomes a job when the earlier ones have ended."""
    SKIPPED = "skipped"
    """An earlier one had not ended, or it waited when the schedule was changed."""
    MISSED = "missed"
    """No scheduler worked, and the schedule does not make up for it."""


class Schedule(Base):
    """What runs when, and by which rules."""

    __tablename__ = "schedules"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str]
    source: Mapped[str]
    key: Mapped[str | None]
    """Of one that is declared in code: which of its task's it is."""
    task: Mapped[str]
    args: Mapped[dict[str, Any]] = mapped_column(JSONB)
    fingerprint: Mapped[str]
    """Of the arguments' model by which they were checked last."""

    crontab: Mapped[str | None]
    interval_seconds: Mapped[int | None]
    anchor: Mapped[datetime | None] = mapped_column(Time)
    once_at: Mapped[datetime | None] = mapped_column(Time)
    time_zone: Mapped[str]
    starts_at: Mapped[datetime | None] = mapped_column(Time)
    ends_at: Mapped[datetime | None] = mapped_column(Time)
    jitter_seconds: Mapped[int]
    catch_up: Mapped[str]
    grace_seconds: Mapped[int | None]
    ceiling: Mapped[int]
    overlap: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    overrides: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What its jobs do in another way than those of their task; see `bellhop.overrides`."""
    note: Mapped[str]
    submitter: Mapped[str | None]
    """The service token that was the last to say what it runs: its jobs are that one's, otherwise nobody's."""

    enabled: Mapped[bool]
    """What people want."""
    pause_reason: Mapped[str | None]
    """Why people have paused it."""
    paused_by: Mapped[str | None]
    resume_at: Mapped[datetime | None] = mapped_column(Time)
    """When it is resumed by itself."""
    disabled_reason: Mapped[str | None]
    """Why it cannot run although it is enabled."""
    next_due_at: Mapped[datetime | None] = mapped_column(Time)
    fire_at: Mapped[datetime | None] = mapped_column(Time)
    """When the next run is made: its due moment and the jitter. Empty: there is none."""
    runs: Mapped[int] = mapped_column(server_default=text("0"))

    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    created_by: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    updated_by: Mapped[str]
    deleted_at: Mapped[datetime | None] = mapped_column(Time)

    @property
    def active(self) -> bool:
        """Whether it runs, if there is still a run to come."""
        return self.enabled and self.disabled_reason is None and self.deleted_at is None

    @property
    def timing(self) -> Timing:
        """When it is due. Raises NotACrontab and NotAZone."""
        rule = rule_of(self.crontab, self.interval_seconds, self.anchor, self.once_at, self.time_zone)
        return Timing(rule, self.starts_at, self.ends_at, self.jitter_seconds, self.id)

    def plan_from(self, moment: datetime) -> None:
        """Set the next run to the first one after a moment."""
        due = self.timing.next_after(moment) if self.active else None
        self.next_due_at, self.fire_at = due, due and self.timing.fires_at(due)

    def renew_plan(self, moment: datetime) -> bool:
        """Move the next run to where the rules of its zone have it now, and return whether it has moved.

        One that is due already stays, and so does one whose new time has passed at `moment`: it
        is made once, when it was planned.
        """
        if not self.active or self.next_due_at is None or self.next_due_at <= moment:
            return False
        due = self.timing.in_place_of(self.next_due_at)
        if due == self.next_due_at or (due is not None and due <= moment):
            return False
        self.next_due_at, self.fire_at = due, due and self.timing.fires_at(due)
        return True

    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
        CheckConstraint("source IN ('api','code')", name="source"),
        CheckConstraint("num_nonnulls(crontab, interval_seconds, once_at) = 1", name="rule"),
        CheckConstraint("(interval_seconds IS NULL) = (anchor IS NULL)", name="anchor"),
        CheckConstraint("interval_seconds >= 1", name="interval_seconds"),
        CheckConstraint("starts_at <= ends_at", name="ends_at"),
        CheckConstraint(f"jitter_seconds BETWEEN 0 AND {LONGEST_JITTER}", name="jitter_seconds"),
        CheckConstraint("catch_up IN ('skip','latest','all')", name="catch_up"),
        CheckConstraint("grace_seconds >= 0", name="grace_seconds"),
        CheckConstraint(f"ceiling BETWEEN 1 AND {MOST_RUNS}", name="ceiling"),
        CheckConstraint("overlap IN ('allow','skip','queue')", name="overlap"),
        CheckConstraint("priority BETWEEN 0 AND 9", name="priority"),
        CheckConstraint("(next_due_at IS NULL) = (fire_at IS NULL)", name="next_due_at"),
        CheckConstraint(
            "fire_at IS NULL OR (enabled AND disabled_reason IS NULL AND deleted_at IS NULL)", name="fire_at"
        ),
        Index("schedules_name_key", "name", unique=True, postgresql_where=text("deleted_at IS NULL")),
        Index("schedules_fire_idx", "fire_at", postgresql_where=text("fire_at IS NOT NULL")),
        Index("schedules_resume_idx", "resume_at", postgresql_where=text("resume_at IS NOT NULL")),
        Index("schedules_task_idx", "task", "fingerprint"),
        {"postgresql_with": {"fillfactor": "80", "autovacuum_vacuum_scale_factor": "0.02"}},
    )


class ScheduleChange(Base):
    """Who changed what; it stays for as long as the schedule can be read."""

    __tablename__ = "schedule_changes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    schedule_id: Mapped[UUID]
    changed_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    changed_by: Mapped[str]
    action: Mapped[str]
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """By field: what it was and what it is."""

    __table_args__ = (Index("schedule_changes_schedule_idx", "schedule_id", "id"),)


class ScheduleRun(Base):
    """One run that was due, and what became of it. How its job ended is noted here when the job is deleted."""

    __tablename__ = "schedule_runs"

    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("schedules.id", ondelete="CASCADE"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Time, primary_key=True)
    outcome: Mapped[str]
    is_manual: Mapped[bool] = mapped_column(server_default=text("false"))
    missed_until: Mapped[datetime | None] = mapped_column(Time)
    """Of a row that stands for many missed runs, the last of them."""
    reason: Mapped[str | None]
    """Why one that waited was skipped; of any other skipped one, an earlier one had not ended."""
    made_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    job_id: Mapped[UUID | None]
    state: Mapped[str | None]
    started_at: Mapped[datetime | None] = mapped_column(Time)
    first_started_at: Mapped[datetime | None] = mapped_column(Time)
    finished_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        CheckConstraint("outcome IN ('fired','waiting','skipped','missed')", name="outcome"),
        CheckConstraint("(outcome = 'fired') = (job_id IS NOT NULL)", name="job_id"),
        CheckConstraint("(outcome = 'missed') = (missed_until IS NOT NULL)", name="missed_until"),
        CheckConstraint("state IS NULL OR job_id IS NOT NULL", name="state"),
        Index("schedule_runs_failed_idx", "schedule_id", postgresql_where=text("state = 'failed'")),
        Index("schedule_runs_waiting_idx", "schedule_id", "due_at", postgresql_where=text("outcome = 'waiting'")),
    )


@lru_cache(maxsize=10_000)
def rule_of(
    crontab: str | None, seconds: int | None, anchor: datetime | None, once_at: datetime | None, time_zone: str
) -> Recurrence:
    """Return the recurrence of a schedule's columns. Raises NotACrontab and NotAZone."""
    zone = find_zone(time_zone)
    if crontab is not None:
        return Crontab.parse(crontab, zone)
    if seconds is not None and anchor is not None:
        return Interval(seconds, anchor)
    assert once_at is not None
    return Once(once_at)
