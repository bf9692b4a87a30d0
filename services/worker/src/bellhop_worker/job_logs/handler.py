"""The handler: what a body logs with `logging` or structlog becomes a line of its job's log."""

import logging
from collections.abc import Mapping
from typing import Any

import structlog
from billiard.exceptions import SoftTimeLimitExceeded

from bellhop_worker.job_logs.buffer import current

MADE = {"event", "exception", "exc_info", "level", "logger", "service", "stack_info", "timestamp"}
"""What structlog adds to a line that has a place of its own here, or none."""
UNREADABLE = "(this line cannot be shown)"


class JobLogHandler(logging.Handler):
    """Adds records to the log of the job to which the running code belongs."""

    def emit(self, record: logging.LogRecord) -> None:
        """Add a record. One that cannot be formatted says so, as a body must not fail by its log."""
        if (buffer := current.get()) is None:
            return
        try:
            message, traceback = texts_of(record)
        except (RecursionError, SoftTimeLimitExceeded):
            raise
        except Exception:  # the text is made by foreign code
            message, traceback = UNREADABLE, ""
        buffer.add(record.levelname.lower(), record.name, message, traceback)


def texts_of(record: logging.LogRecord) -> tuple[str, str]:
    """Return the message of a record and its traceback."""
    if isinstance(record.msg, dict) and hasattr(record, "_logger"):
        return words_of(record.msg), exception_of(record.msg)
    traceback = logging.Formatter().formatException(record.exc_info) if record.exc_info else record.exc_text
    return record.getMessage(), traceback or ""


def words_of(event: Mapping[str, Any]) -> str:
    """Return an event of structlog in one line, without what is the same in all lines of the job."""
    bound = structlog.contextvars.get_contextvars()
    facts = [(name, value) for name, value in event.items() if name not in MADE and not is_of_job(name, value, bound)]
    return " ".join([str(event.get("event", "")), *(f"{name}={written(value)}" for name, value in facts)])


def is_of_job(name: str, value: Any, bound: Mapping[str, Any]) -> bool:
    """Whether this is a fact that each line of the job has in the worker's own log."""
    return name in {"job_id", "task", "request_id", "trace_id", "span_id"} and bound.get(name) == value


def written(value: Any) -> str:
    """Write a value so that it is seen where it ends."""
    return value if isinstance(value, str) and value.isprintable() and value and " " not in value else repr(value)


def exception_of(event: Mapping[str, Any]) -> str:
    """Return the traceback that an event of structlog has, or nothing."""
    if not event.get("exc_info"):
        return str(event.get("exception", ""))
    return str(structlog.processors.format_exc_info(None, "", {"exc_info": event["exc_info"]}).get("exception", ""))
