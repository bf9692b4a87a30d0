"""Sending: a notification leaves as a job, written in the transaction of what it reports."""

from uuid import UUID

from sqlalchemy.orm import Session

from bellhop.builtins.notifications import Notification, send
from bellhop.priority import HIGHEST_PRIORITY
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.mail import Letter, Link, send_mail
from bellhop_ledger.notifications.rules import address_of
from bellhop_ledger.notifications.tables import Channel, NotificationRule


def send_notification(db: Session, rule: NotificationRule, notification: Notification) -> UUID:
    """Write the job that sends a notification by the channel of its rule, and return the job's id.

    It is the first in its queue: the notification may be about how long that is.
    """
    if rule.channel == Channel.MAIL:
        letter = Letter(notification.subject, tuple(notification.lines), Link("Look at it", notification.url))
        return send_mail(db, address_of(db, rule), letter, priority=HIGHEST_PRIORITY).job_id
    return submit(db, send.with_priority(HIGHEST_PRIORITY), rule_id=rule.id, notification=notification).id
