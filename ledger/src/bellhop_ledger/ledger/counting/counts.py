"""Counts: how many jobs were submitted and how they ended, and how long they waited and ran, by task and queue.

One table holds a row for each minute, hour and day (UTC) in which a task had something to count. What counts them is
`rollup.py` beside it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Integer, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY, DOUBLE_PRECISION
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop_ledger.ledger.counting.buckets import percentile
from bellhop_ledger.platform.database import Base, Time, enumeration


class Step(StrEnum):
    """The length of time that one row of counts is about."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    @property
    def length(self) -> timedelta:
        """The length itself."""
        return timedelta(**{f"{self}s": 1})


KEPT = {Step.MINUTE: timedelta(days=3), Step.HOUR: timedelta(days=90), Step.DAY: timedelta(days=5 * 365)}
"""For how long counts of each step are kept."""
NUMBERS = ("submitted", "succeeded", "failed", "cancelled", "expired", "retried")
TIMES = ("waits", "runs")


class TaskCount(Base):
    """What a task had to count in a minute, an hour or a day, in one queue."""

    __tablename__ = "task_counts"

    step: Mapped[Step] = mapped_column(enumeration(Step), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(Time, primary_key=True)
    task: Mapped[str] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(primary_key=True)
    submitted: Mapped[int]
    succeeded: Mapped[int]
    failed: Mapped[int]
    """For good."""
    cancelled: Mapped[int]
    """Those that had expired among them."""
    expired: Mapped[int]
    retried: Mapped[int]
    """Attempts that failed or were lost and were followed by another one."""
    waits: Mapped[list[list[int]]] = mapped_column(ARRAY(Integer, dimensions=2))
    """How long the attempts that ended had waited in the queue: pairs of a bucket and how many are in it."""
    runs: Mapped[list[list[int]]] = mapped_column(ARRAY(Integer, dimensions=2))
    """How long they ran."""

    __table_args__ = (CheckConstraint("step IN ('minute','hour','day')", name="step"),)


class UncountedEnd(Base):
    """An end that no row of a job shows any more, until it is counted: the job goes on. Triggers write it.

    It is that of an attempt that was followed by another one, or of a job that somebody has retried.
    """

    __tablename__ = "uncounted_ends"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(Time)
    task: Mapped[str]
    queue: Mapped[str]
    ending: Mapped[str]
    """succeeded, failed, cancelled, expired or retried."""
    waited: Mapped[float | None] = mapped_column(DOUBLE_PRECISION)
    ran: Mapped[float | None] = mapped_column(DOUBLE_PRECISION)

    __table_args__ = (Index("uncounted_ends_at_idx", "at"),)


class Counting(Base):
    """How far the counting has come. One row, from the first minute that was counted on."""

    __tablename__ = "counting"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(Time)
    """What ended before this moment is not counted."""
    counted_until: Mapped[datetime] = mapped_column(Time)
    """What was committed by the time of the counting and ended before this moment is counted."""
    final_until: Mapped[datetime] = mapped_column(Time)
    """Counts of what ended before this moment do not change any more."""

    __table_args__ = (CheckConstraint("id = 1", name="id"),)


def floored(moment: datetime, step: Step) -> datetime:
    """Return the beginning of the minute, hour or day in which a moment in UTC lies."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if step is Step.MINUTE else whole.replace(minute=0, hour=0 if step is Step.DAY else whole.hour)


@dataclass(frozen=True)
class Wanted:
    """Which counts to read."""

    step: Step
    since: datetime
    until: datetime
    task: str | None = None
    queue: str | None = None
    without: Collection[str] = ()
    """Tasks that are left out."""

    def by(self, step: Step) -> "Wanted":
        """Return the same in whole hours or days: its ends are widened to theirs."""
        since, until = floored(self.since, step), floored(self.until, step)
        return replace(self, step=step, since=since, until=until if until == self.until else until + step.length)

    @property
    def parameters(self) -> dict[str, Any]:
        """Those of a statement with WHICH."""
        bounds = {"step": self.step.value, "since": self.since, "until": self.until}
        return bounds | {"task": self.task, "queue": self.queue, "without": list(self.without)}


@dataclass
class Counted:
    """What was counted, together."""

    submitted: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    expired: int = 0
    retried: int = 0
    waits: dict[int, int] = field(default_factory=dict)
    """How many waited as long as each bucket says."""
    runs: dict[int, int] = field(default_factory=dict)

    @property
    def ended(self) -> int:
        """How many jobs ended, in whatever way."""
        return self.succeeded + self.failed + self.cancelled

    def wait(self, share: float) -> float | None:
        """Return the seconds in the queue that so great a share did not exceed; nothing where nothing ran."""
        return percentile(self.waits, share)

    def run(self, share: float) -> float | None:
        """Return the same of how long attempts ran."""
        return percentile(self.runs, share)


WHICH = """
    step = :step AND starts_at >= :since AND starts_at < :until AND task <> ALL(CAST(:without AS text[]))
    AND (CAST(:task AS text) IS NULL OR task = :task) AND (CAST(:queue AS text) IS NULL OR queue = :queue)
"""
SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in NUMBERS)
BARS = "date_bin(CAST(:width AS interval), starts_at, :since)"
_NUMBERS = f"SELECT {{by}} AS key, {SUMS} FROM task_counts WHERE {WHICH} GROUP BY 1"
_TIMES = " UNION ALL ".join(
    f"""SELECT {{by}} AS key, '{times}' AS times, {times}[i][1] AS bucket, sum({times}[i][2])::bigint AS number
    FROM task_counts, generate_subscripts({times}, 1) AS i WHERE {WHICH} GROUP BY 1, 3"""
    for times in TIMES
)
READ = {by: (text(_NUMBERS.format(by=by)), text(_TIMES.format(by=by))) for by in (BARS, "task")}


def by_bar(db: Session, wanted: Wanted, width: timedelta, *, times: Step | None) -> dict[datetime, Counted]:
    """Return what was counted in each stretch of time of this width that has something, by its beginning.

    The width is a multiple of the step, and the stretches follow one another from the beginning of what is wanted.
    Where `times` is a longer step, how long jobs waited and ran is that of the whole hour or day in which the stretch
    begins; nothing leaves it out.
    """
    found = _numbers(db, BARS, wanted, width=width)
    if times:
        is_own = times is wanted.step
        whole = _times(db, BARS, wanted.by(times), width=width if is_own else times.length)
        _add_times(found, whole, lambda at: at if is_own else floored(at, times))
    return found


def by_task(db: Session, wanted: Wanted, *, times: Step | None) -> dict[str, Counted]:
    """Return what was counted of each task that has something, by its name; `times` is as in `by_bar`."""
    found = _numbers(db, "task", wanted)
    if times:
        _add_times(found, _times(db, "task", wanted.by(times)), lambda task: task)
    return found


def together(counted: Collection[Counted]) -> Counted:
    """Return the sum of counts."""
    total = Counted(**{name: sum(getattr(one, name) for one in counted) for name in NUMBERS})
    for times in TIMES:
        sums: dict[int, int] = defaultdict(int)
        for one in counted:
            for bucket, number in getattr(one, times).items():
                sums[bucket] += number
        setattr(total, times, dict(sums))
    return total


def progress(db: Session) -> Counting | None:
    """Return how far the counting has come; nothing before the first scheduler of this release has counted."""
    return db.get(Counting, 1)


def _numbers(db: Session, by: str, wanted: Wanted, **more: Any) -> dict[Any, Counted]:
    rows = db.execute(READ[by][0], wanted.parameters | more).mappings()
    return {row["key"]: Counted(**{name: row[name] for name in NUMBERS}) for row in rows}


def _times(db: Session, by: str, wanted: Wanted, **more: Any) -> dict[Any, Counted]:
    found: dict[Any, Counted] = defaultdict(Counted)
    for key, kind, bucket, number in db.execute(READ[by][1], wanted.parameters | more):
        getattr(found[key], kind)[bucket] = number
    return found


def _add_times(found: dict[Any, Counted], times: dict[Any, Counted], key: Callable[[Any], Any]) -> None:
    for name, one in found.items():
        one.waits, one.runs = times[key(name)].waits, times[key(name)].runs
