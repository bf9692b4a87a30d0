"""SMTP: one message to one recipient, over a connection of its own."""

import re
import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from bellhop.errors import Permanent
from bellhop_ledger.mail import Letter, Mail
from bellhop_ledger.platform import tracing
from bellhop_ledger.platform.secrets import MASK
from bellhop_ledger.platform.tracing import Facts, Kind
from bellhop_worker.settings import SmtpSecurity, WorkerSettings

PERMANENT = 500
"""Replies from here on are final (RFC 5321, 4.2.1)."""
LIKE_A_SECRET = re.compile(r"[A-Za-z0-9+/=_-]{16,}")
"""A piece of a link's token, in whatever way the message was encoded."""


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """Write the mail down with a text and an HTML part. It is the same in every attempt, byte for byte."""
    message, letter = EmailMessage(), mail.letter
    message["Message-ID"], message["Date"] = mail.message_id, format_datetime(mail.created_at)
    message["From"], message["To"], message["Subject"] = sender, mail.recipient, letter.subject_line
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    message.set_boundary(f"part-{mail.id}")
    return message


def send(message: EmailMessage, recipient: str, settings: WorkerSettings) -> None:
    """Hand the message to the server. Raises what smtplib and sockets do; each step may take SMTP_TIMEOUT seconds."""
    facts: Facts = {"server.address": settings.smtp_host, "server.port": settings.smtp_port_or_usual}
    with tracing.span("SMTP", Kind.CLIENT, facts):
        _send(message, recipient, settings)


def _send(message: EmailMessage, recipient: str, settings: WorkerSettings) -> None:
    server = _connect(settings)
    try:
        if settings.smtp_security is SmtpSecurity.STARTTLS:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        server.send_message(message, to_addrs=[recipient])
    finally:
        with suppress(smtplib.SMTPException):  # what was taken is sent, however the server says good-bye
            server.quit()


def _connect(settings: WorkerSettings) -> smtplib.SMTP:
    host, port, timeout = settings.smtp_host, settings.smtp_port_or_usual, settings.smtp_timeout
    if settings.smtp_security is SmtpSecurity.TLS:
        return smtplib.SMTP_SSL(host, port, timeout=timeout, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=timeout)


def refused_for_good(error: Exception) -> bool:
    """Whether this mail will never be sent: a 5xx to its sender, its recipient or itself, or its key is gone.

    A 5xx to how we connect or sign in is about our settings, which can be mended before the next attempt.
    """
    match error:
        case Permanent():
            return True
        case smtplib.SMTPRecipientsRefused():
            return all(code >= PERMANENT for code, _ in error.recipients.values())
        case smtplib.SMTPSenderRefused() | smtplib.SMTPDataError():
            return error.smtp_code >= PERMANENT
    return False


def reason_of(error: Exception) -> str:
    """Return for people why a mail was not sent: what the server answered, or what is wrong with the connection."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return _reply(*next(iter(error.recipients.values())))
        case smtplib.SMTPResponseException():
            return _reply(error.smtp_code, error.smtp_error)
        case Permanent():
            return str(error)
        case OSError() if not isinstance(error, smtplib.SMTPException):
            return f"The mail server cannot be reached: {error.strerror or error}"
    return f"{type(error).__name__}: {error}"


def _reply(code: int, answer: bytes | str) -> str:
    return f"{code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"


def without_link(reason: str, letter: Letter) -> str:
    """Return a reason without the letter's secret link: a server may quote what it refuses, or a piece of it."""
    if not (letter.link and letter.link.secret):
        return reason
    for url in (escape(letter.link.url), letter.link.url):
        reason = reason.replace(url, MASK)
    return LIKE_A_SECRET.sub(MASK, reason)
