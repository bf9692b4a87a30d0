"""What fails now: tasks of which jobs fail again and again of one reason, hosts that do not answer, and mail."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.reasons import FAILURES
from bellhop_web.queues.waiting import MOST_COUNTED
from bellhop_web.site.format import plural
from bellhop_web.status.history import LATELY, History
from bellhop_web.status.parts import Part, Severity, Subject, moment
from bellhop_web.status.seen import many

PAUSE = 6
"""Steps without a failure after which the next one is the beginning of another trouble."""
FEWEST, FEWEST_MAILS = 5, 2
"""Jobs that fail of one reason before it is trouble."""
MAIL = "mail.send"

LATE_FAILURES = text(f"""
    SELECT task, limit_key, reason, count(*) AS number FROM {FAILURES}
    WHERE finished_at >= :lately AND state = 'failed'
    GROUP BY 1, 2, 3
""")
RETRYING = text("""
    SELECT task, limit_key, reason, count(*) AS number, min(started_at) AS first, min(run_at) AS next FROM (
        SELECT task, limit_key, reason, started_at, run_at FROM unfinished_jobs
        WHERE reason IS NOT NULL AND attempt > 0 AND state IN ('scheduled', 'queued') LIMIT :most
    ) AS part GROUP BY 1, 2, 3
""")
# To plan a look at one of them, with all days of jobs, takes longer than the look, so all are asked for together.
SUCCEEDING = text("""
    SELECT one.place - 1 AS place
    FROM unnest(CAST(:tasks AS varchar[]), CAST(:limit_keys AS varchar[]), CAST(:since AS timestamptz[]))
         WITH ORDINALITY AS one(task, limit_key, since, place), LATERAL (
        SELECT FROM jobs WHERE task = one.task AND created_at >= one.since AND state = 'succeeded'
           AND finished_at >= one.since AND limit_key IS NOT DISTINCT FROM one.limit_key LIMIT 1) AS job
""")
SAID = text("""
    SELECT one.reason, said.* FROM unnest(CAST(:reasons AS varchar[])) AS one(reason), LATERAL (
        SELECT error ->> 'type' AS type, left(error ->> 'message', 300) AS message FROM jobs
        WHERE reason = one.reason ORDER BY created_at DESC, id DESC LIMIT 1) AS said
""")
VERBS = (
    (re.compile(r"refused", re.IGNORECASE), "is refused"),
    (re.compile(r"did not answer in time|timed? ?out|took longer than", re.IGNORECASE), "has no answer in time"),
    (re.compile(r"could not be resolved|name resolution|Name or service not known", re.IGNORECASE), "finds no address"),
    (re.compile(r"certificate|TLS|SSL"), "has no valid certificate"),
    (re.compile(r"The answer was (\d{3})"), "is answered with {0}"),
)
"""What an error of a connection means, in words that are no payload."""
WRAPPERS = frozenset({"BellhopError", "Permanent", "Later", "Unanswered", "Unexpected", "NotSent"})
"""Types that say nothing of the cause."""
Group = tuple[str, str | None, str]
"""A task, what it is limited by (a host) and a reason."""


@dataclass
class Trouble:
    """One reason of which jobs of one task fail now."""

    group: Group
    failed: int = 0
    retrying: int = 0
    first: datetime | None = None
    next: datetime | None = None

    @property
    def number(self) -> int:
        """How many jobs it is about."""
        return self.failed + self.retrying

    @property
    def is_many(self) -> bool:
        """Whether it is more than a few."""
        return self.number >= (FEWEST_MAILS if self.is_mail else FEWEST)

    @property
    def is_mail(self) -> bool:
        """Whether mails are not sent."""
        return self.group[0] == MAIL


def failing(db: Session, now: datetime, history: History) -> Iterator[Part]:
    """Yield what fails now, the most jobs first."""
    troubles = [one for one in _troubles(db, now) if one.is_many]
    if not troubles:
        return
    _look_back(db, troubles, now, history)
    succeeding = _succeeding(db, troubles, now)
    verbs = _verbs(db, {one.group[2] for one in troubles if one.group not in succeeding and not one.is_mail})
    for trouble in sorted(troubles, key=lambda one: -one.number):
        all_fail = trouble.group not in succeeding
        if trouble.is_mail:
            yield _mail(trouble, down=all_fail)
        else:
            verb = verbs.get(trouble.group[2], "fails") if all_fail else "fails now and then"
            yield _task(trouble, verb, Severity.BAD if all_fail else Severity.WARNING)


def _troubles(db: Session, now: datetime) -> list[Trouble]:
    found: dict[Group, Trouble] = {}
    for row in db.execute(LATE_FAILURES, {"lately": now - LATELY}):
        _of(found, row).failed = row.number
    for row in db.execute(RETRYING, {"most": MOST_COUNTED + 1}):
        trouble = _of(found, row)
        trouble.retrying, trouble.first, trouble.next = row.number, row.first, row.next
    return list(found.values())


def _of(found: dict[Group, Trouble], row: Any) -> Trouble:
    group = (row.task, row.limit_key, row.reason)
    return found.setdefault(group, Trouble(group))


def _look_back(db: Session, troubles: Sequence[Trouble], now: datetime, history: History) -> None:
    """Find since when each goes on without a pause, and how many have failed since."""
    of_group: dict[Group, list[Any]] = defaultdict(list)
    for row in history.steps(db, now, {one.group[2] for one in troubles}):
        of_group[row.task, row.limit_key, row.reason].append(row)
    for trouble in troubles:
        steps = _without_pause(of_group[trouble.group])
        trouble.failed = sum(row.number for row in steps)
        trouble.first = min([row.first for row in steps] + [trouble.first] * (trouble.first is not None))


def _without_pause(rows: Sequence[Any]) -> list[Any]:
    steps: list[Any] = []
    for row in rows:
        if steps and steps[-1].step - row.step > PAUSE:
            break
        steps.append(row)
    return steps


def _task(trouble: Trouble, verb: str, severity: Severity) -> Part:
    task, limit_key, reason = trouble.group
    host = (limit_key or "").partition("host:")[2]
    assert trouble.first is not None
    jobs = plural(trouble.number, "job")
    waits = f", {many(trouble.retrying)} of them tried again" if trouble.retrying and trouble.failed else ""
    return Part(
        kind=Subject.FAILING,
        severity=severity,
        words=f"Since {moment(trouble.first)} {task}{f' to {host}' if host else ''} {verb} ({jobs}{waits})",
        short=f"{host or task} fails",
        link=f"/failures#reason-{reason}",
        since=trouble.first,
        count=trouble.number,
    )


def _mail(trouble: Trouble, *, down: bool) -> Part:
    waits = f", {many(trouble.retrying)} {'waits' if trouble.retrying == 1 else 'wait'}" if trouble.retrying else ""
    later = f", next try {moment(trouble.next)}" if trouble.next else ""
    refused = f", {plural(trouble.failed, 'mail')} not sent" if trouble.failed else ""
    return Part(
        kind=Subject.MAIL,
        severity=Severity.BAD if down else Severity.WARNING,
        words=f"{'Mail is down' if down else 'Some mails are refused'}{waits}{later}{refused}",
        short="Mail is down" if down else "Mails refused",
        link=f"/failures#reason-{trouble.group[2]}",
        since=trouble.first,
        count=trouble.number,
    )


def _succeeding(db: Session, troubles: Sequence[Trouble], now: datetime) -> set[Group]:
    """Return those of which other jobs of the task, to the same host, have succeeded meanwhile."""
    which = {
        "tasks": [one.group[0] for one in troubles],
        "limit_keys": [one.group[1] for one in troubles],
        "since": [max(one.first or now, now - LATELY) for one in troubles],
    }
    return {troubles[place].group for place in db.execute(SUCCEEDING, which).scalars()}


def _verbs(db: Session, reasons: Set[str]) -> dict[str, str]:
    """Return what jobs do that fail of these reasons, by what one of each has said."""
    found = db.execute(SAID, {"reasons": sorted(reasons)}) if reasons else ()
    return {row.reason: _verb(row) for row in found}


def _verb(said: Any) -> str:
    for pattern, words in VERBS:
        if found := pattern.search(said.message or ""):
            return words.format(*found.groups())
    return "fails" if said.type in WRAPPERS else f"fails with {said.type}"
