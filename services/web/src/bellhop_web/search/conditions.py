"""Conditions: what holds for the jobs that a query finds, for statements that read jobs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, true
from sqlalchemy.orm import Session

from bellhop_ledger.accounts.patterns import EVERY, fits, like
from bellhop_ledger.ledger.searched import args_contain
from bellhop_ledger.ledger.tables import ENDED, HAS_EXPIRED, Job, State
from bellhop_ledger.platform import clock
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth.callers import Caller
from bellhop_web.auth.refusals import NotThePayloads
from bellhop_web.search.fields import EXPIRED, RETRYING
from bellhop_web.search.moments import moment_of, span_of
from bellhop_web.search.names import Ids, resolve
from bellhop_web.search.scalars import meanings
from bellhop_web.search.terms import Search, Term
from bellhop_web.search.texts import error_contains, error_says, label_contains, label_says

Condition = ColumnElement[bool]
IS_RETRYING = and_(Job.attempt > 0, Job.state.in_([State.SCHEDULED, State.QUEUED]))
OF_PAYLOADS = frozenset({"args", "error"})
"""Terms that tell what jobs were given and said: who must not see that must not find by it either."""
WORKER = "worker@"
"""What the name of a worker begins with; its host and its process follow."""
SHORTEST_ID = 8
"""Digits from which on a word that stands alone may be the beginning of an id."""


@dataclass(frozen=True)
class Reading:
    """What a term is read with."""

    search: Search
    now: datetime
    names: Mapping[str, Ids]
    payloads: bool
    """Whether errors may be looked at."""


def condition(db: Session, search: Search, caller: Caller) -> Condition:
    """Return what holds for the jobs that a query finds.

    Raises Invalid for a schedule or submitter that is not known, and NotThePayloads.
    """
    payloads = caller.sees_payloads or not caller.sees_all
    if not payloads and any(term.name in OF_PAYLOADS for term in search.terms):
        raise NotThePayloads
    reading = Reading(search, clock.now(), resolve(db, search, caller), payloads)
    return and_(not_quiet(search), *(_signed(term, reading) for term in search.terms))


def _signed(term: Term, reading: Reading) -> Condition:
    if not term.negated:
        return READ[term.name](term, reading)
    holds = SAYS_NOT.get(term.name, READ[term.name])(term, reading)
    never_null = term.name in NEVER_NULL and EXPIRED not in term.texts
    return not_(holds if never_null else func.coalesce(holds, false()))


def not_quiet(search: Search) -> Condition:
    """Return what leaves quiet tasks out, unless the query asks for them: one every second would bury all else."""
    quiet = known_tasks().quiet if search.leaves_quiet_out else []
    return Job.task.not_in(quiet) if quiet else true()


def _state(term: Term, _: Reading) -> Condition:
    made_up = {RETRYING: IS_RETRYING, EXPIRED: HAS_EXPIRED}
    real = [State(text) for text in term.texts if text not in made_up]
    others = [holds for word, holds in made_up.items() if word in term.texts]
    return or_(*([_one_of(Job.state, real)] if real else []), *others)


def _one_of(column: Any, values: list[Any]) -> Condition:
    holds: Condition = column == values[0] if len(values) == 1 else column.in_(values)
    return holds


def _task(term: Term, _: Reading) -> Condition:
    return _patterns(Job.task, term, known_tasks())


def _queue(term: Term, _: Reading) -> Condition:
    return _patterns(Job.queue, term, known_tasks().current().queues)


def _patterns(column: Any, term: Term, known: Iterable[str]) -> Condition:
    """Write a pattern as the names that it stands for, which an index finds in any locale."""
    names = list(known)
    exact = [text for text in term.texts if EVERY not in text]
    patterns = [text for text in term.texts if EVERY in text]
    fitting = {text: [name for name in names if fits(text, name)] for text in patterns}
    wanted = sorted({*exact, *(name for found in fitting.values() for name in found)})
    unknown = [column.like(like(text), escape="\\") for text, found in fitting.items() if not found]
    return or_(*([_one_of(column, wanted)] if wanted else []), *unknown)


def _tag(term: Term, _: Reading) -> Condition:
    return or_(*(Job.tags.contains([text]) for text in term.texts))


def _args(term: Term, _: Reading) -> Condition:
    found = [one for value in term.values for one in meanings(value.text, quoted=value.quoted)]
    return or_(*(args_contain(part) for one in found for part in (_nested(term.path, one), _nested(term.path, [one]))))


def _nested(path: Iterable[str], value: Any) -> Any:
    for name in reversed(tuple(path)):
        value = {name: value}
    return value


def _error(term: Term, _: Reading) -> Condition:
    return or_(*(error_says(text) for text in term.texts))


def _label(term: Term, _: Reading) -> Condition:
    return or_(*(label_says(text) for text in term.texts))


def _word(term: Term, reading: Reading) -> Condition:
    [text] = term.texts
    tasks = sorted(name for name in known_tasks() if text.lower() in name.lower())
    return or_(
        *([_one_of(Job.task, tasks)] if tasks else []),
        label_says(text),
        *([error_says(text)] if reading.payloads else []),
        *_of_id(text),
    )


def _of_id(text: str) -> Iterable[Condition]:
    digits = text.lower().replace("-", "")
    is_id = SHORTEST_ID <= len(digits) <= 32 and not digits.strip("0123456789abcdef")
    return [_begins(digits)] if is_id else []


def _id(term: Term, _: Reading) -> Condition:
    return or_(*(_begins(text) for text in term.texts))


def _begins(digits: str) -> Condition:
    return Job.id.between(UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f")))


def _worker(term: Term, _: Reading) -> Condition:
    return or_(*(holds for text in term.texts for holds in _of_worker(text)))


def _of_worker(text: str) -> list[Condition]:
    name = text if "@" in text else WORKER + text
    if EVERY in text:
        return [Job.worker.like(like(name), escape="\\")]
    return [Job.worker.in_({text, name}), Job.worker.like(like(name) + ":%", escape="\\")]


def _named(column: Any) -> Callable[[Term, Reading], Condition]:
    def read(term: Term, reading: Reading) -> Condition:
        return _one_of(column, sorted({id for text in term.texts for id in reading.names[term.name][text]}))

    return read


def _since(term: Term, reading: Reading) -> Condition:
    moment = moment_of(term.texts[0], reading.now)
    return Job.finished_at >= moment if reading.search.of_ends else Job.created_at >= moment


def _until(term: Term, reading: Reading) -> Condition:
    moment = moment_of(term.texts[0], reading.now)
    return _ended_before(moment) if reading.search.of_ends else Job.created_at < moment


def _ended_before(moment: datetime) -> Condition:
    """Add what follows from it, so that a list in the order of submissions begins there."""
    return and_(Job.finished_at < moment, Job.created_at < moment)


def _created(term: Term, reading: Reading) -> Condition:
    begin, end = span_of(term.texts[0], reading.now)
    return and_(true(), *([Job.created_at >= begin] if begin else []), *([Job.created_at < end] if end else []))


def _ended(term: Term, reading: Reading) -> Condition:
    """Name the states, too: by state and end there is an index, in which a day without such ends is left at once."""
    begin, end = span_of(term.texts[0], reading.now)
    return and_(
        Job.state.in_(sorted(ENDED)),
        *([Job.finished_at >= begin] if begin else []),
        *([_ended_before(end)] if end else []),
    )


def _nothing(_term: Term, _reading: Reading) -> Condition:
    return true()


READ: dict[str, Callable[[Term, Reading], Condition]] = {
    "": _word,
    "state": _state,
    "task": _task,
    "queue": _queue,
    "tag": _tag,
    "args": _args,
    "error": _error,
    "label": _label,
    "reason": lambda term, _: _one_of(Job.reason, term.texts),
    "worker": _worker,
    "schedule": _named(Job.schedule),
    "submitter": _named(Job.submitter),
    "parent": lambda term, _: _one_of(Job.parent, [UUID(text) for text in term.texts]),
    "request": lambda term, _: _one_of(Job.request_id, term.texts),
    "id": _id,
    "since": _since,
    "until": _until,
    "created": _created,
    "ended": _ended,
    "quiet": _nothing,
}
SAYS_NOT: dict[str, Callable[[Term, Reading], Condition]] = {
    "error": lambda term, _: or_(*(error_contains(text) for text in term.texts)),
    "label": lambda term, _: or_(*(label_contains(text) for text in term.texts)),
}
"""What is left out by a term that is negated, where no index helps: the text anywhere, which is quicker to see."""
NEVER_NULL = frozenset({"state", "task", "queue", "id"})
"""Of these Postgres knows how many a negated term leaves."""
