"""Late queues: those whose oldest waiting job has waited for longer than a rule allows."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bellhop_ledger.accounts.patterns import EVERY
from bellhop_ledger.broker.celery_app import QUEUES
from bellhop_ledger.notifications import incidents
from bellhop_ledger.notifications.incidents import Found
from bellhop_ledger.notifications.tables import Incident, IncidentCondition, NotificationRule, Watched
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.statements import run
from bellhop_ledger.tasks.known import known_tasks

# The oldest job is the first entry of its queue in jobs_waiting_idx, however many wait behind it.
OLDEST = text("""
    SELECT q.name, (SELECT min(queued_at) FROM unfinished_jobs WHERE state = 'queued' AND queue = q.name) AS since
    FROM unnest(CAST(:names AS text[])) AS q(name)
""")


def notice(rules: Sequence[NotificationRule], now: datetime) -> Iterator[None]:
    """Note which queues are late by the rules, and which are not any more."""
    watching = [rule for rule in rules if rule.kind == Watched.QUEUE and rule.late_seconds is not None]
    if not watching:
        return
    with transaction() as db:
        found = _late(db, watching, now)
        incidents.note(db, IncidentCondition.LATE, found, now)
        incidents.recover(db, IncidentCondition.LATE, _over(db, watching, found), now)
    yield


def _late(db: Session, rules: Sequence[NotificationRule], now: datetime) -> list[Found]:
    named = {rule.pattern for rule in rules if EVERY not in rule.pattern}
    names = sorted({*QUEUES, *known_tasks().current().queues, *named})
    since = {row.name: row.since for row in run(db, OLDEST, names=names) if row.since is not None}
    waited = {name: (now - oldest).total_seconds() for name, oldest in since.items()}
    return [
        Found(rule.id, name, name, {"waited": seconds})
        for name, seconds in waited.items()
        for rule in rules
        if rule.late_seconds is not None and seconds > rule.late_seconds and rule.watches(Watched.QUEUE, name)
    ]


def _over(db: Session, rules: Sequence[NotificationRule], found: Sequence[Found]) -> list[Found]:
    late = {(one.rule, one.thing) for one in found}
    query = select(Incident.rule_id, Incident.thing).where(
        Incident.condition == IncidentCondition.LATE,
        Incident.recovered_at.is_(None),
        Incident.rule_id.in_(rule.id for rule in rules),
    )
    return [Found(rule, thing) for rule, thing in db.execute(query) if (rule, thing) not in late]
