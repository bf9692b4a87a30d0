"""Requests: which counts somebody asks for."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from bellhop.errors import Fault, Invalid
from bellhop_ledger.ledger.counting.counts import KEPT, Step, Wanted, floored
from bellhop_ledger.platform import clock
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.http.fields import Name, QueryMoment, switch
from bellhop_web.http.request import Query

MOST_POINTS, MOST_OF_ALL = 1_500, 300
"""Of one task or queue, and of all: an answer is read from a row for each point and each task."""
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
        require_points(since, until, self.step, MOST_POINTS if self.task or self.queue else MOST_OF_ALL)
        without = () if self.quiet or self.task else known_tasks().quiet
        return Wanted(self.step, since, until, self.task, self.queue, without)


def require_points(since: datetime, until: datetime, step: Step, most: int) -> None:
    """Raise Invalid where there is no such time, where its counts are deleted, or where they are too many."""
    if until <= since:
        raise Invalid(faults=[Fault("since", "must be before `until` and not in the future")])
    if since < clock.now() - KEPT[step] - step.length:
        raise Invalid(faults=[Fault("since", not_kept(step))])
    if (until - since) / step.length > most:
        fewer = f"an answer has at most {most:,} {step}s, and {MOST_POINTS:,} of one `task` or `queue`"
        raise Invalid(faults=[Fault("since", f"is too early: {fewer}")])


def not_kept(step: Step) -> str:
    """Return that counts of this step are not there any more."""
    return f"is too early: counts per {step} are kept for {KEPT[step].days:,} days"


def ceiled(moment: datetime, step: Step) -> datetime:
    """Return the end of the minute, hour or day in which a moment lies; one that begins then is not in it."""
    below = floored(moment, step)
    return below if below == moment else below + step.length
