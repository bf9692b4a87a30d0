"""Proof: a password is checked outside of any transaction, and what it was checked against once more inside.

To check one takes long, so no connection and no lock is held meanwhile. Whatever is handed out for it, a session,
a token or a new password, is handed out under the lock of the account, and only if that is as it was.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bellhop.errors import Refused
from bellhop_ledger.accounts.passwords import is_password
from bellhop_ledger.accounts.users import User
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts.throttle import failures_counted


def prove(account: str, user: User | None, password: str, wrong: Refused) -> User:
    """Return the user whose password this is. Raises `wrong`, and TooOften where an account is guessed at.

    Where there is no user, or one who is disabled, that takes as long.
    """
    with failures_counted(account):
        right = is_password(password, user.password_hash if user else None)
        if user is None or not right or user.disabled_at:
            raise wrong
    return user


def lock_proved(db: Session, seen: User, wrong: Refused) -> User:
    """Lock an account and return it as it is now.

    Raises `wrong` if its password was changed or it was disabled since it was `seen`.
    """
    user = db.get(User, seen.id, with_for_update={"key_share": True})
    if user is None or user.disabled_at or user.password_hash != seen.password_hash:
        raise wrong
    return user


def user_of_address(email: str) -> User | None:
    """Return the user with this address."""
    with transaction() as db:
        return db.scalar(select(User).where(User.email == email))


def user_of_id(id: UUID) -> User:
    """Return a user who is there."""
    with transaction() as db:
        return db.get_one(User, id)
