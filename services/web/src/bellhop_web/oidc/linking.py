"""Linking: somebody who is signed in lets an identity into their account, or takes it out.

They come back from the issuer with a ticket that names the identity, and then show that it is really they who ask.
"""

from uuid import UUID

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from bellhop_ledger.accounts import identities
from bellhop_ledger.accounts.identities import Identity, NoSuchIdentity
from bellhop_ledger.accounts.users import User
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts.proof import NotYourPassword, lock_proved, prove_self, takes_password
from bellhop_web.auth.acts import note_by
from bellhop_web.oidc.admission import link
from bellhop_web.oidc.attempts import LIFE
from bellhop_web.oidc.claims import Claims
from bellhop_web.oidc.refusals import AttemptIsOver, IdentityTaken, LastWayIn


def ticket(claims: Claims, person: str) -> str:
    """Return what names an identity for a while, to be linked to the account of this person alone."""
    return str(_signer().dumps([person, claims.issuer, claims.subject, claims.name]))


def read_ticket(given: str, user_id: UUID) -> tuple[str, str, str]:
    """Return issuer, subject and name that a ticket names. Raises AttemptIsOver for one of somebody else or too old."""
    try:
        person, issuer, subject, name = _signer().loads(given, max_age=int(LIFE.total_seconds()))
    except (BadData, ValueError):
        raise AttemptIsOver from None
    if person != str(user_id):
        raise AttemptIsOver
    return issuer, subject, name


def link_to(user_id: UUID, given: str, password: str | None) -> None:
    """Let the identity of a ticket into somebody's account.

    Raises AttemptIsOver, IdentityTaken, NotYourPassword, SignInAgain and TooOften. The password is checked outside of
    any transaction, so this opens its own.
    """
    issuer, subject, name = read_ticket(given, user_id)
    seen = prove_self(user_id, password)
    with transaction() as db:
        there = identities.find(db, issuer, subject)
        if there and there.user_id != user_id:
            raise IdentityTaken
        if there is None:
            link(db, lock_proved(db, seen, NotYourPassword()), Identity(issuer=issuer, subject=subject, name=name))


def unlink(db: Session, user_id: UUID, id: UUID) -> None:
    """Take an identity out of somebody's account; its sessions end. Raises NoSuchIdentity and LastWayIn."""
    user = db.get_one(User, user_id, with_for_update={"key_share": True})
    identity = db.scalar(select(Identity).where(Identity.id == id, Identity.user_id == user_id))
    if identity is None:
        raise NoSuchIdentity
    if not takes_password(user) and len(identities.identities_of(db, user_id)) == 1:
        raise LastWayIn
    facts = {"issuer": identity.issuer, "subject": identity.subject}
    note_by(db, f"user:{user_id}", Audited.IDENTITY_UNLINKED, "identity", id, details=facts)
    db.delete(identity)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="identity")
