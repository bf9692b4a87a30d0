"""The faults: each breaks a part of the stack when its block begins, and mends it when the block ends."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

import psutil
import redis

from tests.stack import Stack

GRACE = 20.0
"""Seconds that a service has to end by itself."""


@contextmanager
def killed(stack: Stack, name: str, _: int) -> Iterator[None]:
    """All processes of a service are killed."""
    stack.kill(name)
    yield
    stack.start_service(name)


@contextmanager
def main_killed(stack: Stack, name: str, _: int) -> Iterator[None]:
    """The main process is killed; its children go on for a while without it."""
    stack.signal(name, signal.SIGKILL)
    yield
    stack.services[name].stop(GRACE)
    stack.start_service(name)


@contextmanager
def child_killed(stack: Stack, name: str, place: int) -> Iterator[None]:
    """One of the children is killed."""
    for child in child_of(stack, name, place):
        child.kill()
    yield


@contextmanager
def stopped(stack: Stack, name: str, _: int) -> Iterator[None]:
    """The service is asked to stop."""
    stack.services[name].ask_to_stop()
    yield
    stack.services[name].stop(GRACE)
    stack.start_service(name)


@contextmanager
def frozen(stack: Stack, name: str, _: int) -> Iterator[None]:
    """All processes stand still."""
    stack.signal_all(name, signal.SIGSTOP)
    yield
    stack.signal_all(name, signal.SIGCONT)


@contextmanager
def main_frozen(stack: Stack, name: str, _: int) -> Iterator[None]:
    """The main process stands still, and its children do not."""
    stack.signal(name, signal.SIGSTOP)
    yield
    stack.signal(name, signal.SIGCONT)


@contextmanager
def child_frozen(stack: Stack, name: str, place: int) -> Iterator[None]:
    """One of the children stands still; it may be killed for that."""
    children = child_of(stack, name, place)
    for child in children:
        child.suspend()
    yield
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.resume()


@contextmanager
def redis_emptied(stack: Stack, *_: object) -> Iterator[None]:
    """Redis forgets everything."""
    redis.Redis.from_url(stack.redis.url).flushall()
    yield


@contextmanager
def redis_killed(stack: Stack, *_: object) -> Iterator[None]:
    """Redis is killed, and comes back with what its append-only file says."""
    os.kill(stack.redis.pid, signal.SIGKILL)
    yield
    stack.redis.stop()
    stack.redis.start()


@contextmanager
def redis_frozen(stack: Stack, *_: object) -> Iterator[None]:
    """Redis accepts connections and answers nobody."""
    os.kill(stack.redis.pid, signal.SIGSTOP)
    yield
    os.kill(stack.redis.pid, signal.SIGCONT)


@contextmanager
def postgres_restarted(stack: Stack, *_: object) -> Iterator[None]:
    """Postgres ends all sessions and stops (a fast shutdown)."""
    stack.postgres.stop()
    yield
    stack.postgres.start()


@contextmanager
def postgres_crashed(stack: Stack, *_: object) -> Iterator[None]:
    """Postgres stops without a checkpoint (an immediate shutdown) and recovers from its log."""
    os.kill(stack.postgres.pid, signal.SIGQUIT)
    yield
    stack.postgres.stop()
    stack.postgres.start()


@contextmanager
def backend_killed(stack: Stack, _: str, place: int) -> Iterator[None]:
    """A backend of Postgres is killed, so Postgres ends all others and recovers."""
    rows = stack.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'bellhop' ORDER BY pid")
    if rows:
        with suppress(ProcessLookupError):
            os.kill(rows[place % len(rows)][0], signal.SIGKILL)
    yield


def child_of(stack: Stack, name: str, place: int) -> list[psutil.Process]:
    """Return one of a service's children, or none when it has none at the moment."""
    children = sorted(psutil.Process(stack.services[name].pid).children(), key=lambda child: child.pid)
    return children[place % len(children) :][:1] if children else []


Break = Callable[[Stack, str, int], AbstractContextManager[None]]
BY_NAME: dict[str, Break] = {
    fault.__name__: fault
    for fault in (
        killed,
        main_killed,
        child_killed,
        stopped,
        frozen,
        main_frozen,
        child_frozen,
        redis_emptied,
        redis_killed,
        redis_frozen,
        postgres_restarted,
        postgres_crashed,
        backend_killed,
    )
}
