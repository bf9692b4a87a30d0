"""The bodies of what is done for accounts behind the scenes."""

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from bellhop.builtins import accounts
from bellhop_ledger.accounts.invitations import KEPT, Invitation
from bellhop_ledger.accounts.tokens import Token
from bellhop_ledger.accounts.users import UNCONFIRMED, SignIn, User
from bellhop_ledger.platform import clock
from bellhop_worker.engine.binding import body


@body(accounts.tidy)
def tidy(db: Session) -> int:
    """Delete them and say how many."""
    now = clock.now()
    ended = (
        delete(SignIn).where(SignIn.expires_at < now).returning(SignIn.id),
        delete(Token)
        .where(Token.user_id.is_not(None), or_(Token.expires_at < now, Token.revoked_at < now))
        .returning(Token.id),
        delete(Invitation).where(Invitation.expires_at < now - KEPT).returning(Invitation.id),
        delete(User).where(User.activated_at.is_(None), User.created_at < now - UNCONFIRMED).returning(User.id),
    )
    return sum(len(db.execute(statement).all()) for statement in ended)
