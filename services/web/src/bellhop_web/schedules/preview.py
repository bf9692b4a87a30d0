"""The runs to come: what a schedule would do next, and where the clock of its zone jumps."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, Field

from bellhop_ledger.platform.zones import Jump as ClockJump
from bellhop_ledger.platform.zones import find_zone
from bellhop_ledger.schedules import Timing
from bellhop_ledger.schedules.jumps import Effect, Touched, next_touching
from bellhop_web.http.times import Utc

YEAR = timedelta(weeks=53)
EFFECTS = {
    Effect.SKIPPED: "does not run at the skipped times",
    Effect.MOVED: "runs once for the skipped times, when the clock has jumped",
    Effect.DOUBLED: "runs both times",
    Effect.ONCE: "runs the first time only",
}


class Jump(StrEnum):
    """How a zone's clock was changed."""

    FORWARD = "forward"
    BACK = "back"


class MomentView(BaseModel):
    """A run to come."""

    at: Utc
    local: str = Field(description="The same in the schedule's zone: ISO 8601 with its offset")
    jump: Jump | None = Field(description="The zone's clock goes `forward` or `back` between the run before and this")


class NextJumpView(BaseModel):
    """The next jump of a zone's clock that touches the runs of a schedule."""

    at: Utc
    seconds: int = Field(description="By how much the clock goes forward; less than 0: it goes back")
    first: str = Field(description="The first time on the clock that is skipped or comes twice: ISO 8601, no offset")
    last: str = Field(description="The first after it that is neither")
    effect: Effect = Field(
        description="`skipped`: what is due at times that the clock skips does not run; `moved`: it becomes one run at "
        "the moment of the jump; `doubled`: what is due at times that the clock shows twice runs both times; `once`: "
        "it runs the first time only"
    )
    runs: int = Field(description="How many times on the clock that are skipped or come twice it is due at")
    words: str = Field(description="What the clock does, and what that means")


class PreviewView(BaseModel):
    """The next runs, without their jitter."""

    words: str = Field(description="When it runs, in words")
    time_zone: str
    runs: list[MomentView]
    next_jump: NextJumpView | None = Field(
        description="The next jump of the zone's clock within a year that touches its runs; null: none does"
    )


def next_jump_view(jump: ClockJump, touched: Touched) -> NextJumpView:
    """Show a jump and what it does to the runs of a schedule."""
    first, last = (time.isoformat(timespec="minutes") for time in jump.wall)
    seconds = round(jump.by.total_seconds())
    return NextJumpView(
        at=jump.at,
        seconds=seconds,
        first=first,
        last=last,
        effect=touched.effect,
        runs=touched.runs,
        words=f"{describe_jump(jump)}: it {EFFECTS[touched.effect]}",
    )


def describe_jump(jump: ClockJump) -> str:
    """Return in words what a zone's clock does: "goes forward from 02:00 to 03:00 on Sun 28 Mar 2027"."""
    forward = jump.by > timedelta(0)
    start, end = jump.wall if forward else jump.wall[::-1]
    return f"goes {'forward' if forward else 'back'} from {start:%H:%M} to {end:%H:%M} on {start:%a %d %b %Y}"


def preview(timing: Timing, time_zone: str, after: datetime, count: int) -> PreviewView:
    """Show the next runs."""
    runs: list[MomentView] = []
    before, moment = _offset(after, time_zone), after
    while len(runs) < count and (due := timing.next_after(moment)) is not None:
        offset = _offset(due, time_zone)
        jump = None if offset == before else Jump.FORWARD if offset > before else Jump.BACK
        runs.append(MomentView(at=due, local=due.astimezone(find_zone(time_zone)).isoformat(), jump=jump))
        before, moment = offset, due
    ahead = next_touching(timing, after, after + YEAR)
    next_jump = next_jump_view(*ahead) if ahead else None
    return PreviewView(words=timing.rule.words, time_zone=time_zone, runs=runs, next_jump=next_jump)


def _offset(moment: datetime, time_zone: str) -> float:
    local = moment.astimezone(find_zone(time_zone))
    return (local.replace(tzinfo=UTC) - moment).total_seconds()
