"""Logging: one line a fact, JSON in production, readable in a terminal."""

import logging
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import isfinite
from types import TracebackType
from typing import Any
from uuid import UUID

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from bellhop_ledger.platform.settings import BrokerSettings, LogFormat

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
"""What may be the id of a request: it is logged, shown and sent on as a header."""
QUIET = {
    "celery.app.trace": logging.CRITICAL,  # the worker itself logs how each job ended
    "celery.worker.strategy": logging.WARNING,
    "celery.pool": logging.WARNING,  # at debug level it quotes the beginnings of arguments
    "celery.beat": logging.WARNING,
    "alembic.runtime": logging.WARNING,
    "kombu": logging.WARNING,
    "bellhop_ledger.platform.database.CountedPool": logging.WARNING,  # each connection that is closed for good
    "flower.inspector": logging.ERROR,  # while no worker is there yet, each of its questions stays without an answer
}


def configure(service: str, settings: BrokerSettings, *, least: str = "CRITICAL") -> None:
    """Send everything that this process logs to standard error in one shape.

    `least` is the level from which on somebody else wants what is logged, with a handler of its own.
    """
    shared: list[Processor] = [of_service(service), *SHARED]
    as_json = settings.log_format is LogFormat.JSON or (settings.log_format is LogFormat.AUTO and settings.production)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lowest(settings.log_level, least)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_ending(as_json)))
    handler.setLevel(settings.log_level)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    logging.captureWarnings(True)
    sys.excepthook = log_uncaught
    threading.excepthook = lambda args: log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)


def lowest(*levels: str) -> int:
    """Return the lowest of these levels, as a number."""
    return min(logging.getLevelNamesMapping()[level] for level in levels)


def of_service(service: str) -> Processor:
    """Add the name of the service to each line, whatever thread writes it."""

    def name(logger: Any, method: str, line: EventDict) -> EventDict:
        return {"service": service, **line}

    return name


def _ending(as_json: bool) -> list[Processor]:
    drop: Processor = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if as_json:
        return [drop, structlog.processors.format_exc_info, in_words, structlog.processors.JSONRenderer()]
    return [
        drop,
        structlog.dev.ConsoleRenderer(colors=False, pad_event_to=24, exception_formatter=structlog.dev.plain_traceback),
    ]


def in_words(logger: Any, method: str, line: EventDict) -> EventDict:
    """Write numbers that are not finite as text: JSON has none, and readers of logs would drop the line."""
    return {
        name: str(value) if isinstance(value, float) and not isfinite(value) else value for name, value in line.items()
    }


def log_uncaught(
    kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None = None
) -> None:
    """Log in one line what ends a process or a thread; Python itself would write many."""
    if issubclass(kind, Exception) and error is not None:
        get_logger(__name__).critical("process_failed", exc_info=(kind, error, traceback))


@contextmanager
def bound(facts: Mapping[str, object]) -> Iterator[None]:
    """Add facts to every line that is logged inside the block."""
    before = structlog.contextvars.bind_contextvars(**facts)
    try:
        yield
    finally:
        structlog.contextvars.reset_contextvars(**before)


def bound_request_id() -> str | None:
    """Return the id of the request that all this goes back to, as it is bound to what is logged."""
    found: str | None = structlog.contextvars.get_contextvars().get("request_id")
    return found


def bound_job_id() -> UUID | None:
    """Return the id of the job whose body runs here, as it is bound to what is logged."""
    found: str | None = structlog.contextvars.get_contextvars().get("job_id")
    return UUID(found) if found else None


def get_logger(name: str) -> FilteringBoundLogger:
    """Return the logger of a module."""
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger
