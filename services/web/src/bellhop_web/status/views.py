"""Views: how the status reads from outside."""

from pydantic import BaseModel, Field

from bellhop_web.http.times import Utc
from bellhop_web.site.format import fill
from bellhop_web.status.parts import Part, Severity, Status, Subject


class PartView(BaseModel):
    """One part of the status."""

    kind: Subject = Field(description="What it is about")
    severity: Severity = Field(description="`bad`: work is not done. `warning`: look at it soon. `good`: all is well")
    words: str = Field(
        description="A sentence. Times in it are UTC", examples=["Nothing runs: no worker for 24 s. 79 wait"]
    )
    since: Utc | None = Field(description="When it began, where that is known")
    count: int | None = Field(description="How many jobs, runs or things it is about")
    link: str = Field(description="The path of the page where it can be seen or mended")


class StatusView(BaseModel):
    """What is wrong now, the worst first. Where nothing is, one part says that all is well."""

    severity: Severity = Field(description="That of the worst part")
    parts: list[PartView]
    at: Utc = Field(description="When it was read, at most some seconds ago")


def status_view(status: Status) -> StatusView:
    """Show the status."""
    return StatusView(severity=status.severity, parts=[_part(part) for part in status.parts], at=status.at)


def _part(part: Part) -> PartView:
    facts = {name: getattr(part, name) for name in ("kind", "severity", "since", "count", "link")}
    return PartView(words=fill(part.words, into="UTC"), **facts)
