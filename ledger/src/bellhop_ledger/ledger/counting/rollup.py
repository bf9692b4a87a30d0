"""Rollup: what was submitted and what ended is counted from the rows of jobs, a minute at a time, after the fact.

No statement that a job waits for does more for it. A minute is counted again as often as somebody likes and gives the
same, so a crash leaves nothing half done. What a job's row shows no more, because the job went on, is in
`uncounted_ends`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.counting.buckets import bucket_in_sql
from bellhop_ledger.ledger.counting.counts import KEPT, NUMBERS, TIMES, Step
from bellhop_ledger.ledger.past import ENDED_IN_ATTEMPT
from bellhop_ledger.ledger.tables import EXPIRED

SETTLE = timedelta(seconds=2)
"""After a minute, until it counts as over: a transaction is seen a moment after the moment at which it has begun."""
MINUTE, HOUR = Step.MINUTE.length, Step.HOUR.length

# What ends or is submitted now is forgotten today at the earliest, so the days before need not be looked at.
_IN_TIME = "{at} >= :since AND {at} < :until AND (j.forget_on IS NULL OR j.forget_on >= :day)"
ENDS = f"""
    SELECT j.finished_at AS at, j.task, j.queue,
           CASE WHEN j.state = 'cancelled' AND j.attempt = 0 AND j.error ->> 'type' = '{EXPIRED}' THEN 'expired'
                ELSE j.state END AS ending,
           CASE WHEN {ENDED_IN_ATTEMPT} THEN date_part('epoch', j.started_at - j.queued_at) END AS waited,
           CASE WHEN {ENDED_IN_ATTEMPT} THEN date_part('epoch', j.finished_at - j.started_at) END AS ran
    FROM jobs j WHERE j.state IN ('succeeded', 'failed', 'cancelled') AND {_IN_TIME.format(at="j.finished_at")}
    UNION ALL
    SELECT at, task, queue, ending, waited, ran FROM uncounted_ends WHERE at >= :since AND at < :until
    UNION ALL
    SELECT j.created_at, j.task, j.queue, 'submitted', NULL, NULL
    FROM jobs j WHERE {_IN_TIME.format(at="j.created_at")}
"""
_KEY = "starts_at, task, queue"
_COLUMNS = ", ".join((*NUMBERS, *TIMES))
_CHANGED = ", ".join(f"{name} = excluded.{name}" for name in (*NUMBERS, *TIMES))


def _of(ending: str) -> str:
    """Return the sum of one kind of ending."""
    kinds = "('cancelled', 'expired')" if ending == "cancelled" else f"('{ending}')"
    return f"coalesce(sum(number) FILTER (WHERE ending IN {kinds}), 0) AS {ending}"


def _pairs(times: str, of: str) -> str:
    """Return the part of a statement that puts buckets and their numbers, which `of` gives, into one value a key."""
    return f"""{times} AS (
        SELECT {_KEY}, array_agg(ARRAY[bucket, number] ORDER BY bucket) AS {times}
        FROM (SELECT {_KEY}, bucket, sum(number)::int AS number FROM ({of}) AS buckets GROUP BY {_KEY}, bucket) AS sums
        GROUP BY {_KEY}
    )"""


def _stored(step: str, numbers: str) -> str:
    """Return the end of a statement that stores counts, and leaves rows alone that say the same already."""
    return f"""
        INSERT INTO task_counts AS c (step, {_KEY}, {_COLUMNS})
        SELECT '{step}', {_KEY}, {", ".join(NUMBERS)}, coalesce(waits, '{{}}'), coalesce(runs, '{{}}')
        FROM ({numbers}) AS numbers LEFT JOIN waits USING ({_KEY}) LEFT JOIN runs USING ({_KEY})
        ON CONFLICT (step, {_KEY}) DO UPDATE SET {_CHANGED}
        WHERE ROW({", ".join(f"c.{name}" for name in (*NUMBERS, *TIMES))})
              IS DISTINCT FROM ROW({", ".join(f"excluded.{name}" for name in (*NUMBERS, *TIMES))})
    """


def _minutes() -> str:
    buckets = {name: f"SELECT {_KEY}, {name} AS bucket, number FROM fine WHERE {name} IS NOT NULL" for name in TIMES}
    waited, ran = (bucket_in_sql(f"greatest({name}, 0)") for name in ("waited", "ran"))
    return f"""
        WITH fine AS MATERIALIZED (
            SELECT date_trunc('minute', at) AS starts_at, task, queue, ending,
                   CASE WHEN waited IS NOT NULL THEN {waited} END AS waits,
                   CASE WHEN ran IS NOT NULL THEN {ran} END AS runs, count(*) AS number
            FROM ({ENDS}) AS ends GROUP BY 1, 2, 3, 4, 5, 6
        ), {_pairs("waits", buckets["waits"])}, {_pairs("runs", buckets["runs"])}
        {_stored("minute", f"SELECT {_KEY}, {', '.join(map(_of, NUMBERS))} FROM fine GROUP BY {_KEY}")}
    """


def _together(of: Step, into: Step) -> str:
    """Return the statement that sums up counts into those of a longer step."""
    lower = f"""SELECT date_trunc('{into}', starts_at, 'UTC') AS starts_at, task, queue, {_COLUMNS} FROM task_counts
        WHERE step = '{of}' AND starts_at >= :since AND starts_at < :until"""
    sums = ", ".join(f"sum({name}) AS {name}" for name in NUMBERS)
    pairs = "SELECT {key}, {of}[i][1] AS bucket, {of}[i][2] AS number FROM below, generate_subscripts({of}, 1) AS i"
    times = [_pairs(name, pairs.format(key=_KEY, of=name)) for name in TIMES]
    return f"""
        WITH below AS ({lower}), {", ".join(times)}
        {_stored(into, f"SELECT {_KEY}, {sums} FROM below GROUP BY {_KEY}")}
    """


COUNT_MINUTES = text(_minutes())
COUNT_HOURS = text(_together(Step.MINUTE, Step.HOUR))
COUNT_DAYS = text(_together(Step.HOUR, Step.DAY))

# What ended before today may have been forgotten already, on a system on which nothing was counted before.
BEGIN = text("""
    INSERT INTO counting (id, since, counted_until, final_until)
    SELECT 1, today, today, today FROM (SELECT date_trunc('day', now(), 'UTC') AS today) AS t
    ON CONFLICT DO NOTHING
""")
TAKE = text("SELECT counted_until, final_until, clock_timestamp() AS now FROM counting FOR UPDATE SKIP LOCKED")
OPEN = text("""
    SELECT l.virtualxid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'virtualxid' AND l.granted AND l.pid <> pg_backend_pid() AND a.datname = current_database()
""")
ADVANCE = text("""
    UPDATE counting SET counted_until = greatest(counted_until, :counted),
        final_until = greatest(final_until, CAST(:final AS timestamptz))
""")
FORGET_ENDS = text("DELETE FROM uncounted_ends WHERE at < (SELECT final_until FROM counting)")
# Hours are sums of minutes, and days of hours: what a sum still may change from stays.
FORGET = text("""
    DELETE FROM task_counts WHERE step = :step
    AND starts_at < (SELECT date_trunc('day', least(now() - :kept, final_until), 'UTC') FROM counting)
""")


class Place(NamedTuple):
    """How far the counting has come, and when that was asked, by the clock of the database."""

    counted_until: datetime
    final_until: datetime
    now: datetime

    @property
    def over(self) -> datetime:
        """The end of the last minute that is over."""
        return (self.now - SETTLE).replace(second=0, microsecond=0)


def begin(db: Session) -> None:
    """Begin to count with today, where nobody has begun before."""
    db.execute(BEGIN)


def take(db: Session) -> Place | None:
    """Take the counting over until the transaction ends; nothing while another scheduler has it."""
    row = db.execute(TAKE).one_or_none()
    return Place(*row) if row else None


def open_transactions(db: Session) -> frozenset[str]:
    """Return the names of all other transactions in this database that have begun and not ended.

    Each holds a lock on its own name, which anybody may see, from its beginning to its end.
    """
    return frozenset(db.execute(OPEN).scalars())


def pieces(since: datetime, until: datetime, longest: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """Yield the parts of a stretch of time, none of them longer than that or beyond an hour's end."""
    while since < until:
        hour = since.replace(minute=0) + HOUR
        end = min(since + longest, until, hour)
        yield since, end
        since = end


def count_minutes(db: Session, since: datetime, until: datetime) -> None:
    """Count what was submitted and ended in these minutes, from what is committed now."""
    db.execute(COUNT_MINUTES, {"since": since, "until": until, "day": since.astimezone(UTC).date()})


def sum_up(db: Session, at: datetime) -> None:
    """Sum up the hour and the day in which this moment lies."""
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    db.execute(COUNT_HOURS, {"since": hour, "until": hour + HOUR})
    db.execute(COUNT_DAYS, {"since": day, "until": day + Step.DAY.length})


def advance(db: Session, *, counted: datetime, final: datetime | None) -> None:
    """Note how far the counting has come, perhaps for good; it never goes back."""
    db.execute(ADVANCE, {"counted": counted, "final": final})


def forget_ends(db: Session) -> None:
    """Delete the ends that are counted for good."""
    db.execute(FORGET_ENDS)


def forget_old(db: Session) -> None:
    """Delete counts that were kept for long enough."""
    for step, kept in KEPT.items():
        db.execute(FORGET, {"step": step.value, "kept": kept})
