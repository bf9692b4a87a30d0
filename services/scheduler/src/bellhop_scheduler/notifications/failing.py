"""Failing: which things have failed so many times in a row, found by the jobs that have failed since the last look."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, tuple_
from sqlalchemy.orm import Session

from bellhop_ledger.notifications import incidents
from bellhop_ledger.notifications.incidents import Found
from bellhop_ledger.notifications.tables import FailuresSeen, Incident, IncidentCondition, NotificationRule, Watched
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.statements import run
from bellhop_ledger.schedules import Schedule
from bellhop_scheduler.notifications.recent import latest

MOST_AT_ONCE = 200
MOST_INCIDENTS = 100
SLACK = timedelta(seconds=15)
"""An end is written down before its transaction commits: what ended so lately is looked at once more."""

# Read by the index of states; the one of unfinished jobs is for those that ended without a worker.
FAILED = text("""
    SELECT id, task, queue, schedule, finished_at FROM jobs
    WHERE state = 'failed' AND finished_at >= :since AND (finished_at, id) > (:since, CAST(:after AS uuid))
    ORDER BY finished_at, id LIMIT :most
""")
# Not past a job that is still to be filed.
NOTE_SEEN = text("""
    INSERT INTO notification_failures_seen AS s (until)
    SELECT least(CAST(:until AS timestamptz), (SELECT min(finished_at) FROM unfinished_jobs
                                               WHERE state = 'failed' AND finished_at IS NOT NULL))
    ON CONFLICT (id) DO UPDATE SET until = greatest(s.until, excluded.until)
    RETURNING until
""")
START = UUID(int=0)
Place = tuple[datetime, UUID]


def notice(rules: Sequence[NotificationRule], now: datetime) -> Iterator[None]:
    """Note what fails by the rules, in pieces of what has failed since the last look."""
    watching = [rule for rule in rules if rule.failures is not None]
    place: Place | None = None
    goes_on = bool(watching)
    while goes_on:
        with transaction() as db:
            place = place or (_begin(db, watching), START)
            rows = run(db, FAILED, since=place[0], after=str(place[1]), most=MOST_AT_ONCE)
            _note(db, watching, rows, now)
            goes_on = len(rows) == MOST_AT_ONCE
            place = (rows[-1].finished_at, rows[-1].id) if rows else place
            run(db, NOTE_SEEN, until=min(place[0], now - SLACK) if goes_on else now - SLACK)
        yield


def _begin(db: Session, watching: Sequence[NotificationRule]) -> datetime:
    """Return from when on failures are of interest: none before the first rule was made."""
    oldest = min(rule.created_at for rule in watching)
    seen: list[datetime] = [*db.scalars(select(FailuresSeen.until))]
    return max([oldest, *seen])


def _note(db: Session, rules: Sequence[NotificationRule], rows: Sequence[Any], now: datetime) -> None:
    found: list[Found] = []
    for kind, named in _things(db, rows).items():
        of_kind = [rule for rule in rules if rule.kind == kind]
        watched = {thing: name for thing, name in named.items() if any(rule.watches(kind, name) for rule in of_kind)}
        found += _failing(db, kind, watched, of_kind)
    incidents.note(db, IncidentCondition.FAILING, found, now)


def _things(db: Session, rows: Sequence[Any]) -> Mapping[Watched, Mapping[str, str]]:
    """Return what these jobs belong to: what identifies it, and its name."""
    return {
        Watched.TASK: {row.task: row.task for row in rows},
        Watched.QUEUE: {row.queue: row.queue for row in rows},
        Watched.SCHEDULE: names_of(db, {row.schedule for row in rows if row.schedule}),
    }


def names_of(db: Session, ids: Collection[str]) -> dict[str, str]:
    """Return the names of those schedules that are there, by their ids."""
    known = select(Schedule.id, Schedule.name).where(Schedule.id.in_(_uuids(ids)), Schedule.deleted_at.is_(None))
    return {str(id): name for id, name in db.execute(known)} if ids else {}


def _uuids(ids: Collection[str]) -> Iterator[UUID]:
    """Yield what may be the ids of schedules: to a job, its schedule is any text."""
    for id in ids:
        with suppress(ValueError):
            yield UUID(id)


def _failing(
    db: Session, kind: Watched, things: Mapping[str, str], rules: Iterable[NotificationRule]
) -> Iterator[Found]:
    most = max((rule.failures or 0 for rule in rules), default=0)
    ended = latest(db, kind, things, most) if things else {}
    for thing, name in things.items():
        failed = ended[thing].failed_in_a_row
        for rule in rules:
            if rule.failures and rule.failures <= failed and rule.watches(kind, name):
                details = {"error": ended[thing].error, "job": str(ended[thing].rows[0].id)}
                yield Found(rule.id, thing, name, details)


def notice_recovered(now: datetime) -> Iterator[None]:
    """Note which of those that fail have succeeded, in pieces."""
    last: Incident | None = None
    while True:
        with transaction() as db:
            found = open_incidents(db, IncidentCondition.FAILING, last, MOST_INCIDENTS)
            _recover(db, found, now)
            db.expunge_all()
        yield
        if len(found) < MOST_INCIDENTS:
            return
        last = found[-1][0]


Opened = Sequence[tuple[Incident, str]]
"""Incidents, and what kind of thing each of them is about."""


def open_incidents(
    db: Session, condition: IncidentCondition, last: Incident | None, most: int, *kinds: Watched
) -> Opened:
    """Return some of the incidents that go on, behind the last one.

    All have one condition. It stands in the key, as in the primary key, so that a page begins where the last one ended:
    without it, Postgres reads all that is before, of 25,000 incidents as many again with each page.
    """
    key = Incident.rule_id, Incident.condition, Incident.thing
    query = select(Incident, NotificationRule.kind).join(NotificationRule, NotificationRule.id == Incident.rule_id)
    query = query.where(Incident.condition == condition, Incident.recovered_at.is_(None))
    if kinds:
        query = query.where(NotificationRule.kind.in_(kinds))
    if last is not None:
        query = query.where(tuple_(*key) > (last.rule_id, last.condition, last.thing))
    rows = db.execute(query.order_by(*key).limit(most))
    return [(incident, kind) for incident, kind in rows]


def _recover(db: Session, found: Opened, now: datetime) -> None:
    by_kind: dict[Watched, list[Incident]] = defaultdict(list)
    for incident, kind in found:
        by_kind[Watched(kind)].append(incident)
    for kind, some in by_kind.items():
        things = {one.thing for one in some}
        there = names_of(db, things) if kind is Watched.SCHEDULE else things
        ended = latest(db, kind, things, 1)
        over = [one for one in some if ended[one.thing].rows and not ended[one.thing].failed_in_a_row]
        incidents.recover(db, IncidentCondition.FAILING, [Found(one.rule_id, one.thing) for one in over], now)
        gone = [Found(one.rule_id, one.thing) for one in some if one.thing not in there]
        incidents.forget(db, IncidentCondition.FAILING, gone)
