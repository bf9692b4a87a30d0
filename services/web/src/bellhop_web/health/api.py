"""Health: is the process alive, and can it do its work."""

from enum import StrEnum

from flask import Response
from pydantic import BaseModel, Field
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.broker.pubsub import client
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth.access import Access
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import blueprint

bp = blueprint("health", "", access=Access.PUBLIC)


class Readiness(StrEnum):
    """Whether jobs can be accepted; degraded: web can do its work, but lacks something that others bring."""

    READY = "ready"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


class Reach(StrEnum):
    """Whether a server can be reached."""

    OK = "ok"
    AWAY = "away"

    @classmethod
    def of(cls, reached: bool) -> "Reach":
        """Return it in a word."""
        return cls.OK if reached else cls.AWAY


class Tasks(StrEnum):
    """Whether any worker has published its tasks."""

    KNOWN = "known"
    UNKNOWN = "unknown"


class ReadinessView(BaseModel):
    """Whether this process can do its work."""

    status: Readiness
    postgres: Reach = Field(description="Without it nothing can be accepted")
    redis: Reach = Field(description="Without it jobs are accepted and wait until it is back")
    tasks: Tasks = Field(
        description="Unknown until a worker publishes its tasks; until then submissions get 503 with Retry-After"
    )


@bp.get("/livez", responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}})
def live() -> Response:
    """Answer that the process is alive; it touches nothing."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz", responses={200: ReadinessView, 503: ReadinessView})
def ready() -> Response:
    """Answer whether we can work: Postgres is required; without Redis, or any task, we are degraded, but ready.

    Were web not ready before it knows tasks, an orchestrator that starts workers after it would wait for ever.
    """
    postgres, redis = _postgres(), _redis()
    tasks = _tasks()
    ready = redis and tasks is Tasks.KNOWN
    status = Readiness.UNAVAILABLE if not postgres else Readiness.READY if ready else Readiness.DEGRADED
    shown = ReadinessView(status=status, postgres=Reach.of(postgres), redis=Reach.of(redis), tasks=tasks)
    return respond(shown, 200 if postgres else 503)


def _postgres() -> bool:
    try:
        with transaction() as db:
            db.execute(text("SELECT 1 FROM unfinished_jobs LIMIT 1"))
    except SQLAlchemyError:
        return False
    return True


def _tasks() -> Tasks:
    try:
        return Tasks.KNOWN if known_tasks() else Tasks.UNKNOWN
    except SQLAlchemyError:
        return Tasks.UNKNOWN


def _redis() -> bool:
    try:
        return bool(client().ping())
    except RedisError:
        return False
