"""Windows: which stretch of time a time bar shows, and how wide its bars are."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, field_validator, model_validator

from bellhop.errors import Fault
from bellhop_ledger.ledger.counting.counts import KEPT, Step
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.zones import NotAZone, find_zone
from bellhop_web.http.fields import Date
from bellhop_web.site.forms import valid_query
from bellhop_web.site.zones import zone as zone_of_page

MOST_BARS = 96
MINUTES, HOURS, DAYS = (1, 2, 5, 10, 15, 30), (1, 2, 3, 6, 12), (1, 7, 28)
WIDTHS = [
    *(timedelta(minutes=number) for number in MINUTES),
    *(timedelta(hours=number) for number in HOURS),
    *(timedelta(days=number) for number in DAYS),
]
EPOCH = datetime(2000, 1, 3, tzinfo=UTC)
"""A Monday: bars of whole weeks begin on one."""
LONGEST_BY = {Step.MINUTE: timedelta(hours=3), Step.HOUR: timedelta(days=8), Step.DAY: timedelta(days=250)}
EVENING, MORNING = time(18), time(8)


class Range(StrEnum):
    """The stretches of time that have a name."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"
    NIGHT = "night"


BACK = {Range.HOUR: timedelta(hours=1), Range.DAY: timedelta(days=1), Range.WEEK: timedelta(days=7)}


class WindowQuery(BaseModel):
    """What a page's query says of its time bar: a name, or two moments in a zone; the rest of the query is others'."""

    range: Range | None = None
    since: Date | None = None
    until: Date | None = None
    zone: str | None = None

    @field_validator("zone")
    @classmethod
    def _is_known(cls, written: str) -> str:
        try:
            find_zone(written)
        except NotAZone as error:
            raise ValueError(str(error)) from None
        return written

    @model_validator(mode="before")
    @classmethod
    def _both_or_none(cls, given: Any) -> Any:
        both = given.get("since") and given.get("until")
        return given if both else {name: one for name, one in given.items() if name not in {"since", "until"}}


OWN = frozenset(WindowQuery.model_fields)
"""The names in a page's query that are the bar's."""


@dataclass(frozen=True)
class Window:
    """A stretch of time, cut into bars of one width."""

    since: datetime
    until: datetime
    width: timedelta
    range: Range | None
    zone: str

    @property
    def step(self) -> Step:
        """The longest step of which the width is a multiple."""
        return next(step for step in reversed(Step) if self.width >= step.length)

    @property
    def times(self) -> Step | None:
        """The step by which waits and run times are read: of all hours in years they would be read for too long."""
        fitting = (step for step, longest in LONGEST_BY.items() if self.until - self.since <= longest)
        found = next(fitting, None)
        return found and max(found, self.step, key=lambda step: step.length)

    @property
    def is_live(self) -> bool:
        """Whether it is the same for everybody and moves with time."""
        return self.range in BACK


def asked() -> tuple[Window, list[Fault]]:
    """Return the window of the present page, the last hour by default, and what cannot be read of its query."""
    query, faults = valid_query(WindowQuery)
    zone = query.zone or zone_of_page()
    now = clock.now()
    if query.since and query.until:
        since, until = (_in_zone(moment, zone) for moment in (query.since, query.until))
        if since < until and since < now and until > now - KEPT[Step.DAY]:
            return cut(since, min(until, now), now, zone=zone), faults
        faults = [*faults, Fault("since", "must be before the end, in the past and not older than what is kept")]
    return named(query.range or Range.HOUR, zone=zone), faults


def named(range: Range, *, zone: str) -> Window:
    """Return the window of this name, as it is now."""
    now = clock.now()
    if range is Range.NIGHT:
        return cut(*night_before(now, find_zone(zone)), now, zone=zone, range=range)
    return cut(now - BACK[range], now, now, zone=zone, range=range)


def night_before(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the beginning and the end of the last night: 18:00 of yesterday to 08:00 of today, by the clock there.

    It has an hour less or more where the clock is changed in it. Before 08:00 it is the present night.
    """
    today = now.astimezone(zone).date()
    evening = datetime.combine(today - timedelta(days=1), EVENING, zone)
    return evening.astimezone(UTC), datetime.combine(today, MORNING, zone).astimezone(UTC)


def cut(since: datetime, until: datetime, now: datetime, *, zone: str, range: Range | None = None) -> Window:
    """Return the window that holds this stretch of time, in bars of the least width that is still counted and fits."""
    length = until - since
    least = (
        Step.MINUTE if since >= now - KEPT[Step.MINUTE] else Step.HOUR if since >= now - KEPT[Step.HOUR] else Step.DAY
    )
    width = next(one for one in WIDTHS if one >= least.length and (length <= one * MOST_BARS or one == WIDTHS[-1]))
    end = until + (EPOCH - until) % width
    begin = end - length if range in BACK and not length % width else since - (since - EPOCH) % width
    return Window(begin, end, width, range, zone)


def _in_zone(moment: datetime, zone: str) -> datetime:
    there = moment if moment.tzinfo else moment.replace(tzinfo=find_zone(zone))
    return there.astimezone(UTC)
