"""Parts of the status: each is one thing that is wrong, or that all is well, with the place where it can be seen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from bellhop_ledger.platform import clock
from bellhop_web.site.format import stamp

MOST_SHOWN = 4
"""Parts in the line; the others are below it."""


class Severity(StrEnum):
    """How bad it is, from worst to best."""

    BAD = "bad"
    WARNING = "warning"
    GOOD = "good"


class Subject(StrEnum):
    """What is wrong, in the order in which the parts of one severity stand."""

    DATABASE = "database"
    WORKER = "worker"
    SCHEDULER = "scheduler"
    QUEUE = "queue"
    EXPORT = "export"
    FAILING = "failing"
    MAIL = "mail"
    SCHEDULE = "schedule"
    OVERDUE = "overdue"
    WAITING = "waiting"
    PAUSED = "paused"
    WELL = "well"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the status."""

    kind: Subject
    severity: Severity
    words: str
    """A sentence without its full stop; a moment in it stands as `stamp` writes it."""
    short: str
    """Two or three words for the title of the window."""
    link: str
    """The page on which it can be seen or mended."""
    since: datetime | None = None
    count: int | None = None
    """How many jobs, runs or things it is about."""

    @property
    def order(self) -> tuple[int, int]:
        """Where it stands: the worst first."""
        return list(Severity).index(self.severity), list(Subject).index(self.kind)


@dataclass(frozen=True)
class Status:
    """What is wrong, the worst first; where nothing is, one part says that all is well."""

    parts: tuple[Part, ...]
    at: datetime

    @classmethod
    def of(cls, parts: Iterable[Part]) -> "Status":
        """Put parts in their order."""
        return cls(tuple(sorted(parts, key=lambda part: part.order)), clock.now())

    @property
    def severity(self) -> Severity:
        """That of the worst part."""
        return self.parts[0].severity

    @property
    def short(self) -> str:
        """What the title of the window says; nothing where all is well."""
        return "" if self.severity is Severity.GOOD else self.parts[0].short

    @property
    def shown(self) -> tuple[Part, ...]:
        """The parts that stand in the line."""
        return self.parts[:MOST_SHOWN]

    @property
    def others(self) -> tuple[Part, ...]:
        """The parts for which there is no room in the line."""
        return self.parts[MOST_SHOWN:]


def moment(at: datetime) -> str:
    """Write a moment in a sentence: the time of day, and the day where that is another one than today."""
    near = abs(clock.now() - at) < timedelta(hours=20)
    return stamp(at, "minute" if near else "day-minute")


def jobs_page(**filters: str) -> str:
    """Return the path of a list of jobs."""
    return f"/jobs?{urlencode(filters)}"
