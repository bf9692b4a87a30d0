"""What a request says of a pause."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from bellhop.errors import Conflict, Fault, Invalid
from bellhop.limit_key import host_name
from bellhop.text import ONE_LINE, Shape
from bellhop.urls import GAP
from bellhop_ledger.ledger.holds import Kind
from bellhop_ledger.platform import clock
from bellhop_web.http.fields import Moment, Name
from bellhop_web.http.problems import faults_of
from bellhop_web.http.request import Closed, Parameters


def _as_compared(text: str) -> str:
    found = host_name(text)
    if found is None:
        raise ValueError("must be the name or address of a host")
    return found


Reason = Annotated[str, Field(min_length=1, max_length=500), ONE_LINE]


HostName = Annotated[
    str,
    Field(max_length=253),
    Shape(rf"[^{GAP}/?#@]+", "the name or address of a host, without a port"),
    AfterValidator(_as_compared),
]
NAMES: dict[Kind, TypeAdapter[str]] = {
    Kind.QUEUE: TypeAdapter(Name),
    Kind.TASK: TypeAdapter(Name),
    Kind.HOST: TypeAdapter(HostName),
}


class NamePath(Parameters):
    """Which queue or task."""

    name: Name = Field(description="Its name")


class HostPath(Parameters):
    """Which host."""

    name: HostName = Field(description="Its name or address, as the URLs have it", examples=["api.example.org"])


def checked_name(kind: Kind, name: str) -> str:
    """Return a name as holds have it. Raises Invalid for one that nothing of this kind can have."""
    try:
        return NAMES[kind].validate_python(name)
    except ValidationError as error:
        raise Invalid(faults=[Fault("name", faults_of(error)[0].message)]) from None


class OverAlready(Conflict):
    """A pause ends at a date to come."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("until", "must be a date to come")])


class PauseRequest(Closed):
    """Why something is paused, and for how long."""

    reason: Reason = Field(description="Why: people read it beside each job that waits", examples=["The printer burns"])
    until: Moment | None = Field(
        default=None,
        description="When it is resumed by itself: ISO 8601 (UTC when it has no offset) or seconds since 1970; null: "
        "when somebody resumes it",
        examples=["2030-01-31T09:30:00Z"],
    )

    def end(self) -> datetime | None:
        """Return when it is resumed by itself. Raises OverAlready."""
        if self.until is not None and self.until <= clock.now():
            raise OverAlready
        return self.until


HOUR = 3_600
LENGTHS = [
    ("", "until it is resumed"), (HOUR // 4, "for 15 minutes"), (HOUR, "for an hour"), (4 * HOUR, "for 4 hours"),
    (24 * HOUR, "for a day"), (7 * 24 * HOUR, "for a week"),
]  # fmt: skip


class PauseForm(Closed):
    """Why something is paused, and for how long from now on, as a form on a page has it."""

    reason: Reason
    seconds: Annotated[int, Field(ge=1, le=7 * 24 * HOUR)] | None = None

    @property
    def until(self) -> datetime | None:
        """When it is resumed by itself."""
        return clock.now() + timedelta(seconds=self.seconds) if self.seconds else None
