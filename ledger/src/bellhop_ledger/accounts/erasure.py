"""Erasure: what is left of an account that is deleted is a row that names nobody.

The row stays because others point to it: a poll has an owner, and a vote counts although its voter has left. What
points to it is treated as if it were gone: a foreign key that deletes deletes, and one that empties empties.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import String, literal, select, text, update
from sqlalchemy.orm import Session

from bellhop_ledger.accounts import people
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.tokens import Token
from bellhop_ledger.accounts.users import User
from bellhop_ledger.audit import Act
from bellhop_ledger.platform import clock

KEYS = text("""
    SELECT CAST(CAST(c.conrelid AS regclass) AS text) AS table_name, quote_ident(a.attname) AS column_name,
           c.confdeltype = 'c' AS deletes
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid = CAST('users' AS regclass) AND c.confdeltype IN ('c', 'n')
    ORDER BY 1, 2
""")
"""The foreign keys to `users` that delete or empty what points to a row which is deleted, also those of plug-ins."""


def names_of(db: Session, user: User) -> list[str]:
    """Return by what somebody is named where something was done: `user:<id>`, and `token:<id>` for each token."""
    tokens = db.scalars(select(Token.id).where(Token.user_id == user.id))
    return [f"user:{user.id}", *(f"token:{id}" for id in tokens)]


def erase(db: Session, user: User) -> None:
    """Make an account nobody's: it has no address, and nobody comes in. Raises LastAdmin."""
    names, was_admin = names_of(db, user), people.is_admin(user)
    without_subject = Act.details.op("-")(literal("subject", String))
    db.execute(update(Act).where(Act.actor.in_(names)).values(address=None, agent=None, details=without_subject))
    _follow_keys(db, user.id)
    now = clock.now()
    user.email, user.password_hash, user.role = f"{user.id}@deleted.invalid", None, Role.MEMBER
    user.activated_at, user.disabled_at, user.deleted_at = user.activated_at or now, now, now
    db.flush()
    if was_admin:
        people.require_admin(db)


def _follow_keys(db: Session, id: UUID) -> None:
    for key in db.execute(KEYS).all():
        db.execute(text(_following(key)), {"id": id})


def _following(key: Any) -> str:
    """Return the statement that does what a foreign key would; its names come from Postgres, which has quoted them."""
    if key.deletes:
        return f"DELETE FROM {key.table_name} WHERE {key.column_name} = :id"  # noqa: S608
    return f"UPDATE {key.table_name} SET {key.column_name} = NULL WHERE {key.column_name} = :id"  # noqa: S608
