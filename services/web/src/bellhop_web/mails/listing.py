"""Mails as operators see them: newest first, each with what became of it."""

from contextlib import suppress
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field
from sqlalchemy import ColumnElement, Row, Select, and_, case, func, not_, or_, select
from sqlalchemy.orm import Session

from bellhop.builtins.mail import MailState
from bellhop.errors import NotFound
from bellhop.text import WITHOUT_NUL
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.mail import Letter, Mail
from bellhop_ledger.platform.secrets import CannotDecrypt
from bellhop_ledger.platform.settings import AppEnv, Settings
from bellhop_web.auth.callers import Caller, current_caller
from bellhop_web.http.brief import CUT, OMITTED, is_short
from bellhop_web.http.cursors import PageQuery
from bellhop_web.http.fields import switch
from bellhop_web.http.times import Utc
from bellhop_web.search.conditions import IS_RETRYING

GIVEN_UP = (Mail.state == MailState.QUEUED) & or_(Job.state == State.FAILED, Job.state == State.CANCELLED)
"""Its job ended before it could say so itself: it was cancelled, or its process was killed each time."""
TAKEN_UP = (Mail.state == MailState.DEAD) & Job.finished_at.is_(None)
"""Somebody has retried its job."""
STATE = case((GIVEN_UP, MailState.DEAD.value), (TAKEN_UP, MailState.QUEUED.value), else_=Mail.state).label(
    "shown_state"
)
WAITS = and_(Mail.state.in_([MailState.QUEUED, MailState.DEAD]), IS_RETRYING)
"""An attempt to send it failed, and it waits for the next one."""
REASON = case(
    (GIVEN_UP, func.coalesce(Job.error["message"].astext, "Its job was cancelled")),
    (WAITS, func.coalesce(Mail.reason, Job.error["message"].astext)),
    else_=Mail.reason,
)


class NoSuchMail(NotFound):
    """There is no mail with this id."""


class MailQuery(PageQuery):
    """Which mails to list."""

    list_name = "mails"

    to: Annotated[str, Field(max_length=320, min_length=1), WITHOUT_NUL] | None = Field(
        default=None, description="Only mails to this address", examples=["ada@example.org"]
    )
    state: MailState | None = Field(default=None, description="Only mails in this state")
    retrying: Annotated[bool, BeforeValidator(switch)] | None = Field(
        default=None, description="Only mails that an attempt did not get through and that wait for the next (`true`)"
    )


class MailView(BaseModel):
    """A mail and what became of it. It is kept as long as its job."""

    id: UUID
    to: str
    subject: str
    text: str = Field(description="What it says. A link that lets its owner in is in the mail alone, and not in here")
    html: str = Field(description="The same as HTML")
    state: MailState = Field(
        description="`queued` until it is sent, then `sent`; `kept` when no SMTP server is set; `dead` when it could "
        "not be sent"
    )
    retrying: bool = Field(description="Whether an attempt to send it failed and it waits for the next one")
    attempt: int = Field(description="How many attempts were begun")
    max_attempts: int = Field(description="After so many it is `dead`")
    next_attempt_at: Utc | None = Field(description="When it is tried again, while it is `retrying`")
    reason: str | None = Field(description="Why the last attempt failed; null when none has, and after a success")
    message_id: str = Field(description="The header Message-ID, the same in every attempt")
    job_id: UUID = Field(description="The job that sends it")
    created_at: Utc
    sent_at: Utc | None = Field(description="When the SMTP server took it")
    withheld: list[str] = Field(description="`text` and `html` where you have no right to see payloads; else nothing")


class ListedMailView(MailView):
    """A mail in a list."""

    omitted: list[str] = OMITTED


M = TypeVar("M", bound=MailView)
TEXTS = ["text", "html"]


class MailPageView(BaseModel):
    """One page of mails, newest first."""

    mails: list[ListedMailView]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one")


def page(db: Session, query: MailQuery) -> MailPageView:
    """Return one page of mails."""
    rows = db.execute(_selected(query).limit(query.rows_to_read)).all()
    shown, cursor = query.page_of(rows, lambda row: [str(row.Mail.id)])
    return MailPageView(mails=[_listed(row) for row in shown], next_cursor=cursor)


def _listed(row: Row[Any]) -> ListedMailView:
    facts = dict(_view(row))
    omitted = [name for name in ("text", "html", "reason") if not is_short(facts[name])]
    facts |= {name: (facts[name][:CUT] if name == "reason" else "") for name in omitted}
    return ListedMailView(**facts, omitted=omitted)


def find(db: Session, id: UUID) -> MailView:
    """Return one mail. Raises NoSuchMail."""
    row = db.execute(_mails().where(Mail.id == id)).one_or_none()
    if row is None:
        raise NoSuchMail
    return _view(row, _opened(row.Mail) if may_open(row.Mail) else None)


def shown_to(caller: Caller, mail: M) -> M:
    """Return a mail as somebody may see it: what it says is what its job was given."""
    return mail if caller.sees_payloads else mail.model_copy(update={"text": "", "html": "", "withheld": TEXTS})


def may_open(mail: Mail) -> bool:
    """Whether the present caller may read a link that lets its owner in: an operator's session, in development.

    Where no SMTP server is set the link can be read nowhere else. A token may not, whatever its scope: it would
    become the session of a person.
    """
    developing = Settings.load().app_env is AppEnv.DEVELOPMENT
    if not developing or mail.state is not MailState.KEPT:
        return False
    caller = current_caller()
    return caller.session_id is not None and caller.sees_payloads


def _opened(mail: Mail) -> Letter | None:
    with suppress(CannotDecrypt):
        return mail.letter
    return None


def _mails() -> Select[Any]:
    facts = Job.attempt, Job.max_attempts, case((WAITS, Job.run_at)).label("next_attempt_at")
    return select(Mail, STATE, REASON.label("shown_reason"), *facts).join(Job, Job.id == Mail.job_id)


def _selected(query: MailQuery) -> Select[Any]:
    wanted: list[ColumnElement[bool] | None] = [
        Mail.recipient == query.to.lower() if query.to is not None else None,
        STATE.in_([query.state.value]) if query.state else None,
        WAITS if query.retrying else not_(WAITS) if query.retrying is False else None,
        Mail.id < UUID(query.place()[0]) if query.cursor is not None else None,
    ]
    return _mails().where(*[one for one in wanted if one is not None]).order_by(Mail.id.desc())


def _view(row: Row[Any], opened: Letter | None = None) -> MailView:
    mail: Mail = row.Mail
    letter = opened or mail.public_letter
    return MailView(
        id=mail.id,
        to=mail.recipient,
        subject=mail.subject,
        text=letter.text,
        html=letter.html,
        state=row.shown_state,
        retrying=row.next_attempt_at is not None,
        attempt=row.attempt,
        max_attempts=row.max_attempts,
        next_attempt_at=row.next_attempt_at,
        reason=row.shown_reason,
        message_id=mail.message_id,
        job_id=mail.job_id,
        created_at=mail.created_at,
        sent_at=mail.sent_at,
        withheld=[],
    )
