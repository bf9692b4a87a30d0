"""Audit: who did what to which thing, and from where, written in the transaction of the act itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, func, insert, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop_ledger.platform.database import Base, Time
from bellhop_ledger.platform.statements import run


class Action(StrEnum):
    """What people and applications do to the platform. Plug-ins have words of their own."""

    JOB_CANCELLED = "job.cancelled"
    JOB_RETRIED = "job.retried"
    JOBS_RETRIED = "jobs.retried"
    JOBS_CANCELLED = "jobs.cancelled"
    BULK_ACTION_UNDONE = "bulk_action.undone"
    SCHEDULE_CREATED = "schedule.created"
    SCHEDULE_CHANGED = "schedule.changed"
    SCHEDULE_DELETED = "schedule.deleted"
    SCHEDULE_PAUSED = "schedule.paused"
    SCHEDULE_RESUMED = "schedule.resumed"
    SCHEDULE_RUN = "schedule.run"
    SCHEDULES_IMPORTED = "schedules.imported"
    ENDPOINT_STORED = "endpoint.stored"
    ENDPOINT_DELETED = "endpoint.deleted"
    NOTIFICATION_CREATED = "notification.created"
    NOTIFICATION_CHANGED = "notification.changed"
    NOTIFICATION_DELETED = "notification.deleted"
    NOTIFICATION_TESTED = "notification.tested"
    HOLD_PAUSED = "hold.paused"
    HOLD_RESUMED = "hold.resumed"
    WORKER_DRAINED = "worker.drained"
    WORKER_RESUMED = "worker.resumed"
    USER_SIGNED_UP = "user.signed_up"
    USER_CONFIRMED = "user.confirmed"
    USER_CHANGED = "user.changed"
    USER_INVITED = "user.invited"
    USER_JOINED = "user.joined"
    INVITATION_SENT = "invitation.sent_again"
    INVITATION_REVOKED = "invitation.revoked"
    ADDRESS_ASKED = "address.asked"
    ADDRESS_CHANGED = "address.changed"
    USER_DISABLED = "user.disabled"
    USER_ENABLED = "user.enabled"
    USER_EXPORTED = "user.exported"
    USER_DELETED = "user.deleted"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105
    PASSWORD_RESET = "password.reset"  # noqa: S105
    IDENTITY_LINKED = "identity.linked"
    IDENTITY_UNLINKED = "identity.unlinked"
    SESSION_BEGAN = "session.began"
    SESSION_ENDED = "session.ended"
    TOKEN_CREATED = "token.created"  # noqa: S105
    TOKEN_REVOKED = "token.revoked"  # noqa: S105
    SERVICE_TOKEN_CREATED = "service_token.created"  # noqa: S105
    SERVICE_TOKEN_CHANGED = "service_token.changed"  # noqa: S105
    SERVICE_TOKEN_ROTATED = "service_token.rotated"  # noqa: S105
    SERVICE_TOKEN_REVOKED = "service_token.revoked"  # noqa: S105
    SYSTEM_TOKEN_ENDED = "system_token.ended"  # noqa: S105


class Act(Base):
    """Something that somebody did."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    actor: Mapped[str]
    """`user:<id>`, `token:<id>`, `service:<id>`, or `command:<name>`."""
    action: Mapped[str]
    kind: Mapped[str]
    """What kind of thing it was done to."""
    thing: Mapped[str | None]
    """Which one: its id or its name; empty: several."""
    address: Mapped[str | None]
    agent: Mapped[str | None]
    """What the client calls itself."""
    request_id: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    """What else is worth knowing; no secrets, and nothing that stands elsewhere."""

    __table_args__ = (
        Index("audit_at_idx", "at"),
        Index("audit_actor_idx", "actor", "id"),
        Index("audit_thing_idx", "kind", "thing", "id"),
    )


@dataclass(frozen=True)
class Origin:
    """Who acts, and from where."""

    actor: str
    address: str | None = None
    agent: str | None = None
    request_id: str | None = None


NOTHING: Mapping[str, Any] = {}
FORGET = text("""
    DELETE FROM audit
    WHERE id IN (SELECT id FROM audit WHERE at < now() - make_interval(days => :days) ORDER BY at LIMIT :most)
    RETURNING id
""")


def record(
    db: Session, origin: Origin, action: str, kind: str, thing: object = None, *, details: Mapping[str, Any] = NOTHING
) -> None:
    """Write an act down in its own transaction: where that fails the act has not happened, and the other way round."""
    facts = {"actor": origin.actor, "address": origin.address, "agent": origin.agent, "request_id": origin.request_id}
    which = None if thing is None else str(thing)
    db.execute(insert(Act).values(action=str(action), kind=kind, thing=which, details=dict(details), **facts))


def forget(db: Session, *, days: int, most: int) -> int:
    """Delete acts of more than so many days ago, at most so many of them; return their number."""
    return len(run(db, FORGET, days=days, most=most))
