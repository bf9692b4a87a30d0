"""An SMTP server for tests. What it does with a mail, the address of the recipient says."""

import asyncio
import ssl
from collections import defaultdict
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bellhop_local.ports import free_port
from tests.stack import wait_until

HOST = "127.0.0.1"
USER, PASSWORD = "postman", "letter-box"


class Postbox:
    """Takes mails. It answers `busy-...` with 451 once, `nobody-...` with 550, and `hang-...` when it is released.

    `quote554-...` and `quote451-...` it refuses with this code and the whole mail as the reason.
    """

    def __init__(self, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None):
        self.port = free_port()
        self._mails: dict[str, list[EmailMessage]] = defaultdict(list)
        self._was_busy: set[str] = set()
        self._released: set[str] = set()
        self._open = True
        with_password: dict[str, Any] = {"auth_required": True, "authenticator": authenticate}
        self._controller = Controller(
            self,
            hostname=HOST,
            port=self.port,
            ssl_context=tls,
            tls_context=starttls,
            require_starttls=bool(starttls),
            **(with_password if starttls else {}),
        )

    def start(self) -> "Postbox":
        """Listen."""
        self._controller.start()
        return self

    def stop(self) -> None:
        """Stop listening."""
        self._open = False
        self._controller.stop()

    @property
    def settings(self) -> dict[str, str]:
        """What a worker is told to send mails here."""
        return {"SMTP_HOST": HOST, "SMTP_PORT": str(self.port), "SMTP_SECURITY": "none"}

    def to(self, address: str) -> list[EmailMessage]:
        """The mails that have arrived for somebody."""
        return list(self._mails[address])

    def first_to(self, address: str) -> EmailMessage:
        """Wait for somebody's first mail."""
        return wait_until(lambda: self.to(address))[0]

    def release(self, address: str) -> None:
        """Let those go on who were left hanging with a mail to this address."""
        self._released.add(address)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the recipient, or refuse."""
        if address.startswith("nobody-"):
            return "550 5.1.1 no such person"
        if address.startswith("busy-") and address not in self._was_busy:
            self._was_busy.add(address)
            return "451 4.3.2 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Put the mail into the box."""
        message: Any = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        for address in envelope.rcpt_tos:
            self._mails[address].append(message)
            if address.startswith("quote"):
                words = (envelope.original_content or b"").decode().split()
                return f"{address[5:8]} 5.7.1 not wanted: {' '.join(words)}"
            while address.startswith("hang-") and self._open and address not in self._released:
                await asyncio.sleep(0.02)
        return "250 taken"


def link_in(message: EmailMessage) -> str:
    """Return the link of a mail."""
    return parts(message)[0].split()[-1]


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Let the postman in."""
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


def parts(message: EmailMessage) -> tuple[str, str]:
    """Return the text and the HTML of a mail."""
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text
    assert html
    return text.get_content(), html.get_content()
