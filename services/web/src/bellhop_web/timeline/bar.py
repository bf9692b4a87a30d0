"""The time bar: what a page shows of counts over time. See `templates/timeline/_bar.html`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import flask
from flask import render_template, url_for
from markupsafe import Markup
from sqlalchemy import text
from werkzeug.utils import cached_property

from bellhop.errors import Fault
from bellhop_ledger.ledger.counting import counts
from bellhop_ledger.ledger.counting.counts import Counted, Wanted
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth.access import Access
from bellhop_web.http.times import in_utc
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments
from bellhop_web.site.format import amount, length, stamp
from bellhop_web.timeline import windows
from bellhop_web.timeline.marks import Deploy, Outage, deploys, outages
from bellhop_web.timeline.plots import Pile, Plot, band, curves, piles
from bellhop_web.timeline.views import SHARES, moments, worst_first
from bellhop_web.timeline.windows import OWN, Range, Window

KINDS = ("succeeded", "cancelled", "retried", "failed")
"""How the bars are piled up: what is bad lies on top."""
WORDS = {"succeeded": "succeeded", "failed": "failed", "retried": "failed and tried again", "cancelled": "cancelled"}
LINES = {"p50": "series-1", "p95": "series-3", "p99": "series-4"}
MOST_TASKS = 12
LABELS = {Range.HOUR: "1 h", Range.DAY: "24 h", Range.WEEK: "7 d", Range.NIGHT: "Last night"}


@dataclass(frozen=True)
class Moment:
    """One bar."""

    start: datetime
    end: datetime
    counted: Counted


@dataclass(frozen=True)
class Bar:
    """The time bar of a page."""

    window: Window
    task: str | None
    queue: str | None
    moments: Sequence[Moment]
    tasks: Mapping[str, Counted]
    counted_since: datetime | None
    counted_until: datetime | None
    deploys: Sequence[Deploy] = ()
    outages: Sequence[Outage] = ()
    faults: Sequence[Fault] = ()

    @property
    def topic(self) -> str:
        """The live topic that shows it again; nothing of one that stands still."""
        return f"timeline:{self.window.range}" if self.window.is_live and not (self.task or self.queue) else ""

    @cached_property
    def total(self) -> Counted:
        """All bars together."""
        return counts.together(self.tasks.values())

    @cached_property
    def worst(self) -> list[tuple[str, Counted]]:
        """The tasks to show, those with the most failures first."""
        return worst_first(self.tasks)[:MOST_TASKS]

    @property
    def filled(self) -> list[Moment]:
        """The bars that have something, the latest first."""
        return [one for one in reversed(self.moments) if one.counted != Counted()]

    @property
    def throughput(self) -> Plot:
        """How jobs ended, over time."""
        found = [
            Pile([(kind, getattr(one.counted, kind)) for kind in KINDS], self.words(one), self.leads_to(one))
            for one in self.moments
        ]
        return piles(found, id="throughput", title="How jobs ended, over time", words=amount, behind=self.behind)

    @property
    def waits(self) -> Plot:
        """How long attempts waited in the queue, over time."""
        return self._curves("waits", "Queue wait over time", Counted.wait)

    @property
    def runs(self) -> Plot:
        """How long attempts ran, over time."""
        return self._curves("runs", "Run time over time", Counted.run)

    def _curves(self, id: str, title: str, of: Any) -> Plot:
        lines = [(LINES[name], [of(one.counted, share) for one in self.moments]) for name, share in SHARES.items()]
        return curves(lines, id=id, title=title, words=of_axis, behind=self.behind)

    @cached_property
    def behind(self) -> Markup:
        """Deploys and outages, as they stand behind each plot."""
        since, until = self.window.since, min(self.window.until, clock.now())
        bands = [(one.since or since, one.until or until, "outage") for one in self.outages]
        bands += [(one.at, one.at, "deploy") for one in self.deploys]
        return Markup("").join(
            band((begin - since) / self.window.width, (min(end, until) - since) / self.window.width, kind)
            for begin, end, kind in bands
        )

    def words(self, one: Moment) -> str:
        """Return what a bar says when somebody points at it."""
        numbers = [
            f"{amount(getattr(one.counted, kind))} {WORDS[kind]}" for kind in KINDS if getattr(one.counted, kind)
        ]
        times = [
            f"{name} p95 {length(seconds)}"
            for name, seconds in (("wait", one.counted.wait(0.95)), ("run", one.counted.run(0.95)))
            if seconds is not None
        ]
        facts = ", ".join([*numbers, *times]) or "nothing"
        return f"{stamp(one.start, self.shape)} to {stamp(one.end, self.shape)}: {facts}"

    @property
    def shape(self) -> str:
        """How much of a moment stands at the axis and in the table."""
        return "minute" if self.window.until - self.window.since <= timedelta(days=1) else "day-minute"

    @property
    def ends(self) -> str:
        """How much of a moment stands at the ends of the axis."""
        return "minute" if self.window.until - self.window.since < timedelta(days=1) else "day-minute"

    @property
    def middle(self) -> datetime:
        """The moment in the middle of the axis."""
        return self.window.since + (self.window.until - self.window.since) / 2

    def leads_to(self, one: Moment) -> str | None:
        """Return the address of the list of jobs that failed then; nothing where none did."""
        return self.jobs("failed", one.start, one.end) if one.counted.failed else None

    def jobs(self, state: str, since: datetime, until: datetime, task: str | None = None) -> str:
        """Return the address of the list of jobs that ended so in a stretch of time."""
        terms = [f"state:{state}", f"ended:{in_utc(since)}..{in_utc(until)}"]
        terms += [f"{name}:{quoted(one)}" for name, one in (("task", task or self.task), ("queue", self.queue)) if one]
        return url_for("jobs_pages.index", q=" ".join(terms))

    def of_task(self, task: str, counted: Counted) -> str | None:
        """Return the address of the list of a task's failures in the whole window; nothing where there are none."""
        return self.jobs("failed", self.window.since, self.window.until, task) if counted.failed else None

    @property
    def choices(self) -> list[tuple[str, str, bool, bool]]:
        """The ways to other windows: label, address on the present page, whether it is shown, whether zones matter."""
        kept: dict[str, Any] = {name: values for name, values in flask.request.args.lists() if name not in OWN}
        kept |= flask.request.view_args or {}
        here = str(flask.request.endpoint)
        return [
            (label, url_for(here, **kept, range=range.value), range is self.window.range, range is Range.NIGHT)
            for range, label in LABELS.items()
        ]

    @property
    def others(self) -> list[tuple[str, str]]:
        """What the form of the bar must hand on of the page's query."""
        return [(name, value) for name, value in flask.request.args.items(multi=True) if name not in OWN]

    def typed(self, moment: datetime) -> str:
        """Write a moment as a field for dates and times takes it, in the window's zone."""
        return f"{moment.astimezone(ZoneInfo(self.window.zone)):%Y-%m-%dT%H:%M}"


def of_axis(seconds: float) -> str:
    """Write a power of ten of a second: 10 ms, 1,000 s."""
    return f"{amount(seconds)} s" if seconds >= 1 else f"{seconds * 1000:g} ms"


def live_range(written: str) -> Range:
    """Read the key of a time bar that moves. Raises ValueError; a night is another one in each zone."""
    found = Range(written)
    if found not in windows.BACK:
        raise ValueError
    return found


@topic("timeline", key=live_range, access=Access.VIEWER, every=10, may=lambda *_: True)
def live(range: Range) -> Fragments:
    """Show the time bar of all jobs again."""
    return {"timeline": render_template("timeline/_plots.html", timeline=read(windows.named(range, zone="UTC")))}


def quoted(name: str) -> str:
    """Return a name as the query of the list of jobs has it."""
    return name if name.replace("_", "").replace(".", "").replace("-", "").isalnum() else f'"{name}"'


def of_page(*, task: str | None = None, queue: str | None = None) -> Bar:
    """Return the time bar of the present page: the window is what its query says."""
    window, faults = windows.asked()
    return read(window, task=task, queue=queue, faults=faults)


def read(window: Window, *, task: str | None = None, queue: str | None = None, faults: Sequence[Fault] = ()) -> Bar:
    """Read the time bar of a window. The database may take 2 s for each part."""
    without = () if task else known_tasks().quiet
    wanted = Wanted(window.step, window.since, window.until, task, queue, without)
    with transaction() as db:
        db.execute(text("SET LOCAL statement_timeout = '2s'"))
        found = counts.by_bar(db, wanted, window.width, times=window.times)
        tasks, how_far = counts.by_task(db, wanted, times=window.times), counts.progress(db)
        marks = deploys(db, window.since, window.until), outages(db, window.since, window.until)
    since, until = (how_far.since, how_far.counted_until) if how_far else (None, None)
    return Bar(window, task, queue, in_order(wanted, window, found), tasks, since, until, *marks, faults)


def in_order(wanted: Wanted, window: Window, found: Mapping[datetime, Counted]) -> list[Moment]:
    """Return all bars of a window, also those that have nothing."""
    return [Moment(at, at + window.width, found.get(at, Counted())) for at in moments(wanted, window.width)]
