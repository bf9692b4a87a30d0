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

ACTIVATION, RESET, ADDRESS = "activation", "reset", "address"
INVITATION = "/invitation"
"""Where the link of an invitation leads: its token is not signed here, but stands in the table of invitations."""
PATHS = {ACTIVATION: "/activate", RESET: "/reset-password", ADDRESS: "/confirm-address"}
LIVES = {ACTIVATION: 24 * 3600, RESET: 3600, ADDRESS: 24 * 3600}
"""Seconds for which each is valid."""


class LinkNotValid(Invalid):
    """This link is not valid, or not any more. Ask for a new one."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("token", f"{self.__doc__}")])


def url_for_user(user: User, purpose: str) -> str:
    """Make a link for one person."""
    return _url(purpose, [str(user.id), _print_of(user)])


def url_for_address(user: User, email: str) -> str:
    """Make the link by which somebody shows that an address is theirs."""
    return _url(ADDRESS, [str(user.id), _print_of(user, user.email), email])


def url_for_invitation(secret: str) -> str:
    """Make the link of an invitation."""
    return f"{Settings.load().public_url}{INVITATION}?{urlencode({'token': secret})}"


def address_of(db: Session, token: str) -> tuple[User, str]:
    """Return the person whose link it is, locked for a change, and their new address. Raises LinkNotValid."""
    id, seen, email = _loaded(token, ADDRESS)
    user = _locked(db, id)
    if user is None or user.disabled_at or seen != _print_of(user, user.email):
        raise LinkNotValid
    return user, email


def user_of(db: Session, token: str, purpose: str, *, lock: bool = True) -> User:
    """Return the person whose link it is, locked for a change. Raises LinkNotValid."""
    id, seen = _loaded(token, purpose)
    user = _locked(db, id) if lock else db.get(User, UUID(id))
    if user is None or user.disabled_at or seen != _print_of(user):
        raise LinkNotValid
    return user


def _url(purpose: str, signed: list[str]) -> str:
    token = _signer(purpose).dumps(signed)
    return f"{Settings.load().public_url}{PATHS[purpose]}?{urlencode({'token': token})}"


def _loaded(token: str, purpose: str) -> list[str]:
    try:
        found: list[str] = _signer(purpose).loads(token, max_age=LIVES[purpose])
    except BadData:
        raise LinkNotValid from None
    return found


def _locked(db: Session, id: str) -> User | None:
    return db.get(User, UUID(id), with_for_update={"key_share": True})


def _print_of(user: User, *more: str) -> str:
    """Change with what a link is there to change: so each works once, and only the newest does.

    Nothing can be guessed from it: argon2's hash has 128 random bits of salt in it.
    """
    told = ":".join([str(user.password_hash), str(user.activated_at), *more])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=f"link:{purpose}")
