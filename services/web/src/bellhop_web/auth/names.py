"""Names of callers: how people and tokens are called where it is shown who did something."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from bellhop_ledger.accounts.service_tokens import ServiceToken
from bellhop_ledger.accounts.tokens import Token
from bellhop_ledger.accounts.users import User

DELETED = "a deleted account"
WORDS = {"code": "Bellhop itself", "scheduler": "the scheduler", "celery": "a Celery client"}


def names_of(db: Session, callers: Iterable[str]) -> dict[str, str]:
    """Return how callers (`user:<id>`, `token:<id>`, `service:<id>`) are called."""
    by_kind: dict[str, set[UUID]] = {"user": set(), "token": set(), "service": set()}
    for kind, _, id in (caller.partition(":") for caller in callers):
        if kind in by_kind:
            by_kind[kind].add(UUID(id))
    named = case((User.deleted_at.is_not(None), DELETED), else_=User.email)
    users = db.execute(select(User.id, named).where(User.id.in_(by_kind["user"])))
    tokens = db.execute(select(Token.id, Token.name).where(Token.id.in_(by_kind["token"])))
    services = select(ServiceToken.id, ServiceToken.name).where(ServiceToken.id.in_(by_kind["service"]))
    found = {f"user:{id}": email for id, email in users}
    found |= {f"service:{id}": f"service {name}" for id, name in db.execute(services)}
    return WORDS | found | {f"token:{id}": f"token {name}" for id, name in tokens}
