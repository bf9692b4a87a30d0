"""Views: how the timer reads from outside."""

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from bellhop_timer.tables import Punctuality, Timer, last_minute
from bellhop_web.plugin import Utc


class TickView(BaseModel):
    """One second of the last minute."""

    second: Utc
    state: Punctuality = Field(description="`late` when the next second had begun before this one was counted")
    lateness: float | None = Field(description="Seconds from its beginning until it was counted; null if it never was")


class TimerView(BaseModel):
    """How long the timer has counted, and how well."""

    minute: int = Field(description="Whole minutes of the count")
    second: int = Field(description="Seconds of the count beyond its whole minutes")
    ticks: int = Field(description="Seconds that were counted")
    started_at: Utc | None = Field(description="The first second that was counted")
    last_tick_at: Utc | None = Field(description="The last second that was counted")
    late: int = Field(description="Seconds that were counted a second or more after their beginning")
    missed: int = Field(description="Seconds that were not counted, because the scheduler was down")
    last_minute: list[TickView] = Field(description="Up to sixty seconds, the oldest first")


def read_timer(db: Session) -> TimerView:
    """Read the timer."""
    timer = db.get(Timer, "main")
    seconds = list(last_minute(db, timer)) if timer else []
    ticks = timer.ticks if timer else 0
    return TimerView(
        minute=ticks // 60,
        second=ticks % 60,
        ticks=ticks,
        started_at=timer and timer.started_at,
        last_tick_at=timer and timer.last_tick_at,
        late=timer.late if timer else 0,
        missed=timer.missed() if timer else 0,
        last_minute=[TickView(second=one.second, state=one.state, lateness=one.lateness) for one in seconds],
    )
