"""Deleting an account: what is somebody's goes, what goes on is handed over, and the rest names nobody."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, not_, select, update
from sqlalchemy.orm import Session

from bellhop.builtins.mail import MailState
from bellhop.errors import Conflict, Fault, Invalid
from bellhop_ledger.accounts import erasure
from bellhop_ledger.accounts.people import is_admin
from bellhop_ledger.accounts.service_tokens import ServiceToken
from bellhop_ledger.accounts.users import User
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.mail import Mail, send_mail
from bellhop_ledger.notifications.rules import informs
from bellhop_ledger.notifications.tables import NotificationRule
from bellhop_ledger.schedules import Schedule
from bellhop_web.accounts import letters
from bellhop_web.auth.acts import note

MOST_NAMED = 50
"""Things that a refusal names."""


@dataclass(frozen=True)
class Owned:
    """Something that goes on without the person who made it, and needs somebody who answers for it."""

    kind: str
    id: str
    name: str


class StillOwns(Conflict):
    """This account has made what goes on without it, see `owned`: `hand_over_to` names the admin who takes it."""

    def __init__(self, owned: Sequence[Owned]):
        super().__init__(owned=[asdict(one) for one in owned[:MOST_NAMED]], owned_count=len(owned))


class NotAnHeir(Invalid):
    """Nobody else takes over what an account has made but an admin."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("hand_over_to", "is not the address of another admin")])


def delete_account(db: Session, user: User, hand_over_to: str | None) -> None:
    """Delete an account that is locked, with all that is its own.

    Raises LastAdmin, StillOwns where what it has made is handed to nobody, and NotAnHeir.
    """
    handed = hand_over(db, user, hand_over_to)
    for data in current_app.extensions["personal"].values():
        data.erase(db, user.id)
    note(db, Audited.USER_DELETED, "user", user.id, **handed)
    email = user.email
    erasure.erase(db, user)
    db.execute(delete(NotificationRule).where(informs(user.id, email)))
    db.execute(delete(Mail).where(Mail.recipient == email, Mail.state != MailState.QUEUED))
    send_mail(db, email, letters.account_deleted())


def owned_by(db: Session, user: User) -> list[Owned]:
    """Return what an account has made and what goes on without it: schedules, service tokens, notification rules."""
    found: list[Owned] = []
    for kind, (table, name, _, where) in _made_by(db, user).items():
        rows = db.execute(select(table.id, name).where(*where).order_by(name)).all()
        found += [Owned(kind, str(id), words) for id, words in rows]
    return found


def hand_over(db: Session, user: User, to: str | None) -> dict[str, Any]:
    """Hand what an account has made to an admin; return what the audit says of it. Raises StillOwns and NotAnHeir."""
    heir = _heir(db, user, to) if to else None
    if not (owned := owned_by(db, user)):
        return {}
    if heir is None:
        raise StillOwns(owned)
    for table, _, column, where in _made_by(db, user).values():
        db.execute(update(table).where(*where).values({column: f"user:{heir}"}))
    return {"handed_to": f"user:{heir}", "handed_over": [f"{one.kind} {one.name}" for one in owned[:MOST_NAMED]]}


def _heir(db: Session, user: User, email: str) -> UUID:
    found = db.scalar(select(User).where(User.email == email, User.id != user.id).with_for_update(read=True))
    if found is None or not is_admin(found):
        raise NotAnHeir
    return found.id


class Made(NamedTuple):
    """Where something stands that an account can have made: how it is called, who made it, and which are meant."""

    table: Any
    name: Any
    column: Any
    where: tuple[Any, ...]


def _made_by(db: Session, user: User) -> dict[str, Made]:
    """Return where what an account has made stands. A rule that writes to it alone goes with it."""
    names = erasure.names_of(db, user)
    rule, of_rule = NotificationRule, NotificationRule.kind + " " + NotificationRule.pattern
    mine, to_others = rule.owner.in_(names), not_(informs(user.id, user.email))
    schedules = Schedule.created_by.in_(names), Schedule.deleted_at.is_(None)
    tokens = ServiceToken.created_by.in_(names), ServiceToken.revoked_at.is_(None)
    return {
        "schedule": Made(Schedule, Schedule.name, Schedule.created_by, schedules),
        "service_token": Made(ServiceToken, ServiceToken.name, ServiceToken.created_by, tokens),
        "notification_rule": Made(rule, of_rule, rule.owner, (mine, to_others)),
    }
