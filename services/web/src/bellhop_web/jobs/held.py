"""Held: why a job that is blocked waits."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from bellhop_ledger.ledger import holds
from bellhop_web.jobs.views import JobView, paused

V = TypeVar("V", bound=JobView)


def with_reasons(db: Session, shown: Sequence[V]) -> list[V]:
    """Return these jobs, each blocked one with the reason for which what it needs is paused, and until when."""
    if not any(one.blocked_by for one in shown):
        return list(shown)
    known = holds.reasons(db)
    return [one.model_copy(update={"notice": why(one.blocked_by, known)}) if one.blocked_by else one for one in shown]


def why(target: str, known: dict[str, tuple[str, datetime | None]]) -> str:
    """Return the reason in one line; what was resumed a moment ago has none."""
    if target not in known:
        return paused(target)
    reason, until = known[target]
    ends = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
    return f"{paused(target)}{ends}: {reason}"
