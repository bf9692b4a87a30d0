"""The form of a new job beside its arguments: when it runs, and what it does in another way than its task."""

from contextlib import suppress
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field

from bellhop.errors import Fault, Invalid
from bellhop_ledger.platform.zones import NotAZone, find_zone
from bellhop_web.http.fields import IdempotencyKey
from bellhop_web.http.fields import date as date_of

UNITS = ((1, "seconds"), (60, "minutes"), (3_600, "hours"), (86_400, "days"))


class Moment(StrEnum):
    """The ways of saying when."""

    NOW = "now"
    AT = "at"
    AFTER = "after"


MOMENTS = [(Moment.NOW, "now"), (Moment.AT, "at a date"), (Moment.AFTER, "after a delay")]


class JobForm(BaseModel):
    """What was typed. Dates are read in `zone`, which is the page's, or the browser's where it has scripts."""

    key: IdempotencyKey | None = Field(default=None)
    moment: Moment = Moment.NOW
    zone: str = "UTC"
    run_at: str | None = None
    delay: float | None = None
    delay_unit: int = 60
    """Seconds of which `delay` says how many times."""
    queue: str | None = None
    priority: int | None = None
    max_attempts: int | None = None
    timeout: float | None = None
    expires: str | None = None
    tags: str = ""
    label: str | None = None

    def body(self) -> dict[str, Any]:
        """Return what `POST /api/jobs` takes besides the task and its arguments. Raises Invalid, naming the field."""
        named = ("queue", "priority", "max_attempts", "timeout", "label")
        given = {name: getattr(self, name) for name in named} | self._when()
        given |= {"tags": self.tags.split() or None, "expires": self._in_zone(self.expires)}
        return {name: value for name, value in given.items() if value is not None}

    def _when(self) -> dict[str, Any]:
        if self.moment is Moment.NOW:
            return {}
        name, value = ("run_at", self._in_zone(self.run_at)) if self.moment is Moment.AT else ("delay", self._seconds())
        if value is None:
            raise Invalid(faults=[Fault(name, "is required")])
        return {name: value}

    def _seconds(self) -> float | None:
        return None if self.delay is None else self.delay * self.delay_unit

    def _in_zone(self, text: str | None) -> str | None:
        """Return a date with its offset; one that is none as it is, for the next check to refuse."""
        if text is None:
            return None
        with suppress(ValueError):
            read = date_of(text)
            return read.isoformat() if read.tzinfo else read.replace(tzinfo=find_zone(self.zone)).isoformat()
        return text


def zone_of(form: Any) -> str:
    """Return the zone in which the dates of a form were typed; UTC where that is none."""
    name = str(form.get("zone", "UTC"))
    try:
        find_zone(name)
    except NotAZone:
        return "UTC"
    return name
