"""The log of a job, as it reads from outside."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.job_logs import read_log
from bellhop_ledger.ledger.tables import Job, State
from bellhop_web.http.fields import number
from bellhop_web.http.request import Query
from bellhop_web.http.times import Utc

MOST_LINES = 2**63 - 1


class LogQuery(Query):
    """Which lines of the log."""

    after: Annotated[int, BeforeValidator(number)] = Field(
        default=0,
        ge=0,
        le=MOST_LINES,
        description="Only lines with a higher number: the `last` of the answer before, to get what is new",
        examples=[42],
    )


class LogEntryView(BaseModel):
    """A line of a job's log."""

    number: int = Field(description="1 for the first line that the job ever logged, and so on")
    at: Utc
    level: str = Field(description="`debug`, `info`, `warning`, `error` or `critical`, or a level of the task's own")
    logger: str = Field(description="The name of the logger; `stdout` or `stderr` for what was printed")
    attempt: int = Field(description="The attempt that logged it; after a retry by hand they count from 1 again")
    message: str
    traceback: str | None = Field(description="That of an error which was logged; members do not see it")


class JobLogView(BaseModel):
    """The newest lines that a job has logged, 64 KiB of them, the oldest first."""

    entries: list[LogEntryView]
    truncated: int = Field(description="How many of the oldest lines are no longer kept")
    last: int = Field(description="The number of the last line. Give it as `after` to get what is new")
    state: State = Field(description="That of the job; when it has ended, no more lines will come")
    withheld: bool = Field(description="Whether you may not see them: that needs the right to see payloads")


def log_of(db: Session, job: Job, *, after: int = 0, with_tracebacks: bool) -> JobLogView:
    """Show what a job has logged. If it had ended when it was found, that is all of it."""
    lines = read_log(db, job.id, after=after)
    entries = [_entry(lines.first + place, entry, with_tracebacks) for place, entry in enumerate(lines.entries)]
    return JobLogView(entries=entries, truncated=lines.truncated, last=lines.last, state=job.state, withheld=False)


def withheld_log(job: Job) -> JobLogView:
    """Show that there is a log, and nothing of it."""
    return JobLogView(entries=[], truncated=0, last=0, state=job.state, withheld=True)


def _entry(number: int, stored: dict[str, Any], with_traceback: bool) -> LogEntryView:
    traceback = stored.get("traceback") if with_traceback else None
    return LogEntryView.model_validate({**stored, "number": number, "traceback": traceback})
