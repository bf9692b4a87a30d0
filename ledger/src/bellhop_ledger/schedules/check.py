"""Checks: what must hold of a schedule before it is stored, and whether a stored one still fits its task."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bellhop.errors import Conflict, Fault, Invalid, Refused
from bellhop_ledger.platform.zones import NotAZone, find_zone, moment_of
from bellhop_ledger.schedules.recurrence import Crontab, NotACrontab
from bellhop_ledger.schedules.recurrence.plain import EPOCH
from bellhop_ledger.schedules.tables import Schedule
from bellhop_ledger.tasks.known import known_tasks

RULES = ("crontab", "interval_seconds", "once_at")
"""The three ways of saying when; a schedule has one of them."""
DATES = ("anchor", "once_at", "starts_at", "ends_at")


class NoRunLeft(Invalid):
    """There is no run to come."""

    def __init__(self, values: dict[str, Any]):
        field = next(name for name in RULES if values[name] is not None)
        super().__init__(faults=[Fault(field, "has no run to come, with its start and its end")])


class Unfit(Conflict):
    """The schedule does not fit its task."""


def complete(values: dict[str, Any]) -> dict[str, Any]:
    """Check what the fields of a schedule say together and return them with what follows from them.

    A date without an offset is one of the clock in its time zone. Raises Invalid, which names every wrong field.
    """
    faults = list(_faults_of_rule(values))
    try:
        zone = find_zone(values["time_zone"])
    except NotAZone as error:
        raise Invalid(faults=[*faults, Fault("time_zone", str(error))]) from None
    values = values | _dated(values, zone, faults)
    if values["interval_seconds"] is not None and values["anchor"] is None:
        values["anchor"] = values["starts_at"] or EPOCH
    if values["starts_at"] and values["ends_at"] and values["starts_at"] > values["ends_at"]:
        faults.append(Fault("ends_at", "must not lie before starts_at"))
    if faults:
        raise Invalid(faults=faults)
    return values


def _faults_of_rule(values: dict[str, Any]) -> Iterator[Fault]:
    given = [name for name in RULES if values[name] is not None]
    if len(given) != 1:
        yield from (Fault(name, "give one of crontab, interval_seconds and once_at") for name in given or RULES)
    elif values["interval_seconds"] is None and values["anchor"] is not None:
        yield Fault("anchor", "belongs to interval_seconds")
    if values["crontab"] is not None:
        try:
            Crontab.parse(values["crontab"])
        except NotACrontab as error:
            yield from error.faults


def _dated(values: dict[str, Any], zone: ZoneInfo, faults: list[Fault]) -> dict[str, datetime | None]:
    """Return the dates as moments; what the zone's clock does not show becomes a fault, and no date."""
    dates: dict[str, datetime | None] = {name: values[name] for name in DATES}
    for name, date in dates.items():
        if date is not None and date.tzinfo is None:
            try:
                dates[name] = moment_of(date, zone)
            except Invalid as error:
                dates[name] = None
                faults.append(Fault(name, str(error)))
    return dates


def under(error: Refused, *place: str) -> Invalid:
    """Return an error with its fields further down in the body."""
    faults = error.faults or (Fault("", str(error)),)
    return Invalid(faults=[Fault(".".join(filter(None, [*place, one.field])), one.message) for one in faults])


def fingerprint(task: str) -> str:
    """Return what changes when a task's arguments do, or `unknown`."""
    known = known_tasks().get(task)
    return known.fingerprint if known else "unknown"


def why_unfit(task: str, args: dict[str, Any]) -> str | None:
    """Return why a schedule cannot run with the tasks that are known; None when it can."""
    known = known_tasks().get(task)
    if known is None:
        return f"There is no task {task} any more"
    unfit = known.why_unfit(args)
    return f"The arguments no longer fit the task: {unfit}" if unfit else None


def why_unfit_now(task: str, args: dict[str, Any]) -> str | None:
    """Return why a schedule cannot run with the tasks that are published at this moment; None when it can."""
    reason = why_unfit(task, args)
    return why_unfit(task, args) if reason and known_tasks().look_again() else reason


def refuse_unfit(schedule: Schedule) -> None:
    """Raise Unfit for a schedule that cannot run with the tasks that are published."""
    if reason := why_unfit_now(schedule.task, schedule.args):
        raise Unfit(reason)
