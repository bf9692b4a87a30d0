"""Rules: they are stored, changed and deleted; what is secret of a channel is stored encrypted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy import delete as deleting
from sqlalchemy.orm import Session

from bellhop.errors import Conflict, Fault, Invalid, NotFound
from bellhop.urls import origin_of
from bellhop_ledger.accounts.users import User
from bellhop_ledger.notifications.tables import MOST_RULES, Incident, NotificationRule
from bellhop_ledger.platform.database import uuid7
from bellhop_ledger.platform.secrets import MASK, decrypt, encrypt, is_meant_for

WHAT = ("kind", "pattern", "failures", "late_seconds")
"""Fields that say what is watched. With another of these a rule begins anew."""


class NoSuchRule(NotFound):
    """There is no rule about notifications with this id."""


class TooManyRules(Conflict):
    """There are 200 rules about notifications already; patterns watch many things with one."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a rule is to be; checked but for its secrets."""

    kind: str
    pattern: str
    failures: int | None
    late_seconds: int | None
    recovered: bool
    channel: str
    recipient: str | None
    recipient_id: UUID | None = None
    """Of a mail to the account that asks; a rule that informs an account already goes on to inform that one."""
    url: str | None
    signing_secret: str | None
    quiet_from: time | None
    quiet_until: time | None
    time_zone: str | None


def all_rules(db: Session) -> Sequence[NotificationRule]:
    """Return all rules, by what they watch."""
    order = (NotificationRule.kind, NotificationRule.pattern, NotificationRule.id)
    return db.scalars(select(NotificationRule).order_by(*order)).all()


def find(db: Session, id: UUID, *, lock: bool = False) -> NotificationRule:
    """Return a rule. Raises NoSuchRule."""
    if found := db.get(NotificationRule, id, with_for_update=lock or None):
        return found
    raise NoSuchRule


def create(db: Session, wanted: Wanted, *, by: str) -> NotificationRule:
    """Store a rule. Raises Invalid, which names the field, and TooManyRules."""
    if (db.scalar(select(func.count()).select_from(NotificationRule)) or 0) >= MOST_RULES:
        raise TooManyRules
    rule = NotificationRule(id=uuid7(), owner=by)
    _set(rule, wanted, by)
    db.add(rule)
    db.flush()
    db.refresh(rule)
    return rule


def change(db: Session, id: UUID, wanted: Wanted, *, by: str) -> NotificationRule:
    """Make a rule what is wanted. Raises NoSuchRule and Invalid.

    If it is to watch something else, what it has found is forgotten, and it begins anew.
    """
    rule = find(db, id, lock=True)
    before = [getattr(rule, name) for name in WHAT]
    _set(rule, wanted, by)
    if before != [getattr(rule, name) for name in WHAT]:
        db.execute(deleting(Incident).where(Incident.rule_id == id))
    rule.updated_at = func.now()
    db.flush()
    db.refresh(rule)
    return rule


def delete(db: Session, id: UUID) -> NotificationRule:
    """Delete a rule with what it has found. Raises NoSuchRule."""
    rule = find(db, id, lock=True)
    db.delete(rule)
    return rule


def incidents_of(db: Session, ids: Sequence[UUID], *, most: int) -> Sequence[Incident]:
    """Return what rules have found and that goes on, the newest first, at most so many."""
    query = select(Incident).where(Incident.rule_id.in_(ids), Incident.recovered_at.is_(None))
    return db.scalars(query.order_by(Incident.since.desc(), Incident.name).limit(most)).all()


def address_of(db: Session, rule: NotificationRule) -> str:
    """Return the address to which a rule by mail writes now: that of an account may have changed."""
    found = db.scalar(select(User.email).where(User.id == rule.recipient_id)) if rule.recipient_id else rule.recipient
    assert found is not None
    return found


def informs(user_id: UUID, email: str) -> ColumnElement[bool]:
    """Return the condition by which rules write to an account, or to the address that it has now."""
    account, address = NotificationRule.recipient_id, NotificationRule.recipient
    to_address = and_(account.is_(None), address.is_not_distinct_from(email))
    return or_(account.is_not_distinct_from(user_id), to_address)


def _set(rule: NotificationRule, wanted: Wanted, by: str) -> None:
    kept = {"recipient": rule.recipient, "recipient_id": rule.recipient_id}
    goes_on = wanted.recipient_id is not None and rule.recipient_id is not None
    changed = vars(wanted) | _encrypted(rule, wanted) | (kept if goes_on else {})
    for field, value in changed.items():
        setattr(rule, field, value)
    rule.updated_by = by


def _encrypted(rule: NotificationRule, wanted: Wanted) -> dict[str, Any]:
    """Return the URL and the signing secret as they are stored; `***` stands for what is there."""
    if wanted.url is None:
        return {"url": None, "origin": None, "signing_secret": None}
    if wanted.url == MASK:
        if rule.url is None:
            raise Invalid(faults=[Fault("url", f"must be given: {MASK} only stands for one that is stored")])
        url, origin = rule.url, rule.origin
    else:
        url, origin = encrypt(wanted.url, _audience(rule.id)), origin_of(wanted.url)
    assert origin is not None
    return {"url": url, "origin": origin, "signing_secret": _encrypted_secret(rule, wanted.signing_secret, origin)}


def _encrypted_secret(rule: NotificationRule, given: str | None, origin: str) -> str | None:
    if given != MASK:
        return None if given is None else encrypt(given, origin)
    if rule.signing_secret is None or not is_meant_for(rule.signing_secret, origin):
        raise Invalid(faults=[Fault("signing_secret", f"must be given again: {MASK} only stands for a secret")])
    return rule.signing_secret


def opened(rule: NotificationRule) -> tuple[str, str | None]:
    """Return the URL and the signing secret of a rule as they are used. Raises CannotDecrypt."""
    assert rule.url is not None
    assert rule.origin is not None
    secret = None if rule.signing_secret is None else decrypt(rule.signing_secret, rule.origin)
    return decrypt(rule.url, _audience(rule.id)), secret


def _audience(id: UUID) -> str:
    return f"notifications:{id}"
