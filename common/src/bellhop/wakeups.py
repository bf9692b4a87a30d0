"""Wake-ups over Redis pub/sub: hints that a job ended or that one is due soon. Losing one costs a moment."""

import json
import time
from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bellhop.log import get_logger
from bellhop.settings import Settings

log = get_logger(__name__)

ENDED = "bellhop:ended"
PAUSE_AFTER_FAILURE = 5.0

_silence = {"until": 0.0}


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    """Give this process' connection for hints: short time-outs and no retries, for nobody waits on a hint."""
    return redis.Redis.from_url(
        Settings.load().redis_url.get_secret_value(),
        socket_timeout=0.5,
        socket_connect_timeout=0.5,
        retry=Retry(NoBackoff(), 0),
    )


def announce_ended(ids: Sequence[UUID]) -> None:
    """Say that these jobs ended. After a failure it keeps quiet for 5 s, so that a dead Redis slows nothing."""
    if not ids or time.monotonic() < _silence["until"]:
        return
    try:
        client().publish(ENDED, json.dumps([str(id) for id in ids]))
    except redis.RedisError as error:
        _silence["until"] = time.monotonic() + PAUSE_AFTER_FAILURE
        log.debug("announcement_failed", error=repr(error))
