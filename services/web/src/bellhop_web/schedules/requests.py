"""What a request says of a schedule, checked and completed."""

from itertools import combinations
from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from bellhop.errors import Fault, Invalid, gathering
from bellhop.overrides import RunOverrides, overrides_of
from bellhop.policy import DEFAULT_CEILING
from bellhop.priority import DEFAULT_PRIORITY, HIGHEST_PRIORITY, LOWEST_PRIORITY
from bellhop.text import ONE_LINE
from bellhop_ledger.platform.secrets import restored
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.schedules import CatchUp, Overlap, Schedule
from bellhop_ledger.schedules.check import RULES, complete
from bellhop_ledger.schedules.recurrence.pattern import LONGEST_TEXT
from bellhop_ledger.schedules.tables import LONGEST_JITTER, MOST_RUNS
from bellhop_ledger.tasks.task import Task
from bellhop_web.http.fields import NULL, Date, both
from bellhop_web.http.request import Closed
from bellhop_web.jobs.requests import check_overrides, checked_arguments

LONGEST_INTERVAL = 2**31 - 1
"""Seconds, about 68 years: what a column of integers holds."""
DATE = "ISO 8601 (read in `time_zone` when it has no offset) or seconds since 1970"

ScheduleName = Annotated[str, Field(min_length=1, max_length=200), ONE_LINE]
CrontabText = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Seconds = Annotated[int, Field(ge=1, le=LONGEST_INTERVAL)]
Zone = Annotated[str, Field(min_length=1, max_length=64)]
Jitter = Annotated[int, Field(ge=0, le=LONGEST_JITTER)]
Grace = Annotated[int, Field(ge=0, le=LONGEST_INTERVAL)]
Ceiling = Annotated[int, Field(ge=1, le=MOST_RUNS)]
Priority = Annotated[int, Field(ge=LOWEST_PRIORITY, le=HIGHEST_PRIORITY)]
Note = Annotated[str, Field(max_length=10_000)]
CatchUpWord = Annotated[CatchUp, Field(strict=False)]
OverlapWord = Annotated[Overlap, Field(strict=False)]


NO_RULE: JsonDict = {"properties": dict.fromkeys(RULES, NULL)}
TWO_RULES: list[JsonDict] = [
    *(both(one, other) for one, other in combinations(RULES, 2)),
    *(both(rule, "anchor") for rule in RULES if rule != "interval_seconds"),
]
ONE_RULE: JsonDict = {"not": {"anyOf": [NO_RULE, *TWO_RULES]}}
NO_TWO_RULES: JsonDict = {"not": {"anyOf": [*TWO_RULES]}}
"""These say in JSON Schema what `bellhop_ledger.schedules.check` checks."""


class When(Closed):
    """When something runs: one of `crontab`, `interval_seconds` and `once_at`."""

    model_config = ConfigDict(json_schema_extra=ONE_RULE)

    crontab: CrontabText | None = Field(
        default=None,
        description="Five fields (minute, hour, day of month, month, day of week) or one of `@hourly`, `@daily`, "
        "`@weekly`, `@monthly`, `@yearly`, read in `time_zone`",
        examples=["0 2 * * mon-fri"],
    )
    interval_seconds: Seconds | None = Field(default=None, description="Equal steps, counted from `anchor`")
    anchor: Date | None = Field(
        default=None,
        description=f"Where the steps are counted from: {DATE}; `starts_at` when not given, and 1970 without that",
    )
    once_at: Date | None = Field(
        default=None,
        description=f"One run at a date: {DATE}. It names a moment, which stays when a zone's rules change",
    )
    time_zone: Zone | None = Field(
        default=None,
        description="IANA name of the zone; that of the deployment (`TIME_ZONE`) when not given",
        examples=["Europe/Vienna"],
    )
    starts_at: Date | None = Field(default=None, description=f"No run before it: {DATE}")
    ends_at: Date | None = Field(default=None, description=f"No run after it: {DATE}")


class NewSchedule(When):
    """A schedule that is wanted."""

    name: ScheduleName = Field(description="No other schedule has it", examples=["nightly report"])
    task: str = Field(max_length=200, description="Name of a task, see `GET /api/tasks`")
    args: dict[str, Any] = Field(default_factory=dict, description="The task's arguments by name")
    jitter_seconds: Jitter = Field(
        default=0, description="Each run is put off by 0 to so many seconds, always the same for the same run"
    )
    catch_up: CatchUpWord = Field(
        default=CatchUp.LATEST,
        description="What is done about runs that were missed while no scheduler worked: `skip` none of them, make "
        "up for the `latest`, or for `all`. A run that is at most 15 s late is not missed",
    )
    grace_seconds: Grace | None = Field(
        default=None,
        description="A run that is later than this is not made up for, nor made after a wait; null: however late it is",
    )
    ceiling: Ceiling = Field(
        default=DEFAULT_CEILING,
        description="How many runs `catch_up: all` makes up for at most (the latest ones), and how many wait at most "
        "with `overlap: queue`",
    )
    overlap: OverlapWord = Field(
        default=Overlap.ALLOW,
        description="What is done about a run that is due while an earlier one has not ended: `allow` it beside the "
        "other, `skip` it, or let it wait (`queue`)",
    )
    priority: Priority = Field(default=DEFAULT_PRIORITY, description="Of its jobs: 9 goes first and 0 last")
    overrides: RunOverrides | None = Field(
        default=None, description="What its jobs do in another way than those of their task, where that allows it"
    )
    enabled: bool = Field(default=True, description="false: it is paused")
    note: Note = Field(default="", description="For people")


class ScheduleChanges(When):
    """What is to change of a schedule; what is not named stays. To say when in another way, name that way only."""

    model_config = ConfigDict(json_schema_extra=NO_TWO_RULES)

    name: ScheduleName = Field(default_factory=str)  # a factory: what is not given has no default, it stays
    task: str = Field(default_factory=str, max_length=200)
    args: dict[str, Any] = Field(default_factory=dict, description="All arguments, not only those that change")
    jitter_seconds: Jitter = Field(default_factory=int)
    catch_up: CatchUpWord = Field(default_factory=lambda: CatchUp.LATEST)
    grace_seconds: Grace | None = None
    ceiling: Ceiling = Field(default_factory=int)
    overlap: OverlapWord = Field(default_factory=lambda: Overlap.ALLOW)
    priority: Priority = Field(default_factory=int)
    overrides: RunOverrides | None = Field(default=None, description="All of them, not only those that change")
    enabled: bool = Field(default_factory=bool)
    note: Note = Field(default_factory=str)
    version: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="The version that was looked at: if somebody has changed the schedule since, it is a conflict. "
        "When not given, the last one to write wins",
    )


COLUMNS = tuple(NewSchedule.model_fields)
"""The fields of a schedule that people may set, named as the columns of its row."""


def wanted(body: NewSchedule, stored_args: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the columns of a schedule; a secret given as *** is the stored one.

    Raises Invalid, which names every wrong field.
    """
    values = {name: getattr(body, name) for name in COLUMNS} | {"overrides": _as_stored(body.overrides)}
    faults: list[Fault] = []
    with gathering(faults):
        task, values["args"] = checked_arguments(body.task, restored(body.args, stored_args))
        _check_overrides(values, task)
    with gathering(faults):
        values = when(values)
    if faults:
        raise Invalid(faults=faults)
    return values


def _as_stored(overrides: RunOverrides | None) -> dict[str, Any] | None:
    return (overrides.model_dump(exclude_none=True) or None) if overrides else None


def _check_overrides(values: dict[str, Any], task: Task) -> None:
    if overrides := overrides_of(values["overrides"]):
        check_overrides(overrides, task, values["args"], "overrides")


def when(values: dict[str, Any]) -> dict[str, Any]:
    """Complete what says when. Raises Invalid, which names the field."""
    return complete(values | {"time_zone": values["time_zone"] or Settings.load().time_zone})


def merge(schedule: Schedule, body: ScheduleChanges) -> dict[str, Any]:
    """Return the columns of a schedule with the changes. Raises Invalid, which names every wrong field."""
    faults: list[Fault] = []
    given = {name: getattr(body, name) for name in body.model_fields_set - {"version"}}
    if "overrides" in given:
        given["overrides"] = _as_stored(body.overrides)
    values = {name: getattr(schedule, name) for name in COLUMNS} | _no_other_rule(given) | given
    if {"task", "args", "overrides"} & given.keys():
        with gathering(faults):
            task, values["args"] = checked_arguments(values["task"], restored(values["args"], schedule.args))
            _check_overrides(values, task)
    with gathering(faults):
        values = when(values)
    if faults:
        raise Invalid(faults=faults)
    return values


def _no_other_rule(given: dict[str, Any]) -> dict[str, None]:
    """Who says when in one way drops the others."""
    named = [rule for rule in RULES if given.get(rule) is not None]
    if not named:
        return {}
    kept = {*named, "anchor"} if "interval_seconds" in named else set(named)
    return dict.fromkeys({*RULES, "anchor"} - kept)
