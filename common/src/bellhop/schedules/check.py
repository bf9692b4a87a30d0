"""Checks: what must hold of a schedule before it is stored, and whether a stored one still fits its task."""

import hashlib
import json
from functools import cache
from typing import Any

from pydantic import ValidationError

from bellhop.errors import Conflict, Fault, Invalid, Refused
from bellhop.recurrence import NotAZone, find_zone
from bellhop.recurrence.plain import EPOCH
from bellhop.schedules.tables import Schedule, rule_of
from bellhop.signatures import registry
from bellhop.text import words_of

RULES = ("crontab", "interval_seconds", "once_at")
"""The three ways of saying when; a schedule has one of them."""


class NoRunLeft(Invalid):
    """There is no run to come."""

    def __init__(self, values: dict[str, Any]):
        field = next(name for name in RULES if values[name] is not None)
        super().__init__(faults=[Fault(field, "has no run to come, with its start and its end")])


class Unfit(Conflict):
    """The schedule does not fit its task."""


def complete(values: dict[str, Any]) -> dict[str, Any]:
    """Check what the fields of a schedule say together and give them with what follows from them.

    Raises Invalid, which names the field.
    """
    given = [name for name in RULES if values[name] is not None]
    if len(given) != 1:
        faults = [Fault(name, "give one of crontab, interval_seconds and once_at") for name in given or RULES]
        raise Invalid(faults=faults)
    if values["interval_seconds"] is None and values["anchor"] is not None:
        raise Invalid(faults=[Fault("anchor", "belongs to interval_seconds")])
    if values["starts_at"] and values["ends_at"] and values["starts_at"] > values["ends_at"]:
        raise Invalid(faults=[Fault("ends_at", "must not lie before starts_at")])
    if values["interval_seconds"] is not None and values["anchor"] is None:
        values = values | {"anchor": values["starts_at"] or EPOCH}
    _refuse_no_zone(values["time_zone"])
    rule_of(*(values[name] for name in ("crontab", "interval_seconds", "anchor", "once_at", "time_zone")))
    return values


def _refuse_no_zone(name: str) -> None:
    try:
        find_zone(name)
    except NotAZone as error:
        raise Invalid(faults=[Fault("time_zone", str(error))]) from None


def under(error: Refused, *place: str) -> Invalid:
    """Give an error again, with its fields further down in the body."""
    faults = error.faults or (Fault("", str(error)),)
    return Invalid(faults=[Fault(".".join(filter(None, [*place, one.field])), one.message) for one in faults])


@cache
def fingerprint(task: str) -> str:
    """Give what changes when a task's arguments do, or `unknown`."""
    if task not in registry:
        return "unknown"
    schema = json.dumps(registry[task].arguments.model_json_schema(), sort_keys=True, default=str)
    return hashlib.sha256(schema.encode()).hexdigest()[:16]


def why_unfit(task: str, args: dict[str, Any]) -> str | None:
    """Say why a schedule cannot run with the tasks of this release; nothing when it can."""
    if task not in registry:
        return f"There is no task {task} any more"
    try:
        registry[task].arguments.model_validate_json(json.dumps(args))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in ("args", *first["loc"]))
        return f"The arguments no longer fit the task: {field}: {words_of(first)}"
    return None


def refuse_unfit(schedule: Schedule) -> None:
    """Raise Unfit for a schedule that cannot run with the tasks of this release."""
    if reason := why_unfit(schedule.task, schedule.args):
        raise Unfit(reason)
