"""The verdict: what the database says of the jobs that were accepted."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

from tests.chaos.journal import Journal
from tests.chaos.tasks import BEGUN
from tests.stack import ENDED, Stack

WITH_EFFECT = {"chaos.atomic", "chaos.leased", "chaos.recovers", "chaos.breaks", "chaos.tick"}
"""Those whose effect is a row that commits with the end of the job."""
NOTE_ENDS = """
    CREATE TABLE ends (id uuid NOT NULL);
    CREATE FUNCTION note_end() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        AS 'BEGIN INSERT INTO ends VALUES (NEW.id); RETURN NULL; END';
    CREATE TRIGGER note_end AFTER INSERT ON ended_jobs FOR EACH ROW EXECUTE FUNCTION note_end();
    CREATE TRIGGER note_end AFTER INSERT ON kept_jobs FOR EACH ROW EXECUTE FUNCTION note_end();
"""
"""Whenever a job is filed as ended, a row remembers that: of a job that ends twice, its own would keep the last end."""
JOBS = """
    SELECT j.id::text, coalesce(j.args ->> 'key', ''), j.task, j.state, coalesce(j.error ->> 'type', ''),
           coalesce(effects.number, 0), coalesce(ends.number, 0)
    FROM jobs j
    LEFT JOIN (SELECT key, count(*) AS number FROM effects GROUP BY key) AS effects ON effects.key = j.id::text
    LEFT JOIN (SELECT id, count(*) AS number FROM ends GROUP BY id) AS ends ON ends.id = j.id
    WHERE j.task LIKE 'chaos.%'
"""
RUNS = "SELECT due_at FROM jobs WHERE schedule = %s ORDER BY due_at"


class Row(NamedTuple):
    """What the database says of a job."""

    id: str
    key: str
    task: str
    state: str
    error: str
    effects: int
    ends: int


@dataclass
class Verdict:
    """Each broken promise in words; the drill is passed when there is none."""

    accepted: int
    begun_again: int
    """Runs outside of a transaction that a fault has made necessary again: allowed, and counted."""
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unended: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Jobs that ended otherwise than they should, and requests that were refused."""

    @property
    def broken(self) -> list[str]:
        """All of them."""
        return [*self.lost, *self.doubled, *self.unended, *self.wrong]


def judge(stack: Stack, journal: Journal) -> Verdict:
    """Compare what was promised with what is there."""
    rows = [Row(*row) for row in stack.sql(JOBS)]
    runs = [row for row in rows if row.task == "chaos.tick"]
    begun = Counter((stack.directory / BEGUN).read_text().split()) if (stack.directory / BEGUN).exists() else Counter()
    verdict = Verdict(len(journal.accepted) + len(runs), sum(begun.values()) - len(begun), wrong=[*journal.refused])
    there = Counter(row.id for row in rows)
    verdict.lost += [f"{id} ({key}) is gone" for key, id in journal.accepted.items() if id not in there]
    verdict.doubled += [f"{id} is there {number} times" for id, number in there.items() if number > 1]
    for row in rows:
        _judge_row(verdict, journal, row)
    for schedule in journal.schedules:
        _judge_runs(verdict, stack, schedule)
    return verdict


def _judge_row(verdict: Verdict, journal: Journal, row: Row) -> None:
    name = f"{row.id} ({row.key or row.task}, {row.task}, {row.state})"
    if row.state not in ENDED:
        verdict.unended.append(f"{name} has not ended")
    if row.task != "chaos.tick" and journal.accepted.get(row.key) != row.id:
        verdict.doubled.append(f"{name} was made beside {journal.accepted.get(row.key)}")
    if row.ends > 1 + journal.retries[row.id]:
        verdict.doubled.append(f"{name} has ended {row.ends} times")
    if row.effects > 1:
        verdict.doubled.append(f"{name} has {row.effects} effects")
    if row.task in WITH_EFFECT and row.state == "succeeded" and not row.effects:
        verdict.lost.append(f"{name} has no effect")
    verdict.wrong += [f"{name} {fault}" for fault in _wrong(journal, row)]


def _wrong(journal: Journal, row: Row) -> Iterator[str]:
    retried = row.id in journal.retries
    if row.effects and row.state != "succeeded":
        yield "has an effect"
    if row.state == "failed" and row.task != "chaos.breaks":
        yield f"should not have failed: {row.error}"
    if row.state == "failed" and row.task == "chaos.breaks" and row.error != "Permanent":
        yield f"should have failed otherwise: {row.error}"
    if row.state == "succeeded" and row.task == "chaos.breaks":
        yield "should have failed"
    if row.state == "cancelled" and row.id not in journal.cancels:
        yield "was cancelled by nobody"
    if row.state != "cancelled" and row.id in journal.cancelled and not retried:
        yield "went on although it was cancelled"


def _judge_runs(verdict: Verdict, stack: Stack, schedule: str) -> None:
    """Each second has its run: none is left out, and none comes twice."""
    moments = [row[0] for row in stack.sql(RUNS, schedule)]
    for earlier, later in pairwise(moments):
        if later == earlier:
            verdict.doubled.append(f"schedule {schedule} has run twice at {later}")
        elif later - earlier > timedelta(seconds=1):
            verdict.lost.append(f"schedule {schedule} has not run between {earlier} and {later}")
