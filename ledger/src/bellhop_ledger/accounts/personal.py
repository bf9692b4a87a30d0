"""Personal data: what a plug-in keeps of people, how it is exported and how it is deleted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

PersonalRows = Mapping[str, Iterable[Mapping[Any, Any]]]
"""Lists of rows, by what they are; rows hold what JSON knows, dates and UUIDs."""


def keep(db: Session, user_id: UUID) -> None:
    """Delete nothing besides what the foreign keys to `users` say: see `bellhop_ledger.accounts.erasure`."""


@dataclass(frozen=True, kw_only=True)
class PersonalData:
    """What a plug-in keeps of people. A plug-in names it: `Plugin(..., personal="bellhop_polls.personal:personal")`."""

    export: Callable[[Session, UUID], PersonalRows]
    """Returns what is kept of somebody."""
    erase: Callable[[Session, UUID], None] = keep
    """Deletes it, or makes it nobody's, in the transaction that deletes the account."""
