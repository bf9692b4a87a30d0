"""Actions: what admins do to accounts, each noted in its own transaction. The API and the pages call the same verbs."""

from uuid import UUID

from sqlalchemy.orm import Session

from bellhop_ledger.accounts import people
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts.proof import prove_browser
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import Caller
from bellhop_web.people import address
from bellhop_web.people.listing import PersonView, show
from bellhop_web.people.requests import Disabling, NewAddress, RoleRequest


def change_role(db: Session, id: UUID, wanted: RoleRequest) -> PersonView:
    """Change what somebody may do. Raises NoSuchPerson and LastAdmin."""
    user = people.find(db, id, lock=True)
    before = user.role
    people.change_role(db, user, wanted.role, wanted.sees_payloads)
    facts = {"before": before, "role": user.role, "sees_payloads": user.sees_payloads}
    note(db, Audited.USER_CHANGED, "user", id, **facts)
    return show(db, id)


def disable(db: Session, id: UUID, wanted: Disabling) -> PersonView:
    """Keep somebody out. Raises NoSuchPerson and LastAdmin."""
    people.disable(db, people.find(db, id, lock=True))
    note(db, Audited.USER_DISABLED, "user", id, reason=wanted.reason)
    return show(db, id)


def ask_for_address(caller: Caller, id: UUID, wanted: NewAddress) -> PersonView:
    """Write to the new address of somebody. Raises NoSuchPerson, NotYourPassword, SameAddress and TooOften.

    The password is checked outside of any transaction, so this opens its own.
    """
    prove_browser(caller, wanted.password)
    with transaction() as db:
        address.ask_for(db, people.find(db, id, lock=True), wanted.email)
        return show(db, id)


def enable(db: Session, id: UUID) -> PersonView:
    """Let somebody in again. Raises NoSuchPerson."""
    people.enable(db, people.find(db, id, lock=True))
    note(db, Audited.USER_ENABLED, "user", id)
    return show(db, id)
