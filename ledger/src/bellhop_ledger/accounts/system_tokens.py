"""System tokens: they belong to nobody and may do everything. They can be ended once a person may do that too."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from bellhop.errors import Conflict, NotFound
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.tokens import FIRST, Token
from bellhop_ledger.accounts.users import User
from bellhop_ledger.platform import clock


class NoSuchSystemToken(NotFound):
    """There is no token of the system with this id."""


class NoOtherAdmin(Conflict):
    """Nobody else is an admin, so nobody could come in as one any more; make somebody one first, or set ADMIN_EMAIL."""


ADMINS = select(User.id).where(User.role == Role.ADMIN, User.activated_at.is_not(None), User.disabled_at.is_(None))
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('admins', 0))")


def valid(db: Session) -> Sequence[Token]:
    """Return the tokens of the system that are valid, newest first."""
    unended = or_(Token.expires_at.is_(None), Token.expires_at > clock.now())
    wanted = select(Token).where(Token.user_id.is_(None), Token.revoked_at.is_(None), unended)
    return db.scalars(wanted.order_by(Token.created_at.desc(), Token.id.desc())).all()


def end(db: Session, id: UUID) -> Token:
    """End a token of the system, within seconds; the same ADMIN_TOKEN does not renew it, another one does.

    Raises NoSuchSystemToken, and NoOtherAdmin where no account that is open is an admin's.
    """
    token = db.scalar(select(Token).where(Token.id == id, Token.user_id.is_(None), Token.revoked_at.is_(None)))
    if token is None:
        raise NoSuchSystemToken
    token.revoked_at = clock.now()
    db.flush()
    refuse_locked_out(db)
    return token


def refuse_locked_out(db: Session) -> None:
    """Raise NoOtherAdmin where after this transaction neither a token of the system nor an account is an admin's."""
    db.execute(ONE_AT_A_TIME)
    if not db.scalar(ADMINS.limit(1)) and not valid(db):
        raise NoOtherAdmin


def end_first(db: Session) -> UUID | None:
    """End the token of ADMIN_TOKEN and return its id, None where there is none to end. Raises NoOtherAdmin."""
    id = db.scalar(select(Token.id).where(Token.name == FIRST, Token.user_id.is_(None), Token.revoked_at.is_(None)))
    if id is not None:
        end(db, id)
    return id


def first_ended_at(db: Session) -> datetime | None:
    """Return when the token of ADMIN_TOKEN was ended; None where it was not."""
    return db.scalar(select(Token.revoked_at).where(Token.name == FIRST, Token.user_id.is_(None)))
