"""The mail's body."""

import smtplib
from uuid import UUID

from sqlalchemy.orm import Session

from bellhop.builtins import mail
from bellhop.builtins.mail import MailState
from bellhop.errors import BellhopError, Permanent
from bellhop_ledger.mail import Mail
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.jsontext import cleaned
from bellhop_ledger.platform.log import get_logger
from bellhop_worker.engine.binding import body
from bellhop_worker.engine.run import Run
from bellhop_worker.mail.smtp import message_of, reason_of, refused_for_good, send, without_link
from bellhop_worker.settings import WorkerSettings

log = get_logger(__name__)

LONGEST_REASON = 1000


class NotSent(BellhopError):
    """The SMTP server has not taken a mail; it is asked again."""


@body(mail.send)
def send_mail(*, mail_id: UUID, run: Run, db: Session) -> MailState:
    """Send it, unless it was sent before; that it was is committed together with the end of the job.

    No transaction is open while we talk to the server, which may be slow.
    """
    with transaction() as before:
        found = before.get_one(Mail, mail_id)
    if found.state is MailState.SENT:
        return found.state
    settings = WorkerSettings.load()
    if settings.smtp_host:
        _send(found, run, settings)
        log.info("mail_sent", mail_id=str(mail_id), message_id=found.message_id)
    stored = db.get_one(Mail, mail_id)
    if settings.smtp_host:
        stored.was_sent(clock.now())
    else:
        stored.was_kept()
    return stored.state


def _send(found: Mail, run: Run, settings: WorkerSettings) -> None:
    letter = found.public_letter
    try:
        letter = found.letter
        send(message_of(found, settings.mail_from), found.recipient, settings)
    except Exception as error:
        for_good = refused_for_good(error)
        log.warning("mail_refused", mail_id=str(found.id), message_id=found.message_id, error=type(error).__name__)
        last = run.job.attempt >= run.job.max_attempts
        reason = cleaned(without_link(reason_of(error), letter), LONGEST_REASON)
        with transaction() as db:  # the job's own takes all back when it fails
            db.get_one(Mail, found.id).was_refused(reason, for_good=for_good or last)
        if for_good:
            raise Permanent(reason) from None
        if isinstance(error, smtplib.SMTPException):
            raise NotSent(reason) from None  # the error itself has the server's own words
        raise
