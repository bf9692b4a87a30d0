"""Views: how the load to come and the jumps of clocks read from outside."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from bellhop_ledger.schedules.forecast import Forecast, Load
from bellhop_ledger.schedules.jumps import Effect, JumpAhead, TouchedSchedule
from bellhop_web.http.times import Utc
from bellhop_web.schedules.preview import describe_jump

MOST_PEAKS = 3
MINUTE = 60.0


class TaskLoadView(BaseModel):
    """What is due of one task."""

    task: str
    queue: str
    schedules: int = Field(description="How many schedules run it in this time")
    seconds: float | None = Field(description="How long a run takes on average, as measured; null: none has been yet")
    runs: list[int] = Field(description="How many runs are due in each of `hours`")


class HourView(BaseModel):
    """What is due in an hour; the first one has begun already."""

    at: Utc
    runs: int
    seconds: float = Field(description="How long the runs take together, as far as that is known")


class PeakView(BaseModel):
    """An hour with much work for a queue."""

    at: Utc
    queue: str
    runs: int
    seconds: float = Field(description="How long the runs take together")
    processes: int = Field(description="How many processes of workers serve the queue now")
    minutes: float | None = Field(
        description="For how long the runs keep these processes busy, each of them; null: no worker serves the queue"
    )


class ForecastView(BaseModel):
    """How many runs of schedules are due in each hour, and how long they take."""

    since: Utc
    until: Utc
    schedules: int = Field(description="How many schedules have a run in this time")
    estimated: bool = Field(description="Whether there are so many different schedules that some stand for the others")
    hours: list[HourView]
    tasks: list[TaskLoadView] = Field(description="The tasks with the most runs first")
    peaks: list[PeakView] = Field(description="The hours in which the workers of a queue have the most to do")


def forecast_view(found: Forecast) -> ForecastView:
    """Show a forecast."""
    hours = [
        HourView(
            at=at,
            runs=round(sum(load.runs[hour] for load in found.loads)),
            seconds=round(sum(load.runs[hour] * (load.seconds or 0) for load in found.loads), 3),
        )
        for hour, at in enumerate(found.edges[:-1])
    ]
    return ForecastView(
        since=found.edges[0],
        until=found.edges[-1],
        schedules=sum(load.schedules for load in found.loads),
        estimated=found.estimated,
        hours=hours,
        tasks=[_task(load) for load in found.loads],
        peaks=sorted(_peaks(found), key=_weight, reverse=True)[:MOST_PEAKS],
    )


def _task(load: Load) -> TaskLoadView:
    return TaskLoadView(
        task=load.work.task,
        queue=load.work.queue,
        schedules=load.schedules,
        seconds=load.seconds,
        runs=[round(runs) for runs in load.runs],
    )


def _peaks(found: Forecast) -> Iterator[PeakView]:
    """Yield the fullest hour of each queue, and of queues with work for more than half of it the others too."""
    for queue in sorted({load.work.queue for load in found.loads}):
        loads = [load for load in found.loads if load.work.queue == queue]
        peaks = [_peak(queue, loads, hour, at, found) for hour, at in enumerate(found.edges[:-1])]
        fullest = max(peaks, key=_weight)
        yield from (one for one in peaks if one.runs and (one is fullest or (one.minutes or 0) > MINUTE / 2))


def _peak(queue: str, loads: Sequence[Load], hour: int, at: datetime, found: Forecast) -> PeakView:
    seconds = sum(load.runs[hour] * (load.seconds or 0) for load in loads)
    processes = found.processes.get(queue, 0)
    return PeakView(
        at=at,
        queue=queue,
        runs=round(sum(load.runs[hour] for load in loads)),
        seconds=round(seconds, 3),
        processes=processes,
        minutes=round(seconds / processes / MINUTE, 2) if processes else None,
    )


def _weight(peak: PeakView) -> tuple[float, float, int]:
    """Return what makes a peak: how long the workers of its queue are busy, and how much there is where nobody is."""
    return peak.minutes or 0, peak.seconds, peak.runs


class TouchedView(BaseModel):
    """A schedule whose runs a jump touches."""

    id: UUID
    name: str
    effect: Effect = Field(description="What becomes of its runs; see `next_jump` of a schedule's preview")
    runs: int = Field(description="How many times on the clock that are skipped or come twice it is due at")


class JumpView(BaseModel):
    """The next jump of a zone's clock, and what it touches."""

    time_zone: str
    at: Utc
    seconds: int = Field(description="By how much the clock goes forward; less than 0: it goes back")
    first: str = Field(description="The first time on the clock that is skipped or comes twice: ISO 8601, no offset")
    last: str = Field(description="The first after it that is neither")
    touched: int = Field(description="How many schedules it touches")
    schedules: list[TouchedView] = Field(description="These schedules by name, at most 50")
    words: str = Field(description="What the clock does")


class JumpsView(BaseModel):
    """Jumps that touch runs of schedules, the earliest first: of each zone the next one."""

    jumps: list[JumpView]


def jump_view(ahead: JumpAhead) -> JumpView:
    """Show a jump and what it touches."""
    first, last = (time.isoformat(timespec="minutes") for time in ahead.jump.wall)
    return JumpView(
        time_zone=ahead.time_zone,
        at=ahead.jump.at,
        seconds=round(ahead.jump.by.total_seconds()),
        first=first,
        last=last,
        touched=ahead.touched,
        schedules=[_touched(one) for one in ahead.schedules],
        words=describe_jump(ahead.jump),
    )


def _touched(one: TouchedSchedule) -> TouchedView:
    return TouchedView(id=one.id, name=one.name, effect=one.touched.effect, runs=one.touched.runs)
