"""Mail: each is a row, written in the transaction of what it reports, and sent by a job."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop.builtins.mail import MailState, send
from bellhop.priority import DEFAULT_PRIORITY
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.platform.database import Base, Time, enumeration, uuid7
from bellhop_ledger.platform.secrets import decrypt, encrypt
from bellhop_ledger.platform.settings import Settings

LONGEST_SUBJECT = 200
SENDER = "Bellhop"
STYLE = """
    :root { color-scheme: light dark; }
    body { margin: 0; padding: 24px 16px; background: #f7f6f3; color: #1c2430;
           font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
    main { max-width: 560px; margin: 0 auto; padding: 24px 28px; background: #ffffff; border: 1px solid #dedad2;
           border-radius: 12px; }
    h1 { margin: 0 0 16px; font-size: 20px; line-height: 1.25; }
    p { margin: 0 0 16px; overflow-wrap: anywhere; }
    p:last-child { margin-bottom: 0; }
    a { display: inline-block; padding: 10px 18px; border-radius: 8px; background: #1d4f8c; color: #ffffff;
        font-weight: 600; text-decoration: none; }
    @media (prefers-color-scheme: dark) {
      body { background: #12161c; color: #e4e8ee; }
      main { background: #191f27; border-color: #2c3541; }
      a { background: #8fbcf5; color: #0c1a2b; }
    }
"""
"""The colours of the pages; programs that ignore it show plain text and a link."""

HIDDEN, NOT_KEPT = "(in the mail alone)", "(sent, and not kept)"
"""What stands in the place of a secret link."""


@dataclass(frozen=True)
class Link:
    """Where a mail leads. A secret one lets in whoever has it: it is stored encrypted, and deleted once sent."""

    label: str
    url: str = field(repr=False)
    secret: bool = False


@dataclass(frozen=True)
class Letter:
    """What a mail says. The subject becomes one line, whatever was put into it."""

    subject: str
    paragraphs: tuple[str, ...]
    link: Link | None = None

    def __post_init__(self) -> None:
        if self.link and self.link.secret and any(self.link.url in text for text in (self.subject, *self.paragraphs)):
            raise ValueError("a secret link stands in no other part of a letter: those are stored as they are")
        object.__setattr__(self, "subject", " ".join(self.subject.split())[:LONGEST_SUBJECT])

    @property
    def subject_line(self) -> str:
        """The subject as it arrives: it names who writes."""
        return self.subject if SENDER in self.subject else f"{SENDER}: {self.subject}"

    @property
    def text(self) -> str:
        """The mail as plain text."""
        link = (f"{self.link.label}:\n{self.link.url}",) if self.link else ()
        return "\n\n".join((*self.paragraphs, *link)) + "\n"

    @property
    def html(self) -> str:
        """The mail as HTML, without a picture or anything else from elsewhere."""
        paragraphs = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in self.paragraphs)
        link = f'<p><a href="{escape(self.link.url)}">{escape(self.link.label)}</a></p>' if self.link else ""
        head = f'<meta charset="utf-8"><title>{escape(self.subject)}</title><style>{STYLE}</style>'
        main = f"<main><h1>{escape(self.subject)}</h1>{paragraphs}{link}</main>"
        return f'<!doctype html><html lang="en"><head>{head}</head><body>{main}</body></html>\n'


States = enumeration(MailState)


class Mail(Base):
    """One mail and what became of it. It goes when its job goes."""

    __tablename__ = "mails"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    job_id: Mapped[UUID] = mapped_column(index=True)
    recipient: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    """Made once and sent with every attempt, so that a mail that arrives twice can be recognised."""
    subject: Mapped[str]
    paragraphs: Mapped[list[str]] = mapped_column(JSONB)
    link: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Its `label`, whether it is `secret`, and its `url`; of a secret one that waits, encrypted as `sealed`."""
    state: Mapped[MailState] = mapped_column(States, server_default=MailState.QUEUED.value)
    reason: Mapped[str | None]
    """Why the last attempt failed."""
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    sent_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        CheckConstraint("state IN ('queued','sent','kept','dead')", name="state"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
        CheckConstraint("state <> 'dead' OR reason IS NOT NULL", name="reason"),
        Index("mails_recipient_idx", "recipient", "id"),
    )

    @property
    def letter(self) -> Letter:
        """What it says to its recipient. Raises CannotDecrypt when the key of its link is gone."""
        return self._with_link(self._decrypted)

    @property
    def public_letter(self) -> Letter:
        """What it says to anybody else: a secret link is hidden."""
        return self._with_link(lambda link: NOT_KEPT if link.get("url") == NOT_KEPT else HIDDEN)

    def _with_link(self, url_of_secret: Callable[[dict[str, Any]], str]) -> Letter:
        link = None
        if self.link:
            secret = self.link["secret"]
            link = Link(self.link["label"], url_of_secret(self.link) if secret else self.link["url"], secret)
        return Letter(self.subject, tuple(self.paragraphs), link)

    def _decrypted(self, link: dict[str, Any]) -> str:
        return decrypt(link["sealed"], _audience(self.id)) if "sealed" in link else str(link["url"])

    def was_sent(self, at: datetime) -> None:
        """Note that the server has taken it, and forget a link that is for the recipient alone."""
        self.state, self.sent_at, self.reason = MailState.SENT, at, None
        if self.link and self.link["secret"]:
            self.link = {"label": self.link["label"], "secret": True, "url": NOT_KEPT}

    def was_kept(self) -> None:
        """Note that there is no server to send it."""
        self.state, self.reason = MailState.KEPT, None

    def was_refused(self, reason: str, *, for_good: bool) -> None:
        """Note why it was not sent, and whether that is the end."""
        self.state, self.reason = MailState.DEAD if for_good else MailState.QUEUED, reason


def send_mail(db: Session, to: str, letter: Letter, *, priority: int = DEFAULT_PRIORITY) -> Mail:
    """Write a mail and the job that sends it, in this transaction; priority 9 goes first and 0 last."""
    id = uuid7()
    mail = Mail(
        id=id,
        job_id=submit(db, send.with_priority(priority), mail_id=id).id,
        recipient=to,
        message_id=f"<{id}@{_host()}>",
        subject=letter.subject,
        paragraphs=list(letter.paragraphs),
        link=_stored(letter.link, id) if letter.link else None,
    )
    db.add(mail)
    return mail


def _stored(link: Link, mail_id: UUID) -> dict[str, Any]:
    """Return what is stored of a link: a secret one is encrypted, for this mail alone.

    It has no `url` then: a worker of a release that knows no `sealed` fails and tries again, and sends no broken link.
    """
    if link.secret:
        return {"label": link.label, "secret": True, "sealed": encrypt(link.url, _audience(mail_id))}
    return vars(link)


def _audience(mail_id: UUID) -> str:
    return f"mail:{mail_id}"


def _host() -> str:
    host = urlsplit(Settings.load().public_url).hostname or "localhost"
    return f"[{host}]" if ":" in host else host
