"""Export: all that is kept of somebody, as one JSON document. It is read at one moment, and written to a file first."""

import gzip
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO, Any

from flask import Response, current_app
from pydantic_core import to_json
from sqlalchemy import Select, or_, select, text
from sqlalchemy.orm import Session

from bellhop_ledger.accounts.erasure import names_of
from bellhop_ledger.accounts.identities import Identity
from bellhop_ledger.accounts.service_tokens import ServiceToken
from bellhop_ledger.accounts.tokens import Token
from bellhop_ledger.accounts.users import SignIn, User
from bellhop_ledger.audit import Act
from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.mail import Mail
from bellhop_ledger.notifications.rules import informs
from bellhop_ledger.notifications.tables import NotificationRule
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.secrets import masked
from bellhop_ledger.schedules import Schedule, ScheduleChange
from bellhop_web.accounts.requests import AccountView
from bellhop_web.jobs.views import for_its_user, view

AT_ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
AS_FILE = {
    200: {"description": "The file", "content": {"application/json": {"schema": {"type": "object"}}}},
}
PIECE = 65_536
ROWS = 500
"""Rows that are held at a time."""
SESSION = ("id", "agent", "created_at", "last_seen_at", "expires_at")
IDENTITY = ("id", "issuer", "subject", "name", "created_at", "last_used_at")
TOKEN = ("id", "name", "scope", "created_at", "last_used_at", "expires_at", "revoked_at")
MAIL = ("id", "recipient", "subject", "state", "created_at", "sent_at")
SCHEDULE = ("id", "name", "task", "note", "created_at", "updated_at", "deleted_at")
CHANGE = ("id", "schedule_id", "changed_at", "action")
SERVICE_TOKEN = ("id", "name", "tasks", "queues", "schedules", "created_at", "expires_at", "revoked_at")
RULE = ("id", "kind", "pattern", "channel", "recipient", "recipient_id", "origin", "created_at", "updated_at")
ACT = ("id", "at", "action", "kind", "thing", "address", "agent", "request_id", "details")


def write(db: Session, user: User) -> IO[bytes]:
    """Return a file with all that is kept of somebody, packed, for `respond_with`. It is the caller's to close.

    The transaction must be new: all of the document is of one moment (`AT_ONE_MOMENT`).
    """
    packed = TemporaryFile()  # noqa: SIM115  closed with the answer
    try:
        with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as out:
            for piece in _document(db, user):
                out.write(piece)
    except BaseException:
        packed.close()
        raise
    packed.seek(0)
    return packed


def respond_with(packed: IO[bytes]) -> Response:
    """Answer with such a file."""
    headers = {"Content-Disposition": 'attachment; filename="personal-data.json"', "Cache-Control": "no-store"}
    response = Response(_pieces(packed), headers=headers, content_type="application/json")
    response.call_on_close(packed.close)
    return response


def _pieces(packed: IO[bytes]) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=packed, mode="rb") as unpacked:
        while piece := unpacked.read(PIECE):
            yield piece


def _document(db: Session, user: User) -> Iterator[bytes]:
    account = AccountView.of(user).model_dump() | {"activated_at": user.activated_at, "disabled_at": user.disabled_at}
    yield b'{"exported_at":' + to_json(clock.now()) + b',"account":' + to_json(account)
    for name, rows in _parts(db, user):
        yield b"," + to_json(name) + b":"
        yield from _list(rows)
    yield b',"plug_ins":{'
    for place, (plugin, data) in enumerate(current_app.extensions["personal"].items()):
        yield (b"," if place else b"") + to_json(plugin) + b":{"
        for number, (name, rows) in enumerate(data.export(db, user.id).items()):
            yield (b"," if number else b"") + to_json(name) + b":"
            yield from _list(rows)
        yield b"}"
    yield b"}}"


def _list(rows: Iterable[Any]) -> Iterator[bytes]:
    yield b"["
    for place, row in enumerate(rows):
        yield (b"," if place else b"") + to_json(dict(row))
    yield b"]"


def _parts(db: Session, user: User) -> Iterator[tuple[str, Iterable[Any]]]:
    names = names_of(db, user)
    yield "sessions", _rows(db, select(SignIn).where(SignIn.user_id == user.id), SESSION)
    yield "identities", _rows(db, select(Identity).where(Identity.user_id == user.id), IDENTITY)
    yield "tokens", _rows(db, select(Token).where(Token.user_id == user.id), TOKEN)
    yield "jobs", _jobs(db, select(Job).where(or_(Job.submitter.in_(names), Job.user_id == user.id)))
    yield "schedules", _schedules(db, select(Schedule).where(Schedule.created_by.in_(names)))
    changed = select(ScheduleChange).where(ScheduleChange.changed_by.in_(names))
    yield "schedule_changes", _rows(db, changed, CHANGE)
    made = select(ServiceToken).where(ServiceToken.created_by.in_(names))
    yield "service_tokens", _rows(db, made, SERVICE_TOKEN)
    rules = select(NotificationRule).where(or_(NotificationRule.owner.in_(names), informs(user.id, user.email)))
    yield "notification_rules", _rows(db, rules, RULE)
    yield "mails", _mails(db, select(Mail).where(Mail.recipient == user.email))
    yield "acts", _rows(db, select(Act).where(Act.actor.in_(names)).order_by(Act.id), ACT)


def _scalars(db: Session, query: Select[Any]) -> Iterator[Any]:
    yield from db.scalars(query.execution_options(yield_per=ROWS))


def _rows(db: Session, query: Select[Any], fields: Iterable[str]) -> Iterator[dict[str, Any]]:
    for row in _scalars(db, query):
        yield {field: getattr(row, field) for field in fields}


def _jobs(db: Session, query: Select[Any]) -> Iterator[Any]:
    """Show jobs as their submitter sees them: without secrets, and without our machines and code."""
    for job in _scalars(db, query):
        yield for_its_user(view(job))


def _schedules(db: Session, query: Select[Any]) -> Iterator[Any]:
    for schedule in _scalars(db, query):
        yield {field: getattr(schedule, field) for field in SCHEDULE} | {"args": masked(schedule.args)}


def _mails(db: Session, query: Select[Any]) -> Iterator[Any]:
    """Show mails without links that let somebody in."""
    for mail in _scalars(db, query):
        yield {field: getattr(mail, field) for field in MAIL} | {"text": mail.public_letter.text}
