"""Proof: a password is checked outside of any transaction, and what it was checked against once more inside.

To check one takes long, so no connection and no lock is held meanwhile. Whatever is handed out for it, a session,
a token or a new password, is handed out under the lock of the account, and only if that is as it was.

Where an account takes no password, what needs one takes a sign-in with the issuer within the last minutes instead:
`prove_self` is the one place that decides, and `wanted` tells forms what to ask for.
"""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bellhop.errors import Fault, Invalid, Refused
from bellhop_ledger.accounts.passwords import is_password
from bellhop_ledger.accounts.users import SignIn, User
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts.throttle import failures_counted
from bellhop_web.auth.callers import Caller, current_caller
from bellhop_web.auth.opening import issuer_name, local_sign_in_is_on

FRESH = timedelta(minutes=10)
"""For so long a sign-in with the issuer proves what elsewhere a password does."""


class Proof(StrEnum):
    """What a form has to ask for."""

    PASSWORD = "password"  # noqa: S105
    SIGN_IN = "sign_in"
    """A sign-in with the issuer, before the form is sent."""
    NOTHING = "nothing"


class NotYourPassword(Invalid):
    """This is done by whoever knows the password, not by whoever finds a browser signed in."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("password", "is not your password")])


class SignInAgain(Invalid):
    """An account without a password shows by a fresh sign-in that its owner asks."""

    def __init__(self) -> None:
        minutes = int(FRESH.total_seconds() / 60)
        words = f"cannot prove who you are: sign in with {issuer_name()} again, within {minutes} minutes before this"
        super().__init__(faults=[Fault("password", words)])


def prove(account: str, user: User | None, password: str, wrong: Refused) -> User:
    """Return the user whose password this is. Raises `wrong`, and TooOften where an account is guessed at.

    Where there is no user, or one who is disabled or has no password, that takes as long.
    """
    with failures_counted(account):
        right = is_password(password, user.password_hash if user else None)
        if user is None or not right or user.disabled_at:
            raise wrong
    return user


def prove_self(user_id: UUID, password: str | None) -> User:
    """Return the user who asks for something that needs their password, or where they have none a fresh sign-in.

    Raises NotYourPassword, SignInAgain and TooOften.
    """
    seen = user_of_id(user_id)
    if takes_password(seen):
        return prove(seen.email, seen, password or "", NotYourPassword())
    if not is_fresh():
        raise SignInAgain
    return seen


def prove_browser(caller: Caller, password: str | None) -> None:
    """Check that it is really they who ask where somebody is signed in with a browser; a token proves itself.

    Raises NotYourPassword, SignInAgain and TooOften.
    """
    if caller.session_id and caller.user_id:
        prove_self(caller.user_id, password)


def takes_password(user: User) -> bool:
    """Whether a password proves who somebody is."""
    return user.password_hash is not None and local_sign_in_is_on()


def is_fresh() -> bool:
    """Whether the issuer has just made sure who uses the present session."""
    session_id = current_caller().session_id
    with transaction() as db:
        proved = db.scalar(select(SignIn.proved_at).where(SignIn.id == session_id))
    return proved is not None and clock.now() - proved < FRESH


def wanted() -> Proof:
    """Return what a form has to ask of the person who looks at it; of tokens nothing, which prove themselves."""
    caller = current_caller()
    if caller.user_id is None or caller.session_id is None:
        return Proof.NOTHING
    if takes_password(user_of_id(caller.user_id)):
        return Proof.PASSWORD
    return Proof.NOTHING if is_fresh() else Proof.SIGN_IN


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
