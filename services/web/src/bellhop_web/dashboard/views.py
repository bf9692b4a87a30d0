"""Numbers of jobs by their state, read in a few milliseconds however many have ended."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_web.site.format import amount

MOST_COUNTED = 10_000
"""Jobs of a state that are counted one by one; beyond it the words are 'more than' or 'about'."""
MOST_ENDED = 2_000
"""The same for those that have ended: no vacuum has been there, so Postgres looks at the row of each that it counts."""

# Each of these has an index of its own, so only the jobs that are counted are read.
COUNTS = text("""
    SELECT 'scheduled' AS name, count(*) AS number FROM (
        SELECT FROM unfinished_jobs WHERE state = 'scheduled' LIMIT :most) AS part
    UNION ALL SELECT 'blocked', count(*) FROM (SELECT FROM unfinished_jobs WHERE state = 'blocked' LIMIT :most) AS part
    UNION ALL SELECT 'queued', count(*) FROM (SELECT FROM unfinished_jobs WHERE state = 'queued' LIMIT :most) AS part
    UNION ALL SELECT 'running', count(*) FROM (SELECT FROM unfinished_jobs WHERE state = 'running' LIMIT :most) AS part
    UNION ALL SELECT 'retrying', count(*) FROM (
        SELECT FROM unfinished_jobs WHERE attempt > 0 AND state IN ('scheduled','queued') LIMIT :most) AS part
    UNION ALL SELECT 'failed', count(*) FROM (
        SELECT FROM jobs WHERE state = 'failed' AND finished_at IS NOT NULL LIMIT :most_ended) AS part
    UNION ALL SELECT 'cancelled', count(*) FROM (
        SELECT FROM jobs WHERE state = 'cancelled' AND finished_at IS NOT NULL LIMIT :most_ended) AS part
    UNION ALL SELECT 'ended', count(*) FROM (SELECT FROM jobs WHERE finished_at IS NOT NULL LIMIT :most_ended) AS part
""")
ENDED = frozenset({"failed", "cancelled", "ended"})
ABOUT = text("""
    SELECT sum(CASE WHEN relpages > 0 AND reltuples > 0 THEN
        reltuples / relpages * pg_relation_size(oid) / current_setting('block_size')::int END)
    FROM pg_partition_tree('jobs') t JOIN pg_class ON oid = t.relid WHERE t.isleaf AND relname <> 'unfinished_jobs'
""")
"""How many jobs have ended, as Postgres plans with: the rows on a page at the last look, times the pages of now."""


@dataclass(frozen=True)
class Count:
    """A number of jobs: exact, about so many, or more than so many."""

    number: int
    exact: bool = True
    about: bool = False

    @classmethod
    def up_to(cls, most: int, counted: int, about: float | None = None) -> "Count":
        """Make it of what was counted, which stops after `most`, and of an estimate for what is beyond."""
        if counted <= most:
            return cls(counted)
        return cls(round_to_two(about), False, True) if about and about > most else cls(most, False)

    def __str__(self) -> str:
        """Write it as people read it."""
        return ("about " if self.about else "" if self.exact else "more than ") + amount(self.number)


def round_to_two(number: float) -> int:
    """Round to two digits: an estimate is no better than that."""
    return int(float(f"{number:.1e}"))


def read(db: Session) -> dict[str, Count]:
    """Return how many jobs there are by state, and how many are `retrying` (scheduled or queued) and have `ended`.

    A database that takes longer than 2 s over one of its parts is not bothered further.
    """
    db.execute(text("SET LOCAL statement_timeout = '2s'"))
    most = {"most": MOST_COUNTED + 1, "most_ended": MOST_ENDED + 1}
    numbers = {row.name: row.number for row in db.execute(COUNTS, most)}
    about = db.scalar(ABOUT) if numbers["ended"] > MOST_ENDED else None
    limits = {name: MOST_ENDED if name in ENDED else MOST_COUNTED for name in numbers}
    counts = {name: Count.up_to(limits[name], number) for name, number in numbers.items()}
    return counts | {"ended": Count.up_to(MOST_ENDED, numbers["ended"], about)}
