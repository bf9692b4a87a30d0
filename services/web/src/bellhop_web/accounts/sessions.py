"""Sessions: a browser that is signed in, until it signs out, the time is up, or somebody ends it."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from flask import request
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bellhop.errors import NotFound
from bellhop_ledger.accounts.identities import Identity
from bellhop_ledger.accounts.users import SignIn, User
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.secrets import hash_of
from bellhop_web.accounts import browsers
from bellhop_web.auth.acts import note_by
from bellhop_web.http import cookies
from bellhop_web.http.csrf import SESSION_COOKIE

R = TypeVar("R", bound=Response)
LIFE = timedelta(days=14)
LIFE_BY_ISSUER = timedelta(hours=12)
"""Of a session that an issuer has begun: whoever it no longer lets in is out by then, and groups are read again."""
LONGEST_AGENT = 300


class NoSuchSession(NotFound):
    """There is no session of yours with this id."""


def open_session(
    db: Session, user: User, identity: Identity | None = None, *, proved_at: datetime | None = None
) -> str:
    """Sign this browser in, with an identity if it was by one, and return the secret for its cookie.

    It is a new one each time, and the session that the browser had is ended: nobody can have
    prepared it.
    """
    secret = secrets.token_urlsafe(32)
    if before := cookies.read(SESSION_COOKIE):
        db.execute(delete(SignIn).where(SignIn.hash == hash_of(before)))
    agent = request.headers.get("User-Agent", "")[:LONGEST_AGENT].replace("\0", "")
    begun = SignIn(user_id=user.id, hash=hash_of(secret), agent=agent, proved_at=proved_at)
    begun.identity_id = identity.id if identity else None
    begun.expires_at = clock.now() + (LIFE_BY_ISSUER if identity else LIFE)
    db.add(begun)
    return secret


def end_session(db: Session, user_id: UUID, id: UUID) -> bool:
    """End one session of a user, and return whether it began with an issuer. Raises NoSuchSession."""
    mine = delete(SignIn).where(SignIn.id == id, SignIn.user_id == user_id)
    ended = db.execute(mine.returning(SignIn.identity_id)).first()
    if ended is None:
        raise NoSuchSession
    note_by(db, f"user:{user_id}", Audited.SESSION_ENDED, "session", id)
    return ended.identity_id is not None


def end_sessions(db: Session, user_id: UUID) -> None:
    """End all sessions of a user."""
    db.execute(delete(SignIn).where(SignIn.user_id == user_id))


def sessions_of(db: Session, user_id: UUID) -> Sequence[SignIn]:
    """Return the sessions of a user that are valid, newest first."""
    valid = select(SignIn).where(SignIn.user_id == user_id, SignIn.expires_at > clock.now())
    return db.scalars(valid.order_by(SignIn.created_at.desc())).all()


def with_session(response: R, user: User, secret: str) -> R:
    """Return the browser its cookie, which no script reads and no other site's form sends, and remember the browser."""
    return browsers.remember(cookies.put(response, SESSION_COOKIE, secret, LIFE), user.email)


def without_session(response: R) -> R:
    """Take the cookie away."""
    return cookies.drop(response, SESSION_COOKIE)
