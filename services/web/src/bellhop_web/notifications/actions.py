"""Actions: what operators do with the rules about notifications, and its note in the audit."""

from uuid import UUID

from sqlalchemy.orm import Session

from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.notifications import rules
from bellhop_ledger.notifications.sending import send_notification
from bellhop_ledger.notifications.tables import NotificationRule
from bellhop_ledger.notifications.wording import test_of
from bellhop_ledger.platform import clock
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import Caller
from bellhop_web.notifications.requests import RuleRequest

KIND = "notification"


def create(db: Session, caller: Caller, body: RuleRequest) -> NotificationRule:
    """Make a rule. Raises Invalid, which names the field, and TooManyRules."""
    rule = rules.create(db, body.wanted(caller), by=caller.name)
    _note(db, Audited.NOTIFICATION_CREATED, rule)
    return rule


def change(db: Session, caller: Caller, id: UUID, body: RuleRequest) -> NotificationRule:
    """Change a rule as a whole. Raises NoSuchRule and Invalid."""
    rule = rules.change(db, id, body.wanted(caller), by=caller.name)
    _note(db, Audited.NOTIFICATION_CHANGED, rule)
    return rule


def delete(db: Session, id: UUID) -> NotificationRule:
    """Delete a rule. Raises NoSuchRule."""
    rule = rules.delete(db, id)
    _note(db, Audited.NOTIFICATION_DELETED, rule)
    return rule


def test(db: Session, id: UUID) -> UUID:
    """Send a notification that says that it is a test, and return the job that does it. Raises NoSuchRule."""
    rule = rules.find(db, id)
    job = send_notification(db, rule, test_of(rule, clock.now()))
    _note(db, Audited.NOTIFICATION_TESTED, rule)
    return job


def _note(db: Session, action: Audited, rule: NotificationRule) -> None:
    note(db, action, KIND, rule.id, watched=rule.kind, name=rule.pattern, channel=rule.channel)
