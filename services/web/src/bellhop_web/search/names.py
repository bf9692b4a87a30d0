"""Names: the ids behind what people call schedules and submitters."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, String, cast, func, select, union_all
from sqlalchemy.orm import Session

from bellhop.errors import Fault, Invalid
from bellhop_ledger.accounts.service_tokens import ServiceToken
from bellhop_ledger.accounts.tokens import Token
from bellhop_ledger.accounts.users import User
from bellhop_ledger.schedules import Schedule
from bellhop_web.auth.callers import Caller
from bellhop_web.auth.names import WORDS
from bellhop_web.http.problems import did_you_mean
from bellhop_web.search.terms import Search

SUBMITTER = re.compile(r"[a-z]+:.+")
"""The kind and the id, as a job has it."""
MOST_NAMES = 5_000
"""Names with which one is compared that is not known."""
Ids = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Kind:
    """Something that a query names."""

    name: str
    is_id: Callable[[str], bool]
    find: Callable[[Iterable[str]], Select[str, str]]
    """Return the statement that reads names and ids of those that have one of these names."""
    names: Select[str]
    """Which names there are."""


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _schedules(names: Iterable[str]) -> Select[str, str]:
    return select(Schedule.name, cast(Schedule.id, String)).where(Schedule.name.in_(names))


def _submitters(names: Iterable[str]) -> Select[str, str]:
    """Find service tokens and other tokens by name, and people with all their tokens by address."""
    of_people = User.email.in_([name.lower() for name in names])
    tokens = select(User.email, func.concat("token:", Token.id)).join(Token, Token.user_id == User.id)
    found = union_all(
        select(ServiceToken.name.label("name"), func.concat("service:", ServiceToken.id).label("id")).where(
            ServiceToken.name.in_(names)
        ),
        select(Token.name, func.concat("token:", Token.id)).where(Token.name.in_(names)),
        select(User.email, func.concat("user:", User.id)).where(of_people),
        tokens.where(of_people),
    ).subquery()
    return select(found.c.name, found.c.id)


SCHEDULE = Kind("schedule", _is_uuid, _schedules, select(Schedule.name).where(Schedule.deleted_at.is_(None)))
SUBMITTERS = Kind(
    "submitter",
    lambda text: text in WORDS or SUBMITTER.fullmatch(text) is not None,
    _submitters,
    select(ServiceToken.name).where(ServiceToken.revoked_at.is_(None)),
)


def resolve(db: Session, search: Search, caller: Caller) -> Mapping[str, Ids]:
    """Return by term what its values stand for. Raises Invalid, which says what is not known.

    Who does not see the jobs of all learns of no names: they write ids.
    """
    faults: list[Fault] = []
    found = {kind.name: _ids(db, search, kind, caller, faults) for kind in (SCHEDULE, SUBMITTERS)}
    if faults:
        raise Invalid(faults=faults)
    return found


def _ids(db: Session, search: Search, kind: Kind, caller: Caller, faults: list[Fault]) -> Ids:
    written = {text for term in search.named(kind.name) for text in term.texts}
    found = {text: frozenset({text.lower() if _is_uuid(text) else text}) for text in written if kind.is_id(text)}
    names = written - found.keys()
    if names and caller.sees_all:
        rows = db.execute(kind.find(sorted(names))).all()
        by_name = {name: frozenset(id for one, id in rows if one in {name, name.lower()}) for name in names}
        found |= {name: ids for name, ids in by_name.items() if ids}
    if missing := written - found.keys():
        near = db.scalars(kind.names.limit(MOST_NAMES)).all() if caller.sees_all else ()
        faults += _unknown(search, kind, missing, near)
    return found


def _unknown(search: Search, kind: Kind, missing: set[str], near: Iterable[str]) -> Iterator[Fault]:
    for term in search.named(kind.name):
        for text in term.texts:
            if text in missing:
                words = f"at {term.at}: there is no {kind.name} {text!r}{did_you_mean(text, near)}"
                yield Fault("q", words)
