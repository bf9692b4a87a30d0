"""Findings: what one check has seen, whether it is as it should be, and what to do where it is not."""

from enum import StrEnum

from pydantic import BaseModel, Field

from bellhop_web.http.times import Utc


class Condition(StrEnum):
    """How something is. A warning is for a quiet hour; what is wrong loses time, or will."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    UNKNOWN = "unknown"


class FindingView(BaseModel):
    """What one check has seen."""

    check: str = Field(description="The name of the check")
    state: Condition = Field(description="`ok`, `warning`, `wrong`, or `unknown` where it cannot be found out")
    message: str = Field(description="What is so")
    advice: str | None = Field(description="What to do about it; null where nothing is to be done")


class DiagnosisView(BaseModel):
    """What was found, all checks in the same order."""

    at: Utc = Field(description="The time by the clock of the web process that answers")
    findings: list[FindingView]


def ok(check: str, message: str) -> FindingView:
    """Return that something is as it should be."""
    return FindingView(check=check, state=Condition.OK, message=message, advice=None)


def warning(check: str, message: str, advice: str) -> FindingView:
    """Return that something should be looked at in a quiet hour."""
    return FindingView(check=check, state=Condition.WARNING, message=message, advice=advice)


def wrong(check: str, message: str, advice: str) -> FindingView:
    """Return that something is wrong now."""
    return FindingView(check=check, state=Condition.WRONG, message=message, advice=advice)


def unknown(check: str, message: str) -> FindingView:
    """Return that something cannot be found out."""
    return FindingView(check=check, state=Condition.UNKNOWN, message=message, advice=None)
