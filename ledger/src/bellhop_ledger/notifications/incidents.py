"""Incidents: what the rules have found is noted once, reported once, and reported once more when it is over."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from bellhop_ledger.notifications.quiet import is_quiet
from bellhop_ledger.notifications.sending import send_notification
from bellhop_ledger.notifications.tables import Incident, IncidentCondition, NotificationRule
from bellhop_ledger.notifications.wording import RECOVERED, report
from bellhop_ledger.platform.statements import run

MOST_AT_ONCE = 300

# A rule may be deleted meanwhile. What is known already is not even locked, and what had been over goes on.
NOTE = text("""
    INSERT INTO notification_incidents AS i (rule_id, condition, thing, name, details, since)
    SELECT r.id, CAST(:condition AS varchar), f.thing, f.name, f.details, CAST(:now AS timestamptz)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS f(rule uuid, thing text, name text, details jsonb)
    JOIN notification_rules r ON r.id = f.rule
    WHERE NOT EXISTS (
        SELECT FROM notification_incidents k
        WHERE k.rule_id = r.id AND k.condition = CAST(:condition AS varchar) AND k.thing = f.thing
          AND k.recovered_at IS NULL)
    ORDER BY r.id, f.thing
    ON CONFLICT (rule_id, condition, thing) DO UPDATE SET recovered_at = NULL WHERE i.recovered_at IS NOT NULL
    RETURNING rule_id
""")
# What nobody was informed of is nobody's concern any more.
FORGET = text("""
    DELETE FROM notification_incidents i
    USING jsonb_to_recordset(CAST(:rows AS jsonb)) AS f(rule uuid, thing text)
    WHERE i.rule_id = f.rule AND i.condition = CAST(:condition AS varchar) AND i.thing = f.thing
      AND (i.notified_at IS NULL OR CAST(:all AS boolean))
    RETURNING i.rule_id
""")
RECOVER = text("""
    UPDATE notification_incidents i SET recovered_at = CAST(:now AS timestamptz)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS f(rule uuid, thing text)
    WHERE i.rule_id = f.rule AND i.condition = CAST(:condition AS varchar) AND i.thing = f.thing
      AND i.recovered_at IS NULL
    RETURNING i.rule_id
""")
# One statement for all of them, and not one for each: a piece of a round is short.
NOTIFIED = text("""
    UPDATE notification_incidents i SET notified_at = CAST(:now AS timestamptz)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS f(rule uuid, thing text)
    WHERE i.rule_id = f.rule AND i.condition = CAST(:condition AS varchar) AND i.thing = f.thing
    RETURNING i.rule_id
""")


@dataclass(frozen=True)
class Found:
    """One thing that is as a rule has it."""

    rule: UUID
    thing: str
    name: str = ""
    details: Mapping[str, Any] | None = None

    @property
    def row(self) -> dict[str, Any]:
        """It as JSON."""
        facts = {"rule": str(self.rule), "thing": self.thing, "name": self.name}
        return facts | {"details": dict(self.details or {})}


def note(db: Session, condition: IncidentCondition, found: Sequence[Found], now: datetime) -> int:
    """Note what was found; return how many of it are new, or had been over."""
    return len(run(db, NOTE, rows=_rows(found), condition=condition, now=now)) if found else 0


def recover(db: Session, condition: IncidentCondition, over: Sequence[Found], now: datetime) -> None:
    """Note what is over. Of what nobody was informed of, nothing stays."""
    if over:
        run(db, FORGET, rows=_rows(over), condition=condition, all=False)
        run(db, RECOVER, rows=_rows(over), condition=condition, now=now)


def forget(db: Session, condition: IncidentCondition, gone: Sequence[Found]) -> None:
    """Delete incidents of things that are not there any more, or that nobody expects to run."""
    if gone:
        run(db, FORGET, rows=_rows(gone), condition=condition, all=True)


def _rows(found: Sequence[Found]) -> str:
    return json.dumps([one.row for one in found])


def report_pending(db: Session, now: datetime) -> int:
    """Send what is to be reported, but for rules that are quiet now; return how many incidents these were.

    The jobs that send it and the note that it is sent are one transaction. Another scheduler passes over these rows.
    """
    rules = {rule.id: rule for rule in db.scalars(select(NotificationRule)) if not is_quiet(rule, now)}
    wanted = or_(Incident.notified_at.is_(None), Incident.recovered_at.is_not(None))
    query = select(Incident).where(wanted, Incident.rule_id.in_(rules)).limit(MOST_AT_ONCE)
    found = db.scalars(query.with_for_update(skip_locked=True)).all()
    for (id, event), group in groupby(sorted(found, key=_order), key=lambda one: (one.rule_id, _event(one))):
        _report(db, rules[id], event, list(group), now)
    return len(found)


def _order(incident: Incident) -> tuple[UUID, str, str]:
    return incident.rule_id, _event(incident), incident.name


def _event(incident: Incident) -> str:
    return RECOVERED if incident.recovered_at else incident.condition


def _report(db: Session, rule: NotificationRule, event: str, incidents: list[Incident], now: datetime) -> None:
    """Send one notification about all of them."""
    if event != RECOVERED or rule.recovered:
        send_notification(db, rule, report(rule, incidents, event, now))
    for condition in {one.condition for one in incidents}:
        reported = [Found(rule.id, one.thing) for one in incidents if one.condition == condition]
        if event == RECOVERED:
            forget(db, IncidentCondition(condition), reported)
        else:
            run(db, NOTIFIED, rows=_rows(reported), condition=condition, now=now)
