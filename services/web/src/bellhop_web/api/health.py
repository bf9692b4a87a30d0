"""Health: is the process alive, and can it do its work."""

from flask import Blueprint, Response, jsonify
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bellhop.database import transaction
from bellhop.wakeups import client

bp = Blueprint("health", __name__)


@bp.get("/livez")
def live() -> Response:
    """Say that the process answers; touches nothing."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def ready() -> tuple[Response, int]:
    """Say whether we can accept jobs: Postgres is required; without Redis we are degraded, but ready."""
    postgres, redis = _postgres(), _redis()
    status = "unavailable" if not postgres else "ready" if redis else "degraded"
    parts = {"postgres": "ok" if postgres else "away", "redis": "ok" if redis else "away"}
    return jsonify(status=status, **parts), 200 if postgres else 503


def _postgres() -> bool:
    try:
        with transaction() as db:
            db.execute(text("SELECT 1 FROM jobs LIMIT 1"))
    except SQLAlchemyError:
        return False
    return True


def _redis() -> bool:
    try:
        return bool(client().ping())
    except RedisError:
        return False
