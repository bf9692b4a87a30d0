"""Checks of Redis: whether it loses messages when it restarts or when its memory is full."""

from typing import Any

from redis import RedisError

from bellhop_ledger.broker.pubsub import client
from bellhop_web.doctor.findings import FindingView, ok, warning, wrong

MOST_MEMORY = 0.8
"""The part of `maxmemory` beyond which it may soon refuse messages."""
NO_EVICTION = "noeviction"


def findings() -> list[FindingView]:
    """Return what is wrong with Redis. Raises RedisError where it cannot be reached."""
    info: dict[str, Any] = client().info()
    return [
        ok("redis", f"Redis {info.get('redis_version', '')} answers"),
        policy(info),
        persistence(info),
        memory(info),
    ]


def away(error: RedisError) -> FindingView:
    """Return that Redis cannot be asked."""
    return wrong("redis", f"Redis cannot be reached: {error}", "Start it, or correct REDIS_URL; until then jobs wait")


def policy(info: dict[str, Any]) -> FindingView:
    """Return whether Redis throws messages away when its memory is full."""
    set_to = info.get("maxmemory_policy", "unknown")
    if set_to == NO_EVICTION:
        return ok("redis_policy", "Redis evicts nothing (maxmemory-policy noeviction)")
    words = f"Redis evicts keys when its memory is full (maxmemory-policy {set_to})"
    return wrong(
        "redis_policy", words, "Set maxmemory-policy noeviction: an evicted list is a queue without its messages"
    )


def persistence(info: dict[str, Any]) -> FindingView:
    """Return whether Redis has its messages again after a restart."""
    if not info.get("aof_enabled"):
        advice = "Set appendonly yes; without it a restart empties all queues, which are sent again after a delay"
        return warning("redis_persistence", "Redis keeps no append-only file", advice)
    if info.get("aof_last_write_status", "ok") != "ok":
        advice = "Look at its log and its disk: it refuses all messages until it can write again"
        return wrong("redis_persistence", "Redis could not write its append-only file", advice)
    return ok("redis_persistence", "Redis keeps an append-only file")


def memory(info: dict[str, Any]) -> FindingView:
    """Return whether Redis will soon refuse messages."""
    used, most = info.get("used_memory", 0), info.get("maxmemory", 0)
    if not most:
        return ok("redis_memory", f"Redis uses {used / 1e6:.0f} MB, without a maxmemory")
    words = f"Redis uses {used / 1e6:.0f} of {most / 1e6:.0f} MB"
    if used <= MOST_MEMORY * most:
        return ok("redis_memory", words)
    return warning(
        "redis_memory", words, "Raise maxmemory, or start more workers; when it is full, jobs wait in Postgres"
    )
