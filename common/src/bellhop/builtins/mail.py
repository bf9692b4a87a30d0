"""Mail: send one that stands in the database; see `bellhop_ledger.mail`."""

from enum import StrEnum
from uuid import UUID

from bellhop.signature import Retry, signature


class MailState(StrEnum):
    """What became of a mail."""

    QUEUED = "queued"
    """It waits to be sent, or to be sent again."""
    SENT = "sent"
    """The SMTP server has taken it."""
    KEPT = "kept"
    """No SMTP server is set, so it stays here."""
    DEAD = "dead"
    """It could not be sent; the reason says why."""


@signature("mail.send", queue="slow", soft_limit=60, hard_limit=90, retry=Retry(attempts=8, factor=4, longest=3600))
def send(*, mail_id: UUID) -> MailState:
    """Send a mail by SMTP. Safe to repeat: one that was sent is not sent again, and after a crash in between
    the second one has the same Message-ID."""
