"""Routes of /api/timer."""

from flask import Response
from pydantic import BaseModel, Field

from bellhop.database import transaction
from bellhop.timer import Timer
from bellhop_web.access import Access
from bellhop_web.openapi import answers, blueprint, respond
from bellhop_web.views import Utc

bp = blueprint("timer", "/api/timer", access=Access.USER)


class TimerView(BaseModel):
    """How long the timer has counted."""

    minute: int = Field(description="Whole minutes of the count")
    second: int = Field(description="Seconds of the count beyond its whole minutes")
    ticks: int = Field(description="Seconds that were counted")
    started_at: Utc | None = Field(description="The first second that was counted")
    last_tick_at: Utc | None = Field(description="The last second that was counted")


@bp.get("", responses=answers(200, TimerView))
def show_timer() -> Response:
    """Show the seconds that were counted since the start."""
    with transaction() as db:
        timer = db.get(Timer, "main")
    ticks = timer.ticks if timer else 0
    shown = TimerView(
        minute=ticks // 60,
        second=ticks % 60,
        ticks=ticks,
        started_at=timer and timer.started_at,
        last_tick_at=timer and timer.last_tick_at,
    )
    return respond(shown)
