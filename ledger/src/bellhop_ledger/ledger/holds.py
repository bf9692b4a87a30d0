"""Holds: people pause a queue, a task or a destination host. What a hold covers is accepted and waits, blocked.

The claim is what keeps a hold: it takes no job that one covers, so nothing starts once the hold is committed. All else
only saves work. A submission writes a covered job as `blocked`, without a message, and the scheduler blocks what was
queued before and queues it again when the hold is over. A hold that is over stays until nothing waits for it: it says
who resumed it, which each of its jobs has among its events.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, func, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop_ledger.broker.messages import READY_JOB_COLUMNS, ReadyJob
from bellhop_ledger.broker.pubsub import announce_changed
from bellhop_ledger.ledger.due import wake_scheduler
from bellhop_ledger.ledger.events import SCHEDULER, Action, Actor, noted
from bellhop_ledger.ledger.queued import queued_again, queued_among
from bellhop_ledger.ledger.tables import STATE_OF_NAMED
from bellhop_ledger.platform.database import Base, Time, after_commit, enumeration


class Kind(StrEnum):
    """What can be paused."""

    QUEUE = "queue"
    TASK = "task"
    HOST = "host"
    """Where requests go."""


Kinds = enumeration(Kind)
KINDS = ", ".join(f"'{kind}'" for kind in Kind)


class Hold(Base):
    """Something that is paused. One whose end has passed covers nothing, and is deleted when nothing waits for it."""

    __tablename__ = "holds"

    kind: Mapped[Kind] = mapped_column(Kinds, primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    held_by: Mapped[str]
    since: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    until: Mapped[datetime | None] = mapped_column(Time)
    """When it ends by itself, or has been resumed."""
    resumed_by: Mapped[str | None]
    resumed_in: Mapped[str | None]
    """The request in which that was."""

    __table_args__ = (CheckConstraint(f"kind IN ({KINDS.replace(', ', ',')})", name="kind"),)


TARGET = "h.kind || ':' || h.name"
"""How a hold `h` is written in `blocked_by`, and a job's host in `limit_key`."""
STANDS = "(h.until IS NULL OR h.until > now())"
"""Whether a hold `h` is not over."""
STANDING = or_(Hold.until.is_(None), Hold.until > func.now())
"""The same for a statement over Hold."""


def hold_of(job: str) -> str:
    """Return the SQL of what holds a job, as `blocked_by` says it; NULL when nothing does.

    These are functions in Postgres (migration 0031), whose plans each connection keeps: as a part of the statements
    around them, the same words would be planned with each of these. While nothing is held, one look serves all jobs.
    """
    return f"CASE WHEN (SELECT something_is_held()) THEN hold_of({job}.queue, {job}.task, {job}.limit_key) END"


PAUSE = text("""
    INSERT INTO holds AS h (kind, name, reason, held_by, until) VALUES (:kind, :name, :reason, :by, :until)
    ON CONFLICT (kind, name) DO UPDATE
    SET reason = excluded.reason, held_by = excluded.held_by, until = excluded.until,
        resumed_by = NULL, resumed_in = NULL,
        since = CASE WHEN h.until <= now() THEN now() ELSE h.since END
""")
RESUME = text(f"""
    UPDATE holds h SET until = now(), resumed_by = :by, resumed_in = :request_id
    WHERE kind = :kind AND name = :name AND {STANDS}
    RETURNING kind, name
""")
FORGET_ENDED = text(f"""
    DELETE FROM holds h
    WHERE until <= now()
      AND NOT EXISTS (SELECT FROM unfinished_jobs WHERE state = 'blocked' AND blocked_by = {TARGET})
    RETURNING kind, name
""")

# Its plan reads the key in pieces, each from where the last one ended: an index of what is queued would be read anew
# for every piece, and there may be a million. A row that is locked is being run.
BLOCK = text(f"""
    WITH covered AS MATERIALIZED (
        SELECT j.id, {hold_of("j")} AS hold FROM unfinished_jobs j
        WHERE (SELECT something_is_held()) AND j.id > :after AND {STATE_OF_NAMED} = 'queued'
          AND {hold_of("j")} IS NOT NULL
        ORDER BY j.id LIMIT :most FOR NO KEY UPDATE OF j SKIP LOCKED
    )
    UPDATE unfinished_jobs j SET state = 'blocked', blocked_by = covered.hold, published_at = NULL
    FROM covered WHERE j.id = covered.id
    RETURNING j.id
""")

# The distinct reasons, each found by one step through jobs_blocked_idx; of these, what is over. The release before
# deletes the hold with which it is over.
OVER = text(f"""
    WITH RECURSIVE reasons(target) AS (
        SELECT min(blocked_by) FROM unfinished_jobs WHERE state = 'blocked'
        UNION ALL SELECT (SELECT min(blocked_by) FROM unfinished_jobs WHERE state = 'blocked' AND blocked_by > target)
        FROM reasons WHERE target IS NOT NULL
    )
    SELECT target, h.reason, h.resumed_by, h.resumed_in FROM reasons LEFT JOIN holds h ON {TARGET} = target
    WHERE split_part(target, ':', 1) IN ({KINDS}) AND (h.kind IS NULL OR NOT {STANDS})
""")

FROM_HOLD = "jsonb_build_object('from', CAST(:target AS varchar), 'reason', CAST(:reason AS varchar))"
RELEASE = text(f"""
    WITH freed AS MATERIALIZED (
        SELECT j.id, {hold_of("j")} AS hold FROM unfinished_jobs j
        WHERE j.state = 'blocked' AND j.blocked_by = :target
        ORDER BY j.priority DESC, j.id LIMIT :most FOR NO KEY UPDATE OF j SKIP LOCKED
    ), released AS (
        UPDATE unfinished_jobs j
        SET {queued_again("WHEN freed.hold IS NOT NULL THEN 'blocked'", blocked_by="freed.hold")},
            queued_at = CASE WHEN freed.hold IS NULL THEN now() ELSE j.queued_at END
        FROM freed WHERE j.id = freed.id
        RETURNING {READY_JOB_COLUMNS}, j.state
    ), noted AS ({noted(Action.RELEASED, "(SELECT id FROM freed WHERE hold IS NULL)", FROM_HOLD)})
    SELECT * FROM released
""")
LIST = text(f"""
    SELECT h.*, (SELECT count(*) FROM (
        SELECT FROM unfinished_jobs j WHERE j.state = 'blocked' AND j.blocked_by = {TARGET} LIMIT :most
    ) AS part) AS waiting
    FROM holds h WHERE {STANDS} ORDER BY h.since, h.kind, h.name
""")


@dataclass(frozen=True)
class Over:
    """A reason for which jobs are blocked and that is over."""

    target: str
    """As `blocked_by` says it."""
    reason: str | None
    """Why it was paused; unknown when the release before has resumed it."""
    by: Actor
    """Who resumed it: the scheduler where its time had come."""


def pause(db: Session, kind: Kind, name: str, *, reason: str, by: str, until: datetime | None = None) -> None:
    """Hold what the name stands for, until a date or for good; a hold that is there gets the new reason and date."""
    db.execute(PAUSE, {"kind": kind, "name": name, "reason": reason, "by": by, "until": until})
    _announce(db)


def resume(db: Session, kind: Kind, name: str, *, by: Actor) -> bool:
    """End a hold, and return whether there was one; the scheduler queues what has waited."""
    ended = db.execute(RESUME, {"kind": kind, "name": name, **by.facts}).all()
    if ended:
        _announce(db)
    return bool(ended)


def forget_ended(db: Session) -> Sequence[Any]:
    """Delete the holds that are over and for which nothing waits any more, and return their kinds and names."""
    ended = db.execute(FORGET_ENDED).all()
    if ended:
        _announce(db)
    return ended


def current(db: Session, *, most: int) -> Sequence[Any]:
    """Return the holds, oldest first, each with the number of jobs that wait for its end, at most so many."""
    return db.execute(LIST, {"most": most}).all()


def reasons(db: Session) -> dict[str, tuple[str, datetime | None]]:
    """Return why things are paused and until when, by what `blocked_by` calls them."""
    return {f"{hold.kind}:{hold.name}": (hold.reason, hold.until) for hold in db.scalars(select(Hold).where(STANDING))}


def block(db: Session, after: UUID, most: int) -> list[UUID]:
    """Block queued jobs with later ids that a hold covers, at most so many, and return their ids in order."""
    return sorted(db.execute(BLOCK, {"after": after, "most": most}).scalars())


def over(db: Session) -> list[Over]:
    """Return the reasons for which jobs are blocked and that are over."""
    return [
        Over(row.target, row.reason, Actor(row.resumed_by, row.resumed_in) if row.resumed_by else SCHEDULER)
        for row in db.execute(OVER)
    ]


def release(db: Session, ended: Over, most: int) -> tuple[int, list[ReadyJob]]:
    """Queue jobs that were blocked for this reason, the most urgent and oldest first, unless another hold covers them.

    Returns how many were looked at, at most so many, and those that are ready, in their order.
    """
    facts = {"target": ended.target, "reason": ended.reason, "most": most, **ended.by.facts}
    rows = db.execute(RELEASE, facts).mappings().all()
    return len(rows), sorted(queued_among(rows), key=lambda job: (-job.priority, job.id))


def _announce(db: Session) -> None:
    wake_scheduler(db)
    after_commit(db, announce_changed, ["holds"])
