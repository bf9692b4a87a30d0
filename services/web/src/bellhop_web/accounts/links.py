"""Links in mails: signed, for one purpose, for a while, and for once."""

import hashlib
from urllib.parse import urlencode
from uuid import UUID

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from bellhop.errors import Fault, Invalid
from bellhop_ledger.accounts.users import User
from bellhop_ledger.platform.settings import Settings

ACTIVATION, RESET = "activation", "reset"
PATHS = {ACTIVATION: "/activate", RESET: "/reset-password"}
LIVES = {ACTIVATION: 24 * 3600, RESET: 3600}
"""Seconds for which each is valid."""


class LinkNotValid(Invalid):
    """This link is not valid, or not any more. Ask for a new one."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("token", f"{self.__doc__}")])


def url_for_user(user: User, purpose: str) -> str:
    """Make a link for one person."""
    token = _signer(purpose).dumps([str(user.id), _print_of(user)])
    return f"{Settings.load().public_url}{PATHS[purpose]}?{urlencode({'token': token})}"


def user_of(db: Session, token: str, purpose: str, *, lock: bool = True) -> User:
    """Return the person whose link it is, locked for a change. Raises LinkNotValid."""
    try:
        id, seen = _signer(purpose).loads(token, max_age=LIVES[purpose])
    except BadData:
        raise LinkNotValid from None
    user = db.get(User, UUID(id), with_for_update={"key_share": True} if lock else None)
    if user is None or user.disabled_at or seen != _print_of(user):
        raise LinkNotValid
    return user


def _print_of(user: User) -> str:
    """Change with what a link is there to change: so each works once, and only the newest does.

    Nothing can be guessed from it: argon2's hash has 128 random bits of salt in it.
    """
    return hashlib.sha256(f"{user.password_hash}:{user.activated_at}".encode()).hexdigest()[:16]


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=f"link:{purpose}")
