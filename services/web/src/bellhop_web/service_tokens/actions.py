"""Actions: making, changing, rotating and ending service tokens, by whoever shows that a browser is theirs."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bellhop_ledger.accounts import service_tokens
from bellhop_ledger.accounts.service_tokens import ServiceToken
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts.proof import prove_browser
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import Caller
from bellhop_web.service_tokens.requests import NewServiceToken, Rotation, ServiceTokenChanges, end_after


def make(caller: Caller, new: NewServiceToken) -> tuple[ServiceToken, str]:
    """Make a service token. Raises NotYourPassword, TooOften and ServiceNameTaken.

    The password is checked outside of any transaction, so this opens its own.
    """
    prove_browser(caller, new.password)
    with transaction() as db:
        token, secret = service_tokens.create(db, new.wanted(), by=caller.name)
        _note(db, Audited.SERVICE_TOKEN_CREATED, token)
    return token, secret


def change(caller: Caller, id: UUID, wanted: ServiceTokenChanges) -> ServiceToken:
    """Replace patterns of a service token. Raises NotYourPassword, TooOften and NoSuchServiceToken.

    The password is checked outside of any transaction, so this opens its own.
    """
    prove_browser(caller, wanted.password)
    with transaction() as db:
        token, before = service_tokens.change(db, id, wanted.patterns())
        if before:
            _note(db, Audited.SERVICE_TOKEN_CHANGED, token, before=before)
    return token


def rotate(caller: Caller, id: UUID, wanted: Rotation) -> tuple[ServiceToken, str]:
    """Rotate the secret of a service token. Raises NotYourPassword, TooOften, TooFarAway and NoSuchServiceToken.

    The password is checked outside of any transaction, so this opens its own.
    """
    prove_browser(caller, wanted.password)
    with transaction() as db:
        ends = end_after(wanted.days)
        token, secret = service_tokens.rotate(db, id, old_until=wanted.end_of_old(), expires_at=ends)
        _note(db, Audited.SERVICE_TOKEN_ROTATED, token)
    return token, secret


def revoke(db: Session, id: UUID) -> ServiceToken:
    """End a service token. Raises NoSuchServiceToken."""
    token = service_tokens.revoke(db, id)
    _note(db, Audited.SERVICE_TOKEN_REVOKED, token)
    return token


def _note(db: Session, action: Audited, token: ServiceToken, **more: Any) -> None:
    facts = {name: getattr(token, name) for name in ("name", "tasks", "queues", "schedules")}
    ends = token.expires_at and token.expires_at.isoformat()
    note(db, action, "service_token", token.id, **facts, expires_at=ends, **more)
