"""Requests: which counts somebody asks for."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from bellhop.errors import Fault, Invalid
from bellhop_ledger.ledger.counts import KEPT, Step, Wanted
from bellhop_ledger.platform import clock
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.http.fields import Name, QueryMoment, switch
from bellhop_web.http.request import Query

MOST_POINTS = 1_500
"""A day in minutes, two months in hours, four years in days."""
DEFAULT = timedelta(hours=1)
DATE = "ISO 8601 (UTC when it has no offset) or seconds since 1970"


class CountsQuery(Query):
    """Which counts."""

    since: QueryMoment | None = Field(
        default=None, description=f"The first moment, an hour before `until` by default: {DATE}"
    )
    until: QueryMoment | None = Field(default=None, description=f"The moment after the last, now by default: {DATE}")
    step: Annotated[Step, Field(strict=False)] = Field(
        default=Step.MINUTE,
        description="How much time each point is about; `since` and `until` are widened to whole ones",
    )
    task: Name | None = Field(default=None, description="Only jobs of this task", examples=["http.request"])
    queue: Name | None = Field(default=None, description="Only jobs of this queue", examples=["default"])
    quiet: Annotated[bool, BeforeValidator(switch)] = Field(
        default=False, description="Whether quiet tasks are counted, too (`true`); one that `task` names always is"
    )

    @property
    def wanted(self) -> Wanted:
        """What is to be read; nothing is counted ahead, so a later `until` is now. Raises Invalid."""
        now = clock.now()
        until = ceiled(min(self.until or now, now), self.step)
        if until < now - KEPT[self.step]:
            raise Invalid(faults=[Fault("until", not_kept(self.step))])
        since = floored(self.since or until - DEFAULT, self.step)
        require_points(since, until, self.step)
        without = () if self.quiet or self.task else known_tasks().quiet
        return Wanted(self.step, since, until, self.task, self.queue, without)


def require_points(since: datetime, until: datetime, step: Step) -> None:
    """Raise Invalid where there is no such time, where its counts are deleted, or where they are too many."""
    if until <= since:
        raise Invalid(faults=[Fault("since", "must be before `until` and not in the future")])
    if since < clock.now() - KEPT[step] - step.length:
        raise Invalid(faults=[Fault("since", not_kept(step))])
    if (until - since) / step.length > MOST_POINTS:
        longer = "" if step is Step.DAY else ", or choose a longer `step`"
        raise Invalid(faults=[Fault("since", f"is too early: an answer has at most {MOST_POINTS:,} {step}s{longer}")])


def not_kept(step: Step) -> str:
    """Return that counts of this step are not there any more."""
    return f"is too early: counts per {step} are kept for {KEPT[step].days:,} days"


def floored(moment: datetime, step: Step) -> datetime:
    """Return the beginning of the minute, hour or day (UTC) in which a moment lies."""
    units = {"second": 0, "microsecond": 0}
    if step is not Step.MINUTE:
        units["minute"] = 0
    if step is Step.DAY:
        units["hour"] = 0
    return moment.replace(**units)  # type: ignore[arg-type]


def ceiled(moment: datetime, step: Step) -> datetime:
    """Return the end of the minute, hour or day in which a moment lies; one that begins then is not in it."""
    below = floored(moment, step)
    return below if below == moment else below + step.length
