"""The timer: a count that goes up by one every second, and how late each second was counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, SmallInteger, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from bellhop_ledger.api import Time, metadata_of

LATE = 1.0
"""Seconds after which a second counts as counted late: the next one has begun."""
RING = 60
"""Ticks that are remembered one by one."""

COUNT = text("""
    WITH tick AS (
        SELECT CAST(:name AS varchar) AS name, CAST(:second AS timestamptz) AS second,
               extract(epoch FROM clock_timestamp() - CAST(:second AS timestamptz)) AS lateness,
               mod(CAST(extract(epoch FROM CAST(:second AS timestamptz)) AS bigint), 60) AS slot
    ), remembered AS (
        INSERT INTO timer.ticks (timer, slot, second, lateness)
        SELECT name, slot, second, lateness FROM tick
        ON CONFLICT (timer, slot) DO UPDATE SET second = excluded.second, lateness = excluded.lateness
        WHERE ticks.second < excluded.second
        RETURNING slot
    )
    INSERT INTO timer.timers (name, ticks, started_at, last_tick_at, late)
    SELECT name, 1, second, second, CAST(lateness >= :late AS int) FROM tick
    WHERE EXISTS (SELECT FROM remembered)
       OR EXISTS (SELECT FROM timer.ticks WHERE timer = name AND slot = tick.slot AND ticks.second > tick.second)
    ON CONFLICT (name) DO UPDATE
    SET ticks = timers.ticks + 1, late = timers.late + excluded.late,
        started_at = least(timers.started_at, excluded.started_at),
        last_tick_at = greatest(timers.last_tick_at, excluded.last_tick_at)
    RETURNING ticks
""")


class Base(DeclarativeBase):
    """What the timer's tables are made from."""

    metadata = metadata_of("timer")


class Timer(Base):
    """How many seconds were counted since the first one, and how many of them late."""

    __tablename__ = "timers"

    name: Mapped[str] = mapped_column(primary_key=True)
    ticks: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(Time)
    last_tick_at: Mapped[datetime] = mapped_column(Time)
    late: Mapped[int] = mapped_column(server_default=text("0"))

    @classmethod
    def count(cls, db: Session, name: str, second: datetime) -> int:
        """Count one second, unless it was counted before, and give the number of ticks."""
        whole = second.replace(microsecond=0)
        counted: int | None = db.execute(COUNT, {"name": name, "second": whole, "late": LATE}).scalar()
        return counted if counted is not None else db.get_one(cls, name).ticks

    def missed(self) -> int:
        """Return how many seconds between the first and the last one were not counted, because nothing ran then."""
        return max(int((self.last_tick_at - self.started_at).total_seconds()) + 1 - self.ticks, 0)


class Tick(Base):
    """One of the last sixty seconds that were counted: a place in a ring, written over by the next minute."""

    __tablename__ = "ticks"

    timer: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    second: Mapped[datetime] = mapped_column(Time)
    lateness: Mapped[float]
    """Seconds from the second's beginning until it was counted."""

    __table_args__ = (
        CheckConstraint("slot BETWEEN 0 AND 59", name="slot"),
        {"postgresql_with": {"fillfactor": "50"}},
    )


class Punctuality(StrEnum):
    """How a second was counted."""

    ON_TIME = "on_time"
    LATE = "late"
    MISSED = "missed"


@dataclass(frozen=True)
class Second:
    """One second of the last minute."""

    second: datetime
    state: Punctuality
    lateness: float | None


def last_minute(db: Session, timer: Timer) -> Iterator[Second]:
    """Yield the seconds up to the last one that was counted, at most sixty, the oldest first."""
    begin = max(timer.started_at, timer.last_tick_at - timedelta(seconds=RING - 1))
    query = select(Tick.second, Tick.lateness).where(Tick.timer == timer.name, Tick.second >= begin)
    counted = {row.second: row.lateness for row in db.execute(query)}
    for number in range(int((timer.last_tick_at - begin).total_seconds()) + 1):
        second = begin + timedelta(seconds=number)
        yield Second(second, _state(counted.get(second)), counted.get(second))


def _state(lateness: float | None) -> Punctuality:
    if lateness is None:
        return Punctuality.MISSED
    return Punctuality.LATE if lateness >= LATE else Punctuality.ON_TIME
