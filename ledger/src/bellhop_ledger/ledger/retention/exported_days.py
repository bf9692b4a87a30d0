"""Exported days: which days of ended jobs were written to a file before they are forgotten, and which could not be."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop_ledger.ledger.retention.forget import OVER, past_days
from bellhop_ledger.platform.database import Base, Time
from bellhop_ledger.platform.jsontext import cleaned

LONGEST_ERROR = 500


class ExportedDay(Base):
    """A day (UTC) on which jobs are forgotten, and what became of their export."""

    __tablename__ = "exported_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    exported_at: Mapped[datetime | None] = mapped_column(Time)
    """When all of its jobs were in the file; empty while the export fails."""
    jobs: Mapped[int | None] = mapped_column(BigInteger)
    place: Mapped[str | None]
    failed_at: Mapped[datetime | None] = mapped_column(Time)
    """When the last attempt failed; empty when none did since."""
    error: Mapped[str | None]

    __table_args__ = (CheckConstraint("exported_at IS NOT NULL OR failed_at IS NOT NULL", name="exported_at"),)


# The days of what was kept for long, each found by one look at the index, however many jobs it has.
KEPT_DAYS = text("""
    WITH RECURSIVE days AS (
        SELECT min(forget_on) AS day FROM kept_jobs
        UNION ALL
        SELECT (SELECT min(forget_on) FROM kept_jobs WHERE forget_on > days.day) FROM days WHERE days.day < :over
    )
    SELECT day FROM days WHERE day < :over
""")


def unexported(db: Session) -> list[date]:
    """Return the days that are over, whose jobs are still there and in no file, the oldest first."""
    kept = db.execute(KEPT_DAYS, {"over": db.execute(OVER).scalar_one()}).scalars()
    days = {*past_days(db), *kept}
    return sorted(days - exported_among(db, days))


def exported_among(db: Session, days: Iterable[date]) -> set[date]:
    """Return those of these days that were exported."""
    exported = ExportedDay.exported_at.is_not(None)
    return set(db.scalars(select(ExportedDay.day).where(ExportedDay.day.in_(list(days)), exported)))


def note_exported(db: Session, day: date, *, jobs: int, place: str) -> None:
    """Note that all jobs of a day are in a file, so that they may be forgotten."""
    _note(db, day, exported_at=func.now(), jobs=jobs, place=place, failed_at=None, error=None)


def note_failed(db: Session, day: date, reason: str) -> None:
    """Note that a day could not be exported; operators are shown the reason."""
    _note(db, day, failed_at=func.now(), error=cleaned(reason, LONGEST_ERROR))


def failed(db: Session) -> list[ExportedDay]:
    """Return the days whose last attempt failed, the oldest first."""
    waiting = ExportedDay.exported_at.is_(None)
    return list(db.scalars(select(ExportedDay).where(waiting).order_by(ExportedDay.day)))


def forget_failures(db: Session) -> None:
    """Forget what could not be exported, when nothing is to be exported any more."""
    db.execute(delete(ExportedDay).where(ExportedDay.exported_at.is_(None)))


def _note(db: Session, day: date, **facts: object) -> None:
    db.execute(insert(ExportedDay).values(day=day, **facts).on_conflict_do_update(index_elements=["day"], set_=facts))
