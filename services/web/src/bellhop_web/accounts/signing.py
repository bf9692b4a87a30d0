"""Signing up and in. Nobody learns here whether an address has an account, neither from an answer nor from its time."""

from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bellhop.errors import Fault, Invalid
from bellhop_ledger.accounts.guessable import is_guessable
from bellhop_ledger.accounts.passwords import hash_password, is_password, same_text
from bellhop_ledger.accounts.users import User
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.mail import Letter, send_mail
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction, uuid7
from bellhop_web.accounts import letters, links
from bellhop_web.accounts.proof import lock_proved, prove, user_of_address, user_of_id
from bellhop_web.accounts.sessions import end_sessions, open_session
from bellhop_web.accounts.throttle import count_mail
from bellhop_web.accounts.tokens import revoke_tokens
from bellhop_web.auth.acts import note_by
from bellhop_web.auth.opening import (
    SignUpIsOff,
    issuer_name,
    require_local_sign_in,
    require_open,
    sign_up_is_open,
)

THE_SAME = "is the password that you have already"


class WrongPassword(Invalid):
    """The password is wrong."""

    def __init__(self, field: str = "password", message: str = "The address or the password is wrong") -> None:
        super().__init__(faults=[Fault(field, message)])


class UnfitPassword(Invalid):
    """This password must not be chosen."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(faults=[Fault(field, message)])


class NoPassword(Invalid):
    """The account has no password, and gets none: whoever the issuer no longer knows would still come in with it."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("current", f"your account has none: you sign in with {issuer_name()}")])


class NotConfirmed(Invalid):
    """The address is not confirmed yet."""

    def __init__(self) -> None:
        super().__init__(
            faults=[Fault("password", "is right, but your address is not confirmed: we have sent a new link")]
        )


def sign_up(email: str, password: str) -> None:
    """Create an account, or notify its owner that there is one.

    Who was not confirmed yet gets the newer password and a new link. Whoever it is, the same is
    hashed and the same statements run. Raises SignUpIsOff, UnfitPassword and TooOften.
    """
    require_open()
    refuse_guessable(password, email, "password")
    count_mail("sign-up", email)
    hashed = hash_password(password)
    new = insert(User).values(id=uuid7(), email=email, password_hash=hashed)
    kept = case((User.activated_at.is_(None), new.excluded.password_hash), else_=User.password_hash)
    with transaction() as db:
        taken = new.on_conflict_do_update(index_elements=[User.email], set_={"password_hash": kept})
        user = db.scalars(taken.returning(User)).one()
        _note(db, Audited.USER_SIGNED_UP, user)  # also where there is an account already: somebody tried to
        send_mail(db, email, letters.account_exists() if user.activated_at else letters.activation(user))


def refuse_guessable(password: str, email: str, field: str) -> None:
    """Raise UnfitPassword for one that is tried first by whoever knows the address."""
    if is_guessable(password, email):
        raise UnfitPassword(field, "is one of those that are tried first; take one with other words or signs in it")


def activate(token: str, password: str) -> tuple[User, str]:
    """Confirm an address and sign its owner in; give the account and the secret of its session.

    The password is asked for as well: otherwise a stranger could make an account with somebody's
    address, and its owner would confirm it with the stranger's password. Raises SignUpIsOff,
    LinkNotValid, WrongPassword and TooOften.
    """
    require_open()
    with transaction() as db:
        seen = links.user_of(db, token, links.ACTIVATION, lock=False)
    wrong = WrongPassword("password", "is not the one that was chosen; sign up again to choose one")
    prove(seen.email, seen, password, wrong)
    with transaction() as db:
        user = links.user_of(db, token, links.ACTIVATION)  # valid as long as the password is the one that was seen
        user.activated_at = clock.now()
        _note(db, Audited.USER_CONFIRMED, user)
        return user, open_session(db, user)


def sign_in(email: str, password: str) -> tuple[User, str]:
    """Sign somebody in; give the account and the secret of the session.

    Raises WrongPassword, NotConfirmed, LocalSignInIsOff, SignUpIsOff and TooOften.
    """
    require_local_sign_in()
    seen = prove(email, user_of_address(email), password, WrongPassword())
    if not seen.activated_at:
        require_open()
        count_mail("confirmation", email)
    with transaction() as db:
        user = lock_proved(db, seen, WrongPassword())
        if user.activated_at:
            _note(db, Audited.SESSION_BEGAN, user)
            return user, open_session(db, user)
        send_mail(db, email, letters.activation(user))
    raise NotConfirmed


def ask_for_reset(email: str) -> None:
    """Send a link with which a new password can be chosen; where there is no account, send that.

    Raises LocalSignInIsOff and TooOften.
    """
    require_local_sign_in()
    count_mail("reset", email)
    with transaction() as db:
        user = db.scalar(select(User).where(User.email == email))
        send_mail(db, email, _letter_to(user))


def _letter_to(user: User | None) -> Letter:
    """Return the letter to somebody who has forgotten a password."""
    if user is None or not may_come_in(user):
        return letters.no_account()
    return letters.reset(user) if user.password_hash else letters.no_password()


def may_come_in(user: User) -> bool:
    """Whether a new password would let somebody in: a link to choose one confirms the address as well."""
    return not user.disabled_at and (user.activated_at is not None or sign_up_is_open())


def reset_password(token: str, password: str) -> tuple[User, str]:
    """Replace the password and sign in; the link proves the address too.

    Raises LinkNotValid, LocalSignInIsOff, SignUpIsOff and UnfitPassword.

    Whoever knew the old password may have made sessions and tokens: all of them end.
    """
    require_local_sign_in()
    with transaction() as db:
        seen = links.user_of(db, token, links.RESET, lock=False)  # before the work of hashing
    if not may_come_in(seen):
        raise SignUpIsOff
    refuse_guessable(password, seen.email, "password")
    if is_password(password, seen.password_hash):
        raise UnfitPassword("password", THE_SAME)
    hashed = hash_password(password)
    with transaction() as db:
        user = links.user_of(db, token, links.RESET)
        user.activated_at = user.activated_at or clock.now()
        _note(db, Audited.PASSWORD_RESET, user)
        return user, _set_password(db, user, hashed, and_tokens=True)


def change_password(user_id: UUID, current: str, new: str, *, and_tokens: bool) -> tuple[User, str]:
    """Change the password and open a new session; all others end, and the personal tokens if that is wanted.

    Raises NoPassword, WrongPassword, UnfitPassword, LocalSignInIsOff and TooOften.
    """
    require_local_sign_in()
    wrong, seen = WrongPassword("current", "is not your password"), user_of_id(user_id)
    if seen.password_hash is None:
        raise NoPassword
    prove(seen.email, seen, current, wrong)
    refuse_guessable(new, seen.email, "new")
    if same_text(current, new):
        raise UnfitPassword("new", THE_SAME)
    hashed = hash_password(new)
    with transaction() as db:
        user = lock_proved(db, seen, wrong)
        _note(db, Audited.PASSWORD_CHANGED, user)
        return user, _set_password(db, user, hashed, and_tokens=and_tokens)


def _set_password(db: Session, user: User, hashed: str, *, and_tokens: bool) -> str:
    user.password_hash = hashed
    end_sessions(db, user.id)
    if and_tokens:
        revoke_tokens(db, user.id)
    send_mail(db, user.email, letters.password_changed(and_tokens=and_tokens))
    return open_session(db, user)


def _note(db: Session, action: Audited, user: User) -> None:
    note_by(db, f"user:{user.id}", action, "user", user.id)
