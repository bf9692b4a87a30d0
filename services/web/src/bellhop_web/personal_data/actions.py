"""Personal data: exported and deleted by people themselves, with their password, and by admins.

Passwords are checked outside of any transaction, so these verbs open their own.
"""

from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from bellhop_ledger.accounts import people
from bellhop_ledger.accounts.users import User
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts.proof import NotYourPassword, lock_proved, prove_browser, prove_self
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import Caller
from bellhop_web.personal_data import export
from bellhop_web.personal_data.deleting import delete_account


def export_own(user_id: UUID, password: str | None) -> Response:
    """Answer with all that is kept of somebody who shows who they are.

    Raises NotYourPassword, SignInAgain and TooOften.
    """
    prove_self(user_id, password)
    return _exported(user_id)


def export_person(caller: Caller, id: UUID, password: str | None) -> Response:
    """Answer with all that is kept of somebody. Raises NoSuchPerson, NotYourPassword, SignInAgain and TooOften."""
    prove_browser(caller, password)
    return _exported(id)


def delete_own(user_id: UUID, password: str | None, hand_over_to: str | None) -> None:
    """Delete the account of somebody who shows who they are.

    Raises NotYourPassword, SignInAgain, TooOften, LastAdmin, StillOwns and NotAnHeir.
    """
    seen = prove_self(user_id, password)
    with transaction() as db:
        delete_account(db, lock_proved(db, seen, NotYourPassword()), hand_over_to)


def delete_person(caller: Caller, id: UUID, password: str | None, hand_over_to: str | None) -> None:
    """Delete somebody's account.

    Raises NoSuchPerson, NotYourPassword, SignInAgain, TooOften, LastAdmin, StillOwns and NotAnHeir.
    """
    prove_browser(caller, password)
    with transaction() as db:
        delete_account(db, people.find(db, id, lock=True), hand_over_to)


def _exported(id: UUID) -> Response:
    with transaction() as db:
        db.execute(export.AT_ONE_MOMENT)
        user = people.find(db, id)
        _note(db, user)
        packed = export.write(db, user)
    return export.respond_with(packed)


def _note(db: Session, user: User) -> None:
    note(db, Audited.USER_EXPORTED, "user", user.id)
