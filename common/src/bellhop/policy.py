"""What a schedule does with runs that were missed or that meet their predecessor, and how the code declares one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

DEFAULT_CEILING = 100


class CatchUp(StrEnum):
    """What is done about runs that were missed while no scheduler worked."""

    SKIP = "skip"
    """Nothing: only a run that is a few seconds late is made."""
    LATEST = "latest"
    """The last of them is made."""
    ALL = "all"
    """Each of them is made, up to the ceiling."""


class Overlap(StrEnum):
    """What is done about a run that is due while an earlier one has not ended."""

    ALLOW = "allow"
    SKIP = "skip"
    QUEUE = "queue"
    """It waits until the earlier ones have ended."""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a schedule that is declared in code may say besides when it runs; the fields mean what a row's mean."""

    catch_up: CatchUp = CatchUp.LATEST
    grace_seconds: int | None = None
    ceiling: int = DEFAULT_CEILING
    overlap: Overlap = Overlap.ALLOW
    jitter_seconds: int = 0
    args: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """The task's arguments."""

    def as_json(self) -> dict[str, Any]:
        """Return it as a manifest carries it."""
        return {name: str(value) if isinstance(value, StrEnum) else value for name, value in vars(self).items()}


@dataclass(frozen=True)
class Every(Declared):
    """Runs in equal steps, anchored at the Unix epoch so that it never drifts."""

    seconds: int

    def __post_init__(self) -> None:
        if self.seconds < 1:
            raise ValueError("seconds must be at least 1")


@dataclass(frozen=True)
class Cron(Declared):
    """Runs by a crontab, in a zone or, without one, in that of the deployment (TIME_ZONE).

    The crontab is parsed where it becomes a row of `schedules`.
    """

    crontab: str
    zone: str | None = None
