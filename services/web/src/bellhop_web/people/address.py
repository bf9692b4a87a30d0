"""Changing an address: the new one is confirmed by a link, and the old one is told."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bellhop.errors import Fault, Invalid
from bellhop_ledger.accounts import people
from bellhop_ledger.accounts.users import User
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.mail import send_mail
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import letters, links
from bellhop_web.accounts.proof import NotYourPassword, lock_proved, prove_self
from bellhop_web.accounts.throttle import count_mail
from bellhop_web.auth.acts import note, note_by


class SameAddress(Invalid):
    """The account has this address already."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("email", "is the address that the account has")])


def ask(user_id: UUID, email: str, password: str | None) -> None:
    """Write to the new address of somebody who shows who they are.

    Raises NotYourPassword, SignInAgain, SameAddress and TooOften. The password is checked outside of any transaction,
    so this opens its own.
    """
    seen = prove_self(user_id, password)
    count_mail("address", email)
    with transaction() as db:
        ask_for(db, lock_proved(db, seen, NotYourPassword()), email)


def ask_for(db: Session, user: User, email: str) -> None:
    """Write to the new address of an account and to the present one. Raises SameAddress.

    Nobody learns whether the address has an account: its owner is told instead.
    """
    if email == user.email:
        raise SameAddress
    taken = db.scalar(select(User.id).where(User.email == email, User.activated_at.is_not(None)))
    note(db, Audited.ADDRESS_ASKED, "user", user.id)
    send_mail(db, email, letters.account_exists() if taken else letters.new_address(user, email))
    send_mail(db, user.email, letters.address_asked(user))


def confirm(token: str) -> User:
    """Change the address of an account to the one that the link names. Raises LinkNotValid and AddressTaken."""
    with transaction() as db:
        user, email = links.address_of(db, token)
        before = user.email
        people.change_address(db, user, email)
        note_by(db, f"user:{user.id}", Audited.ADDRESS_CHANGED, "user", user.id)
        send_mail(db, before, letters.address_changed())
    return user
