"""The form of a schedule: what people type, turned into what the API takes."""

from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bellhop.errors import Fault, Invalid, gathering
from bellhop.overrides import RunOverrides
from bellhop.policy import DEFAULT_CEILING
from bellhop.priority import DEFAULT_PRIORITY
from bellhop_ledger.platform.secrets import MASK
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.platform.zones import find_zone
from bellhop_ledger.schedules import CatchUp, Overlap
from bellhop_web.http.problems import faults_of
from bellhop_web.jobs.requests import checked_arguments
from bellhop_web.schedules.requests import When, when
from bellhop_web.schedules.views import ScheduleView
from bellhop_web.schema_forms.form import Reading

M = TypeVar("M", bound=BaseModel)
UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))
MOMENTS = ("once_at", "starts_at", "ends_at")
OVERRIDES = tuple(RunOverrides.model_fields)
PRESETS = (
    ("Each hour", "0 * * * *"),
    ("Each day at 2:00", "0 2 * * *"),
    ("Weekdays at 9:00", "0 9 * * mon-fri"),
    ("Mondays at 8:00", "0 8 * * mon"),
    ("The first of each month at 6:00", "0 6 1 * *"),
)
"""Crontabs that people begin with."""


class Rule(StrEnum):
    """The ways of saying when."""

    CRONTAB = "crontab"
    INTERVAL = "interval"
    ONCE = "once"


class WhenForm(BaseModel):
    """The part of the form that says when; dates are read in the time zone beside them."""

    rule: Rule = Rule.CRONTAB
    crontab: str | None = None
    interval_seconds: int | None = None
    interval_unit: int = 1
    """Seconds of which `interval_seconds` says how many times."""
    once_at: str | None = None
    time_zone: str | None = None
    starts_at: str | None = None
    ends_at: str | None = None

    def when(self) -> dict[str, Any]:
        """Return what the API takes. Raises Invalid, which names the field."""
        zone = self.time_zone or Settings.load().time_zone
        given: dict[str, Any] = {name: getattr(self, name) for name in MOMENTS}
        given |= {"crontab": self.crontab, "interval_seconds": None, "time_zone": zone}
        if self.interval_seconds is not None:
            given["interval_seconds"] = self.interval_seconds * self.interval_unit
        field = {Rule.CRONTAB: "crontab", Rule.INTERVAL: "interval_seconds", Rule.ONCE: "once_at"}[self.rule]
        if given[field] is None:
            raise Invalid(faults=[Fault(field, "is required")])
        return given | dict.fromkeys({"crontab", "interval_seconds", "once_at"} - {field})


class ScheduleForm(WhenForm):
    """The form beside the arguments."""

    name: str | None = None
    task: str | None = None
    catch_up: CatchUp = CatchUp.LATEST
    overlap: Overlap = Overlap.ALLOW
    jitter_seconds: int = 0
    grace_seconds: int | None = None
    ceiling: int = DEFAULT_CEILING
    priority: int = DEFAULT_PRIORITY
    note: str = ""
    queue: str | None = None
    max_attempts: int | None = None
    timeout: float | None = None
    expires_after: float | None = None
    tags: str = ""
    label: str | None = None

    def body(self, args: Reading | None) -> dict[str, Any]:
        """Return what the API takes, with these arguments. Raises Invalid, which names every wrong field."""
        faults: list[Fault] = list(args.faults) if args else []
        other = self.model_dump(exclude={*WhenForm.model_fields, *OVERRIDES})
        named = {name: value for name, value in other.items() if value is not None or name == "grace_seconds"}
        lines = self.note.replace("\r\n", "\n")  # which a browser makes of the end of a line
        given = {**named, "note": lines, "args": args.value if args else {}, "overrides": self._overrides()}
        with gathering(faults):
            given |= self.when()
        if not faults:
            return given
        faults += self._wrong_crontab(faults)
        if self.task and args and MASK not in str(args.value):
            unread = {one.field for one in args.faults}
            with gathering(found := list[Fault]()):
                checked_arguments(self.task, args.value)
            faults += [one for one in found if one.field not in unread]
        raise Invalid(faults=faults)

    def _overrides(self) -> dict[str, Any] | None:
        named = {name: getattr(self, name) for name in OVERRIDES} | {"tags": self.tags.split() or None}
        return {name: value for name, value in named.items() if value is not None} or None

    def _wrong_crontab(self, known: list[Fault]) -> list[Fault]:
        """Return what is wrong with the crontab besides: it is read later, when all else can be."""
        found: list[Fault] = []
        with gathering(found):
            when(when_of(self).model_dump())
        return [one for one in found if one.field == "crontab" and one not in known]


def checked(model: type[M], given: dict[str, Any]) -> M:
    """Read what the API takes. Raises Invalid, which names the field."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Invalid(faults=faults_of(error)) from None


def when_of(form: WhenForm) -> When:
    """Return when something would run. Raises Invalid, which names the field."""
    return checked(When, form.when())


def typed_in(view: ScheduleView) -> dict[str, Any]:
    """Return a schedule as the form shows it."""
    shown = {name: getattr(view, name) for name in ScheduleForm.model_fields if name in ScheduleView.model_fields}
    shown |= {name: _local(getattr(view, name), view.time_zone) for name in MOMENTS}
    overrides = view.overrides or {}
    shown |= overrides | {"tags": " ".join(overrides.get("tags") or ())}
    shown["rule"] = Rule.CRONTAB if view.crontab else Rule.ONCE if view.once_at else Rule.INTERVAL
    if view.interval_seconds:
        unit = next(size for size, _ in UNITS if view.interval_seconds % size == 0)
        shown |= {"interval_seconds": view.interval_seconds // unit, "interval_unit": unit}
    return {name: "" if value is None else value for name, value in shown.items()}


def without_untouched(given: dict[str, Any], view: ScheduleView) -> dict[str, Any]:
    """Leave out the dates that stand in the form as it showed them, for it shows neither their offset nor fractions."""
    if given["time_zone"] != view.time_zone:
        return given
    untouched = {name for name in MOMENTS if _same_time(given[name], _local(getattr(view, name), view.time_zone))}
    return {name: value for name, value in given.items() if name not in untouched}


def _same_time(typed: str | None, shown: str | None) -> bool:
    """Whether two texts are the same; a browser leaves out seconds that are zero."""
    return shown in {typed, typed and f"{typed}:00"}


def _local(moment: datetime | None, zone: str) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(find_zone(zone)).replace(tzinfo=None).isoformat(timespec="seconds")
