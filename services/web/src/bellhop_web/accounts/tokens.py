"""Personal tokens: shown once, stored as hashes, with a scope and an end."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from bellhop.errors import Conflict, NotFound, Refused
from bellhop_ledger.accounts.tokens import Token
from bellhop_ledger.accounts.users import SignIn
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.mail import send_mail
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.secrets import hash_of
from bellhop_web.accounts import letters
from bellhop_web.accounts.proof import NotYourPassword, lock_proved, prove_self
from bellhop_web.accounts.requests import NewToken
from bellhop_web.auth.acts import note_by

PREFIX = "bh_"
"""By which a token is known for what it is where it should not be."""
MOST = 50


class NoSuchToken(NotFound):
    """There is no token of yours with this id."""


class TooManyTokens(Conflict):
    """You have 50 tokens already; revoke one first."""


class SessionEnded(Refused):
    """The session has ended meanwhile; sign in again."""

    status = 401


def make_token(user_id: UUID, session_id: UUID, new: NewToken) -> tuple[Token, str]:
    """Create a token, notify its owner by mail, and return it with its secret, which is not shown again.

    Raises NotYourPassword, SignInAgain, TooOften, SessionEnded and TooManyTokens.
    """
    seen = prove_self(user_id, new.password)
    with transaction() as db:
        user = lock_proved(db, seen, NotYourPassword())  # one after the other: the count below holds
        if db.get(SignIn, session_id, with_for_update=True) is None:
            raise SessionEnded
        if len(tokens_of(db, user_id)) >= MOST:
            raise TooManyTokens
        token, secret = _written(db, user_id, new)
        _note(db, Audited.TOKEN_CREATED, token)
        send_mail(db, user.email, letters.token_made(token, user))
    return token, secret


def _written(db: Session, user_id: UUID, new: NewToken) -> tuple[Token, str]:
    secret = PREFIX + secrets.token_urlsafe(32)
    ends = clock.now() + timedelta(days=new.days)
    token = Token(user_id=user_id, name=new.name, hash=hash_of(secret), scope=new.scope, expires_at=ends)
    db.add(token)
    db.flush()
    return token, secret


def revoke_token(db: Session, user_id: UUID, id: UUID) -> None:
    """End a token, within seconds (see REMEMBERED in auth.py). Raises NoSuchToken."""
    token = db.scalar(select(Token).where(Token.id == id, *_valid(user_id)))
    if token is None:
        raise NoSuchToken
    token.revoked_at = clock.now()
    _note(db, Audited.TOKEN_REVOKED, token)


def revoke_tokens(db: Session, user_id: UUID) -> None:
    """End all tokens of a user, within seconds."""
    db.execute(update(Token).where(*_valid(user_id)).values(revoked_at=clock.now()))


def tokens_of(db: Session, user_id: UUID) -> Sequence[Token]:
    """Return the tokens of a user that are valid, newest first."""
    return db.scalars(select(Token).where(*_valid(user_id)).order_by(Token.created_at.desc(), Token.id.desc())).all()


def _valid(user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    unended = or_(Token.expires_at.is_(None), Token.expires_at > clock.now())
    return Token.user_id == user_id, Token.revoked_at.is_(None), unended


def _note(db: Session, action: Audited, token: Token) -> None:
    facts = {"name": token.name, "scope": token.scope}
    note_by(db, f"user:{token.user_id}", action, "token", token.id, details=facts)
