"""The tables of notifications: the rules that people write, and what each of them has found."""

from datetime import datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, func, text
from sqlalchemy import Time as TimeOfDay
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bellhop_ledger.accounts.patterns import fits
from bellhop_ledger.platform.database import Base, Time, uuid7

MOST_RULES = 200
"""Each round of the scheduler compares all of them with what has happened."""
MOST_FAILURES = 100
LONGEST_GRACE = 90 * 86_400
"""Seconds."""


class Watched(StrEnum):
    """What a rule watches."""

    SCHEDULE = "schedule"
    TASK = "task"
    QUEUE = "queue"


class IncidentCondition(StrEnum):
    """What a rule notices."""

    FAILING = "failing"
    """The latest jobs have failed, so many of them in a row."""
    LATE = "late"
    """A run has not begun in time, or a job has waited in the queue for too long."""


class Channel(StrEnum):
    """How a notification is sent."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    """JSON, signed as Standard Webhooks do."""
    SLACK = "slack"
    """An incoming webhook of Slack."""
    TEAMS = "teams"
    """A workflow of Microsoft Teams that takes webhooks."""


class NotificationRule(Base):
    """What is watched, when somebody is informed, and how."""

    __tablename__ = "notification_rules"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str]
    pattern: Mapped[str]
    """Its name; a star stands for any characters."""
    failures: Mapped[int | None] = mapped_column(SmallInteger)
    """How many jobs must have failed in a row; empty: failures are not watched."""
    late_seconds: Mapped[int | None]
    """How late it may be; empty: lateness is not watched."""
    recovered: Mapped[bool]
    """Whether they are informed when it is over, too."""

    channel: Mapped[str]
    recipient: Mapped[str | None]
    """Of a mail: its address. Of one to an account: that of the account when the rule was stored, which the release
    before writes to."""
    recipient_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    """Of a mail to an account: whose address it is sent to, which may change; see `rules.address_of`."""
    origin: Mapped[str | None]
    """Scheme, host and port of the URL, which are no secret."""
    url: Mapped[str | None]
    """Where notifications are posted, encrypted: who knows it may post there, too."""
    signing_secret: Mapped[str | None]
    """Encrypted for the origin."""

    quiet_from: Mapped[time | None] = mapped_column(TimeOfDay)
    quiet_until: Mapped[time | None] = mapped_column(TimeOfDay)
    time_zone: Mapped[str | None]

    owner: Mapped[str]
    """Who has made it, as `user:<id>` or `token:<id>`."""
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    updated_by: Mapped[str]

    def watches(self, kind: Watched, name: str) -> bool:
        """Whether this is one of the things that the rule is about."""
        return self.kind == kind and fits(self.pattern, name)

    __table_args__ = (
        CheckConstraint("kind IN ('schedule','task','queue')", name="kind"),
        CheckConstraint("length(pattern) BETWEEN 1 AND 200", name="pattern"),
        CheckConstraint(f"failures BETWEEN 1 AND {MOST_FAILURES}", name="failures"),
        CheckConstraint(f"late_seconds BETWEEN 1 AND {LONGEST_GRACE}", name="late_seconds"),
        CheckConstraint("num_nonnulls(failures, late_seconds) > 0", name="condition"),
        CheckConstraint("kind <> 'task' OR late_seconds IS NULL", name="late_task"),
        CheckConstraint("channel IN ('mail','webhook','slack','teams')", name="channel"),
        CheckConstraint("(channel = 'mail') = (recipient IS NOT NULL)", name="recipient"),
        CheckConstraint("(channel <> 'mail') = (url IS NOT NULL)", name="url"),
        CheckConstraint("(url IS NULL) = (origin IS NULL)", name="origin"),
        CheckConstraint("signing_secret IS NULL OR channel = 'webhook'", name="signing_secret"),
        CheckConstraint("num_nonnulls(quiet_from, quiet_until, time_zone) IN (0, 3)", name="quiet"),
        CheckConstraint("quiet_from <> quiet_until", name="quiet_from"),
    )


class Incident(Base):
    """Something that a rule has found and that goes on, or is over and was not reported yet: one row a rule and thing.

    While it is there, nobody is informed again.
    """

    __tablename__ = "notification_incidents"

    rule_id: Mapped[UUID] = mapped_column(ForeignKey("notification_rules.id", ondelete="CASCADE"), primary_key=True)
    condition: Mapped[str] = mapped_column(primary_key=True)
    thing: Mapped[str] = mapped_column(primary_key=True)
    """The name of a task or queue, the id of a schedule."""
    name: Mapped[str]
    """How people know it."""
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What was found."""
    since: Mapped[datetime] = mapped_column(Time)
    """When it was noticed."""
    notified_at: Mapped[datetime | None] = mapped_column(Time)
    """When they were informed of it."""
    recovered_at: Mapped[datetime | None] = mapped_column(Time)
    """When it was seen to be over."""

    __table_args__ = (
        CheckConstraint("condition IN ('failing','late')", name="condition"),
        CheckConstraint("recovered_at IS NULL OR notified_at IS NOT NULL", name="recovered_at"),
        Index(
            "notification_incidents_pending_idx",
            "rule_id",
            postgresql_where=text("notified_at IS NULL OR recovered_at IS NOT NULL"),
        ),
    )


class FailuresSeen(Base):
    """Up to where failed jobs were looked at: one row."""

    __tablename__ = "notification_failures_seen"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, server_default=text("1"))
    until: Mapped[datetime] = mapped_column(Time)
    """When the last one ended; all that ended before have been looked at."""

    __table_args__ = (CheckConstraint("id = 1", name="id"),)
