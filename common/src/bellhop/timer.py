"""The timer: a count that goes up by one every second."""

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop.database import Base
from bellhop.jobs import Time
from bellhop.signatures import Every, Mode, Retry, signature


class Timer(Base):
    """How many seconds were counted since the first one."""

    __tablename__ = "timers"

    name: Mapped[str] = mapped_column(primary_key=True)
    ticks: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(Time)
    last_tick_at: Mapped[datetime] = mapped_column(Time)

    @classmethod
    def count(cls, db: Session, name: str, second: datetime) -> int:
        """Count one second and give the new number of ticks."""
        first = insert(cls).values(name=name, ticks=1, started_at=second, last_tick_at=second)
        later = {"ticks": cls.ticks + 1, "last_tick_at": func.greatest(cls.last_tick_at, second)}
        statement = first.on_conflict_do_update(index_elements=["name"], set_=later).returning(cls.ticks)
        ticks: int = db.execute(statement).scalar_one()
        return ticks


@signature(
    "timer.tick",
    mode=Mode.ATOMIC,
    retry=Retry(first=1, factor=1),
    batch=100,
    soft_limit=5,
    hard_limit=10,
    keep=timedelta(hours=1),
    every=Every(seconds=1),
    quiet=True,
)
def tick() -> int:
    """Count one second. Safe to repeat: the count and the job's end are one transaction."""
