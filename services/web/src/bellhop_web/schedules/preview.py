"""The runs to come: what a schedule would do next, and where the clock of its zone jumps."""

from datetime import UTC, datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from bellhop_ledger.platform.zones import find_zone
from bellhop_ledger.schedules import Timing
from bellhop_web.http.times import Utc


class Jump(StrEnum):
    """How a zone's clock was changed."""

    FORWARD = "forward"
    BACK = "back"


class MomentView(BaseModel):
    """A run to come."""

    at: Utc
    local: str = Field(description="The same in the schedule's zone: ISO 8601 with its offset")
    jump: Jump | None = Field(description="The zone's clock goes `forward` or `back` between the run before and this")


class PreviewView(BaseModel):
    """The next runs, without their jitter."""

    words: str = Field(description="When it runs, in words")
    time_zone: str
    runs: list[MomentView]


def preview(timing: Timing, time_zone: str, after: datetime, count: int) -> PreviewView:
    """Show the next runs."""
    runs: list[MomentView] = []
    before, moment = _offset(after, time_zone), after
    while len(runs) < count and (due := timing.next_after(moment)) is not None:
        offset = _offset(due, time_zone)
        jump = None if offset == before else Jump.FORWARD if offset > before else Jump.BACK
        runs.append(MomentView(at=due, local=due.astimezone(find_zone(time_zone)).isoformat(), jump=jump))
        before, moment = offset, due
    return PreviewView(words=timing.rule.words, time_zone=time_zone, runs=runs)


def _offset(moment: datetime, time_zone: str) -> float:
    local = moment.astimezone(find_zone(time_zone))
    return (local.replace(tzinfo=UTC) - moment).total_seconds()
