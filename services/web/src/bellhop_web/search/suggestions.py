"""Suggestions: what fits at the end of a query that somebody types, from what there is."""

from collections.abc import Callable, Iterable, Iterator

from pydantic import BaseModel, Field
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bellhop_ledger.schedules import Schedule
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth.names import names_of
from bellhop_web.search.fields import FIELDS, STATES
from bellhop_web.search.grammar import Value

MOST = 12
LATEST = 2_000
"""Jobs whose tags and submitters are suggested: the latest ones."""
TAGS = text("""
    SELECT tag FROM (SELECT tags FROM jobs ORDER BY created_at DESC, id DESC LIMIT :latest) AS one, unnest(tags) AS tag
    GROUP BY tag ORDER BY count(*) DESC, tag LIMIT 500
""")
SUBMITTERS = text("""
    SELECT DISTINCT submitter FROM (SELECT submitter FROM jobs ORDER BY created_at DESC, id DESC LIMIT :latest) AS found
    WHERE submitter IS NOT NULL LIMIT 500
""")
WORKERS = text("SELECT name FROM heartbeats WHERE service = 'worker' ORDER BY name LIMIT 500")


class Suggestion(BaseModel):
    """What may stand in the place of the last word of a query."""

    text: str = Field(description="The word", examples=["task:http.request"])
    words: str = Field(description="What it finds; empty for a value", examples=["Its task"])


def suggestions(db: Session, typed: str) -> list[Suggestion]:
    """Return what fits in the place of the last word: names of terms, or values of the one that it begins."""
    sign = "-" if typed.startswith("-") else ""
    name, is_term, rest = typed.removeprefix("-").partition(":")
    if not is_term:
        return [*_terms(sign, name.lower())][:MOST]
    before, comma, last = rest.rpartition(",")
    values = VALUES.get(name.lower(), _none)(db, last.removeprefix('"'))
    fitting = _fitting(values, last.removeprefix('"').lower())
    return [Suggestion(text=f"{sign}{name}:{before}{comma}{Value(value)}", words="") for value in fitting][:MOST]


def _terms(sign: str, begun: str) -> Iterator[Suggestion]:
    for name, field in FIELDS.items():
        if name and name.startswith(begun) and not (sign and field.once):
            yield Suggestion(text=f"{sign}{name}{'.' if field.has_path else ':'}", words=field.words)
    if begun.startswith("args."):
        yield from (Suggestion(text=f"{sign}{one}:", words="") for one in _arguments() if one.startswith(begun))


def _fitting(values: Iterable[str], begun: str) -> list[str]:
    """Return those that begin so, then those that contain it."""
    known = list(dict.fromkeys(values))
    first = [value for value in known if value.lower().startswith(begun)]
    return first + [value for value in known if begun in value.lower() and value not in first]


def _arguments() -> list[str]:
    return sorted({f"args.{name}" for task in known_tasks().values() for name in task.arguments.names})


def _schedules(db: Session, begun: str) -> Iterable[str]:
    wanted = select(Schedule.name).where(Schedule.deleted_at.is_(None), Schedule.name.icontains(begun, autoescape=True))
    return db.scalars(wanted.order_by(Schedule.name).limit(500))


def _submitters(db: Session, _: str) -> Iterable[str]:
    callers = list(db.scalars(SUBMITTERS, {"latest": LATEST}))
    names = names_of(db, callers)
    kinds = {"service": "service ", "token": "token "}
    return sorted(names.get(one, one).removeprefix(kinds.get(one.partition(":")[0], "")) for one in callers)


def _none(_db: Session, _begun: str) -> Iterable[str]:
    return ()


VALUES: dict[str, Callable[[Session, str], Iterable[str]]] = {
    "state": lambda _db, _begun: STATES,
    "task": lambda _db, _begun: sorted(known_tasks()),
    "queue": lambda _db, _begun: sorted(known_tasks().current().queues),
    "tag": lambda db, _begun: db.scalars(TAGS, {"latest": LATEST}),
    "schedule": _schedules,
    "submitter": _submitters,
    "worker": lambda db, _begun: (name.rpartition(":")[0].removeprefix("worker@") for name in db.scalars(WORKERS)),
    "since": lambda _db, _begun: ("15m", "1h", "2h", "24h", "7d"),
    "until": lambda _db, _begun: ("15m", "1h", "2h", "24h", "7d"),
    "quiet": lambda _db, _begun: ("yes", "no"),
}
