"""Late schedules: those of which no run has begun although one was due."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bellhop_ledger.accounts.patterns import EVERY
from bellhop_ledger.notifications import incidents
from bellhop_ledger.notifications.incidents import Found
from bellhop_ledger.notifications.tables import Incident, IncidentCondition, NotificationRule, Watched
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.statements import run
from bellhop_ledger.schedules import Schedule
from bellhop_ledger.schedules.waiting import CHANGED, DELETED, PAUSED
from bellhop_scheduler.notifications.failing import open_incidents

MOST_NAMES = 1_000
MOST_AT_ONCE = 200
EXCUSED = (CHANGED, DELETED, PAUSED)
"""Why a run that waited was skipped, where that is what somebody wanted."""

# A run has begun unless its job still waits for its first attempt. Due is the latest run that should have begun by now,
# since the rule is there: when that one or a later one has begun, all is well.
# The planner cannot know how many rows a recordset has; without `ids` it would read the whole table.
LATE = text("""
    SELECT w.rule, s.id, s.name, s.disabled_reason,
           CASE WHEN s.next_due_at BETWEEN w.since AND latest.moment THEN s.next_due_at ELSE due.at END AS due_at,
           s.disabled_reason IS NOT NULL OR s.next_due_at BETWEEN w.since AND latest.moment
           OR due.at IS NOT NULL AND NOT EXISTS (
               SELECT FROM schedule_runs r
               WHERE r.schedule_id = s.id AND r.due_at >= due.at AND r.outcome = 'fired' AND NOT EXISTS (
                   SELECT FROM unfinished_jobs j
                   WHERE j.id = r.job_id AND (j.state || '') IN ('blocked','scheduled','queued')
                     AND j.attempt = 0 AND j.first_started_at IS NULL)) AS late
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w(rule uuid, id uuid, grace float8, since timestamptz)
    JOIN schedules s ON s.id = w.id,
    LATERAL (SELECT CAST(:now AS timestamptz) - make_interval(secs => w.grace + s.jitter_seconds)) AS latest(moment)
    LEFT JOIN LATERAL (
        SELECT r.due_at AS at FROM schedule_runs r
        WHERE r.schedule_id = s.id AND NOT r.is_manual AND r.due_at BETWEEN w.since AND latest.moment
          AND (r.reason IS NULL OR r.reason <> ALL(CAST(:excused AS text[])))
        ORDER BY r.due_at DESC LIMIT 1) AS due ON true
    WHERE s.id = ANY(CAST(:ids AS uuid[])) AND s.deleted_at IS NULL AND s.enabled
""")
Key = tuple[UUID, UUID]
"""A rule and a schedule."""


def notice(rules: Sequence[NotificationRule], now: datetime) -> Iterator[None]:
    """Note which schedules are late by the rules, in pieces."""
    watching = _watching(rules)
    for pairs in _pairs(watching):
        with transaction() as db:
            rows = late(db, pairs, now).values()
            found = [Found(row.rule, str(row.id), row.name, _details(row)) for row in rows if row.late]
            incidents.note(db, IncidentCondition.LATE, found, now)
        yield


def _watching(rules: Sequence[NotificationRule]) -> list[NotificationRule]:
    return [rule for rule in rules if rule.kind == Watched.SCHEDULE and rule.late_seconds is not None]


def _pairs(rules: Sequence[NotificationRule]) -> Iterator[list[tuple[NotificationRule, UUID]]]:
    """Yield each rule with each schedule that it watches, some at a time."""
    for names in _names(rules):
        watched = [(rule, id) for id, name in names for rule in rules if rule.watches(Watched.SCHEDULE, name)]
        for start in range(0, len(watched), MOST_AT_ONCE):
            yield watched[start : start + MOST_AT_ONCE]


def _names(rules: Sequence[NotificationRule]) -> Iterator[list[tuple[UUID, str]]]:
    """Yield ids and names of schedules in the order of their names: all of them only where a rule has a pattern."""
    exact = [rule.pattern for rule in rules if EVERY not in rule.pattern]
    query = select(Schedule.id, Schedule.name).where(Schedule.deleted_at.is_(None))
    if len(exact) == len(rules):
        query = query.where(Schedule.name.in_(exact))
    last, goes_on = "", bool(rules)
    while goes_on:
        with transaction() as db:
            rows = db.execute(query.where(Schedule.name > last).order_by(Schedule.name).limit(MOST_NAMES)).all()
        yield [(id, name) for id, name in rows]
        goes_on = len(rows) == MOST_NAMES
        last = rows[-1].name if rows else last


def late(db: Session, pairs: Sequence[tuple[NotificationRule, UUID]], now: datetime) -> dict[Key, Any]:
    """Return of each rule and schedule whether it is late; those that are paused or deleted are left out."""
    rows = [
        {"rule": str(rule.id), "id": str(id), "grace": rule.late_seconds, "since": rule.created_at.isoformat()}
        for rule, id in pairs
    ]
    ids = sorted({str(id) for _, id in pairs})
    found = run(db, LATE, rows=json.dumps(rows), ids=ids, now=now, excused=list(EXCUSED)) if rows else []
    return {(row.rule, row.id): row for row in found}


def _details(row: Any) -> Mapping[str, Any]:
    return {"disabled": row.disabled_reason, "due_at": row.due_at and row.due_at.isoformat()}


def notice_recovered(rules: Sequence[NotificationRule], now: datetime) -> Iterator[None]:
    """Note which of those that were late are not any more, and forget those that are paused or gone, in pieces."""
    watching = {rule.id: rule for rule in _watching(rules)}
    last: Incident | None = None
    goes_on = bool(watching)
    while goes_on:
        with transaction() as db:
            opened = open_incidents(db, IncidentCondition.LATE, last, MOST_AT_ONCE, Watched.SCHEDULE)
            _recover(db, watching, [incident for incident, _ in opened], now)
            db.expunge_all()
        yield
        goes_on = len(opened) == MOST_AT_ONCE
        last = opened[-1][0] if opened else None


def _recover(db: Session, rules: Mapping[UUID, NotificationRule], opened: Sequence[Incident], now: datetime) -> None:
    keys = [(one.rule_id, UUID(one.thing)) for one in opened if one.rule_id in rules]
    states = late(db, [(rules[rule], id) for rule, id in keys], now)
    over = [Found(rule, str(id)) for rule, id in keys if (rule, id) in states and not states[rule, id].late]
    incidents.recover(db, IncidentCondition.LATE, over, now)
    incidents.forget(
        db, IncidentCondition.LATE, [Found(rule, str(id)) for rule, id in keys if (rule, id) not in states]
    )
