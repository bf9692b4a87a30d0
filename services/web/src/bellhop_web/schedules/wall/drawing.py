"""Drawing: a row of the wall as an SVG that stretches: places are shares of its width, heights are pixels.

What became of a run is told by shape as well as by colour: what failed is tall, what did not run is hollow or flat.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from markupsafe import Markup

from bellhop_web.schedules.wall.requests import HOUR, Window
from bellhop_web.schedules.wall.views import CellState, WallHourView, WallRowView, WallRunView
from bellhop_web.site.charts.frame import words_in_tag
from bellhop_web.site.format import length, plural, stamp

HEIGHT, TALL, MIDDLE, FLAT = 32, 26, 14, 6
NARROWEST = 0.5
"""Percent of the width: less can hardly be seen or pointed at."""
HEIGHTS = {
    CellState.FAILED: TALL, CellState.MISSED: TALL, CellState.LATE: TALL,
    CellState.SKIPPED: FLAT, CellState.WAITING: FLAT, CellState.RETRYING: FLAT,
}  # fmt: skip
LEGEND = [
    (CellState.SUCCEEDED, "succeeded"), (CellState.RETRIED, "succeeded after a retry"), (CellState.FAILED, "failed"),
    (CellState.LATE, "late: not begun"), (CellState.MISSED, "missed"), (CellState.RUNNING, "running"),
    (CellState.WAITING, "waiting or retrying"), (CellState.SKIPPED, "skipped"), (CellState.CANCELLED, "cancelled"),
]  # fmt: skip


def row(schedule: WallRowView, window: Window, jobs: bool) -> Markup:
    """Draw the runs of a schedule; `jobs` says whether there are pages of jobs to link to."""
    cells = [_run(schedule.id, run, window, jobs) for run in schedule.runs]
    cells += [_hour(schedule.id, hour, window, jobs) for hour in schedule.hours]
    return Markup('<svg class="row" width="100%" height="{}" role="group" aria-label="{}">{}</svg>').format(
        HEIGHT, f"Runs of {schedule.name}", Markup("").join(cells)
    )


def axis(hours: Sequence[datetime], window: Window) -> Markup:
    """Draw the hours above the rows."""
    marks = [
        Markup('<text x="{}%" y="13" text-anchor="middle"{}{}</text>').format(
            _percent(window.share(hour)), _kind_of_hour(number), words_in_tag(stamp(hour, "minute"))
        )
        for number, hour in enumerate(hours)
        if number % 3 == 0 and 0.02 < window.share(hour) < 0.98
    ]
    return Markup('<svg class="hours" width="100%" height="18" aria-hidden="true">{}</svg>').format(
        Markup("").join(marks)
    )


def _kind_of_hour(number: int) -> Markup:
    return Markup(' class="rarely"') if number % 6 else Markup("")


def _run(id: UUID, run: WallRunView, window: Window, jobs: bool) -> Markup:
    due, height = window.share(run.due_at), HEIGHTS.get(run.state, MIDDLE)
    late = (run.lateness_seconds or 0) / window.seconds
    long = (run.took_seconds or 0) / window.seconds
    if run.missed_until:
        long = window.share(run.missed_until) - due
    parts = [_rect("delay", due, late, 4, least=0)] if late * 100 > NARROWEST else []
    parts.append(_rect("mark", min(due + late, 1), long, height))
    if run.state is CellState.RETRIED:
        parts.append(_rect("again", min(due + late, 1), 0, 3, top=HEIGHT - 5))
    target = f"/jobs/{run.job_id}" if run.job_id and jobs else _runs_from(id, run.due_at, run.due_at)
    return _link(target, run.state, parts, describe_run(run))


def _hour(id: UUID, hour: WallHourView, window: Window, jobs: bool) -> Markup:
    start, end = window.share(max(hour.at, window.since)), window.share(min(hour.at + HOUR, window.until))
    parts, low = [], float(HEIGHT - 3)
    for state, runs in sorted(hour.states.items(), key=lambda one: list(CellState).index(one[0]), reverse=True):
        height = max(TALL * runs / hour.runs, 3.0)
        low -= height
        parts.append(
            Markup('<g class="{}">{}</g>').format(state, _rect("mark", start, end - start - 0.002, height, top=low))
        )
    middle = _percent((start + end) / 2)
    parts.append(Markup('<text x="{}%" y="20" text-anchor="middle">{}</text>').format(middle, hour.runs))
    return _link(_hour_of(id, hour, jobs), worst_of(hour), parts, describe_hour(hour))


def worst_of(hour: WallHourView) -> CellState:
    """Return the worst that became of a run in an hour."""
    return min(hour.states, key=list(CellState).index)


def _hour_of(id: UUID, hour: WallHourView, jobs: bool) -> str:
    """Return where the runs of an hour are listed: jobs are there for longer than lines of the history."""
    if not jobs:
        return _runs_from(id, hour.at, hour.at + HOUR)
    return (
        f"/jobs?{urlencode({'schedule': id, 'created_after': _iso(hour.at), 'created_before': _iso(hour.at + HOUR)})}"
    )


def _runs_from(id: UUID, first: datetime, last: datetime) -> str:
    after = {"due_after": _iso(first)}
    before = {"due_before": _iso(last)} if last > first else {}
    return f"/schedules/{id}/runs?{urlencode(after | before)}"


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _link(target: str, state: CellState, parts: Sequence[Markup], words: str) -> Markup:
    return Markup('<a href="{}" class="cell {}"><title{}</title>{}</a>').format(
        target, state, words_in_tag(words), Markup("").join(parts)
    )


def _rect(
    kind: str, start: float, share: float, height: float, *, top: float | None = None, least: float = NARROWEST
) -> Markup:
    width = max(share * 100, least)
    left = min(start * 100, 100 - width)
    y = (HEIGHT - height) / 2 if top is None else top
    return Markup('<rect class="{}" x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}"/>').format(
        kind, left, y, width, height
    )


def _percent(share: float) -> str:
    return f"{share * 100:.2f}"


def describe_run(run: WallRunView) -> str:
    """Return in words what became of a run."""
    return ", ".join(_facts_of(run))


def _facts_of(run: WallRunView) -> Iterator[str]:
    until = f" to {stamp(run.missed_until, 'minutes')}" if run.missed_until else ""
    yield f"{stamp(run.due_at, 'minutes')}{until}: {run.state}"
    if run.reason:
        yield run.reason
    if run.late and run.lateness_seconds is not None:
        yield f"began {length(run.lateness_seconds)} late"
    if run.took_seconds is not None:
        yield f"{'runs for' if run.state is CellState.RUNNING else 'took'} {length(run.took_seconds)}"
    if run.manual:
        yield "asked for by hand"


def describe_hour(hour: WallHourView) -> str:
    """Return in words what became of the runs of an hour."""
    ordered = sorted(hour.states.items(), key=lambda one: list(CellState).index(one[0]))
    counts = ", ".join(f"{runs} {state}" for state, runs in ordered)
    late = f", {hour.late} began late" if hour.late else ""
    return f"{stamp(hour.at, 'minutes')}, one hour: {plural(hour.runs, 'run')}: {counts}{late}"


def describe_row(schedule: WallRowView) -> str:
    """Return in words what a schedule did, for those who do not see the drawing."""
    counts: dict[CellState, int] = {}
    for run in schedule.runs:
        counts[run.state] = counts.get(run.state, 0) + 1
    for hour in schedule.hours:
        for state, runs in hour.states.items():
            counts[state] = counts.get(state, 0) + runs
    if not counts:
        return "No run"
    ordered = sorted(counts.items(), key=lambda one: list(CellState).index(one[0]))
    return f"{plural(sum(counts.values()), 'run')}: {', '.join(f'{runs} {state}' for state, runs in ordered)}"
