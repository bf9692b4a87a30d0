"""The examination: all checks, one after the other. One that fails does not keep the others from being made."""

from collections.abc import Callable, Iterator, Sequence

from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bellhop_ledger.platform.database import transaction
from bellhop_web.doctor import postgres, redis, services
from bellhop_web.doctor.findings import FindingView, unknown

DATABASE_CHECKS: Sequence[Callable[[Session], list[FindingView]]] = (
    services.alarms,
    services.silent_services,
    services.backlog,
    services.service_clocks,
    services.releases,
    postgres.migrations,
    postgres.web_clock,
    postgres.connections,
    postgres.disk,
)


def examine() -> list[FindingView]:
    """Return what all checks have found."""
    return [*(finding for check in DATABASE_CHECKS for finding in _of_database(check)), *_of_redis()]


def _of_database(check: Callable[[Session], list[FindingView]]) -> list[FindingView]:
    """Make one check in a transaction of its own, in 2 s at most for each statement."""
    try:
        with transaction() as db:
            db.execute(text("SET LOCAL statement_timeout = '2s'"))
            return check(db)
    except SQLAlchemyError as error:
        return [unknown(check.__name__, f"Postgres does not tell: {getattr(error, 'orig', None) or error}".strip())]


def _of_redis() -> Iterator[FindingView]:
    try:
        yield from redis.findings()
    except RedisError as error:
        yield redis.away(error)
