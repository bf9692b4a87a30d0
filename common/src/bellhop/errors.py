"""What can go wrong, by whose fault: the caller's, nobody's (try again), or a bug."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

MOST_FAULTS = 50
"""Faults that an answer names."""


class BellhopError(Exception):
    """Something is wrong."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with what the caller sent."""

    field: str
    message: str


class Refused(BellhopError):
    """What the caller asked for cannot be done."""

    status = 400
    retry_after: int | None = None
    """Seconds after which it may be asked for again."""

    def __init__(self, detail: str | None = None, faults: Sequence[Fault] = (), **facts: Any):
        super().__init__(detail or type(self).__doc__)
        self.faults = tuple(faults)
        self.facts = facts


class Invalid(Refused):
    """The request is understood, but a field of it is wrong."""

    status = 422


@contextmanager
def gathering(faults: list[Fault]) -> Iterator[None]:
    """Note what is wrong in this part, so that the parts after it are looked at as well."""
    try:
        yield
    except Invalid as error:
        faults += error.faults


def few_unknown(known: Collection[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an object without the unknown ones beyond those that an answer names."""
    unknown = islice((name for name in given if name not in known), MOST_FAULTS + 1)
    return {name: given[name] for name in (*(name for name in known if name in given), *unknown)}


class NotFound(Refused):
    """There is no such thing."""

    status = 404


class Conflict(Refused):
    """The present state does not allow this."""

    status = 409


class Later(BellhopError):
    """Raised by a task body: try again, but not before so many seconds have passed."""

    def __init__(self, message: str, seconds: float):
        super().__init__(message)
        self.seconds = seconds


class Permanent(BellhopError):
    """Raised by a task body: trying again would not help, so the job fails at once."""
