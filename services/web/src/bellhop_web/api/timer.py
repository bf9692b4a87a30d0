"""Routes of /api/timer."""

from flask import Response
from pydantic import BaseModel

from bellhop.database import transaction
from bellhop.timer import Timer
from bellhop_web.openapi import answers, blueprint, respond
from bellhop_web.views import Utc

bp = blueprint("timer", "/api/timer")


class TimerView(BaseModel):
    """How long the timer has counted."""

    minute: int
    second: int
    ticks: int
    started_at: Utc | None
    last_tick_at: Utc | None


@bp.get("", responses=answers(200, TimerView))
def show() -> Response:
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
