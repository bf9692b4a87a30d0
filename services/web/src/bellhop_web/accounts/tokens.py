"""Personal tokens: shown once, stored as hashes, with a scope and an end."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from bellhop import clock
from bellhop.accounts import User
from bellhop.errors import Conflict, NotFound
from bellhop.tokens import Scope, Token, hash_of

PREFIX = "bh_"
"""By which a token is known for what it is where it should not be."""
MOST = 50


class NoSuchToken(NotFound):
    """There is no token of yours with this id."""


class TooManyTokens(Conflict):
    """You have 50 tokens already; revoke one first."""


def make_token(db: Session, user_id: UUID, name: str, scope: Scope, days: int) -> tuple[Token, str]:
    """Make a token and give it with its secret, which nobody sees again. Raises TooManyTokens."""
    db.get_one(User, user_id, with_for_update=True)  # one after the other: the count below holds
    if len(tokens_of(db, user_id)) >= MOST:
        raise TooManyTokens
    secret = PREFIX + secrets.token_urlsafe(32)
    ends = clock.now() + timedelta(days=days)
    token = Token(user_id=user_id, name=name, hash=hash_of(secret), scope=scope, expires_at=ends)
    db.add(token)
    db.flush()
    return token, secret


def revoke_token(db: Session, user_id: UUID, id: UUID) -> None:
    """End a token, within seconds (see REMEMBERED in auth.py). Raises NoSuchToken."""
    token = db.scalar(select(Token).where(Token.id == id, *_valid(user_id)))
    if token is None:
        raise NoSuchToken
    token.revoked_at = clock.now()


def tokens_of(db: Session, user_id: UUID) -> Sequence[Token]:
    """Give the tokens of a user that are valid, newest first."""
    return db.scalars(select(Token).where(*_valid(user_id)).order_by(Token.created_at.desc(), Token.id.desc())).all()


def _valid(user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    unended = or_(Token.expires_at.is_(None), Token.expires_at > clock.now())
    return Token.user_id == user_id, Token.revoked_at.is_(None), unended
