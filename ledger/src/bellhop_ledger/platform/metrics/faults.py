"""What is counted of Redis and Postgres: how often they could not be used, by whom and why."""

from prometheus_client import Counter

from bellhop_ledger.platform.metrics.registry import REGISTRY

REDIS = Counter(
    "bellhop_redis_faults_total", "Times that Redis could not be used, by what for.", ["use"], registry=REGISTRY
)
DATABASE = Counter(
    "bellhop_database_faults_total", "Times that Postgres could not be used, by why.", ["reason"], registry=REGISTRY
)

EXHAUSTED, REFUSED, BROKEN = (DATABASE.labels(reason) for reason in ("exhausted", "refused", "broken"))
"""No connection of the pool became free in time; no new one was to be had; one in use was lost."""
PUBLISHING, HINTS, CONSUMING, SCHEDULING = (REDIS.labels(use) for use in ("publish", "hints", "consume", "schedule"))


def count_broken(*_: object) -> None:
    """Count a connection that was lost; an event of the pool."""
    BROKEN.inc()
