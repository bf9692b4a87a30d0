"""Titles: what jobs of one task are told apart by, in lists and in the tabs of a browser."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.platform.secrets import masked
from bellhop_ledger.schedules import Schedule
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth.names import names_of
from bellhop_web.jobs.views import ListedJobView
from bellhop_web.site.format import shortened

MOST, LONGEST = 3, 60
"""Arguments that are shown, and characters of each."""


def summary(args: Mapping[str, Any]) -> str:
    """Write the first arguments that say something in one line, each cut to 60 characters; secrets stay masked."""
    said = [f"{name}={_written(masked(value))}" for name, value in args.items() if value is not None]
    return ", ".join([*said[:MOST], "…"] if len(said) > MOST else said)


def _written(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shortened(" ".join(text.split()), LONGEST)


def title_of(job: Job) -> str:
    """Return what the page of a job is called: its label, or its task with its first arguments in 60 characters."""
    return job.label or f"{job.task} {shortened(summary(known_tasks().in_order(job.task, job.args)), LONGEST)}".strip()


def submitters_of(db: Session, jobs: Iterable[ListedJobView]) -> dict[str, str]:
    """Return how those are called who have submitted these jobs."""
    return names_of(db, {job.submitter for job in jobs if job.submitter})


def schedule_name(db: Session, job: Job) -> str | None:
    """Return how the schedule of a job is called; None when there is none, or it is gone."""
    return db.scalar(select(Schedule.name).where(Schedule.id == UUID(job.schedule))) if job.schedule else None
