"""Notifications: post one to a webhook, Slack or Teams; see `bellhop_ledger.notifications`."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from bellhop.signature import Retry, signature


class Notification(BaseModel):
    """What a notification says."""

    event: Literal["failing", "late", "recovered", "test"]
    kind: Literal["schedule", "task", "queue"]
    names: list[str]
    """Of the things that it is about."""
    subject: str
    """One line."""
    lines: list[str]
    """What else there is to say."""
    url: str
    """Where to look."""
    at: datetime


@signature(
    "notifications.send", queue="slow", soft_limit=60, hard_limit=90, retry=Retry(attempts=8, factor=4, longest=3600)
)
def send(*, rule_id: UUID, notification: Notification) -> bool:
    """Post a notification by the channel of its rule, and return whether there still is that rule.

    Safe to repeat: each attempt carries the job's id, by which the other side can know it again.
    """
