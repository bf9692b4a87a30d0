"""Async tasks of the tests, in a module of its own: only workers that are told so have a pool for them."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from typing import Annotated

from bellhop import task
from bellhop.secret import Secret
from bellhop.signature import OVERRIDES, Retry
from bellhop_ledger.platform.log import get_logger
from bellhop_worker.engine.interrupts import SoftTimeLimitExceeded
from bellhop_worker.plugin import Run

log = get_logger(__name__)

QUICK = Retry(attempts=3, first=0.1, factor=1)
present: set[str] = set()
"""The jobs that wait at this moment."""


@task("test.wait", overridable=OVERRIDES)
async def wait(*, seconds: float) -> str:
    """Wait. Safe to repeat."""
    await asyncio.sleep(seconds)
    return "waited"


@task("test.wait_together")
async def wait_together(run: Run, *, seconds: float) -> int:
    """Wait, and return how many did at the same time, at the most. Safe to repeat."""
    present.add(run.idempotency_key)
    most, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        most = max(most, len(present))
        await asyncio.sleep(0.05)
    present.remove(run.idempotency_key)
    return most


@task("test.wait_stubbornly", soft_limit=60, hard_limit=1, retry=Retry(attempts=1))
async def wait_stubbornly() -> str:
    """Wait for ever, whatever happens. Safe to repeat."""
    while True:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)


@task("test.wait_and_tidy_up", hard_limit=90)
async def wait_and_tidy_up(run: Run) -> str:
    """Wait, and take a second to tidy up when it is cancelled. Safe to repeat."""
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(1)
        run.progress(1, 1, "tidied up")
    return "waited"


@task("test.wait_too_long", soft_limit=0.5, retry=Retry(attempts=1))
async def wait_too_long(*, in_group: bool, save: bool) -> str:
    """Wait for longer than the soft limit allows, alone or in two tasks; then save what there is, or fail."""
    stopped: list[str] = []
    try:
        if not in_group:
            await asyncio.sleep(60)
        async with asyncio.TaskGroup() as group:
            group.create_task(_note_when_stopped(stopped, "first"))
            group.create_task(_note_when_stopped(stopped, "second"))
    except SoftTimeLimitExceeded:
        if not save:
            raise
        async with asyncio.timeout(5):
            await asyncio.sleep(0.1)
    return f"saved, stopped {' '.join(sorted(stopped))}"


async def _note_when_stopped(stopped: list[str], name: str) -> None:
    try:
        await asyncio.sleep(60)
    finally:
        stopped.append(name)


@task("test.block", soft_limit=60, hard_limit=60)
async def block(*, seconds: float, in_task: bool = False) -> str:
    """Block the loop, or have a task of its own do it. Safe to repeat."""
    if in_task:
        await asyncio.create_task(_block(seconds))
    time.sleep(seconds)
    return "blocked"


async def _block(seconds: float) -> None:
    time.sleep(seconds)


@task("test.block_for_ever", soft_limit=1, hard_limit=2, retry=Retry(attempts=1))
async def block_for_ever() -> None:
    """Block the loop until the process is killed. Safe to repeat."""
    time.sleep(3600)


@task("test.wait_in_steps")
async def wait_in_steps(run: Run, *, steps: int, seconds: float) -> int:
    """Report how far it has come. Safe to repeat."""
    for step in range(1, steps + 1):
        run.progress(step, steps, f"step {step}")
        await asyncio.sleep(seconds)
    return steps


@task("test.wait_and_fail", retry=QUICK)
async def wait_and_fail(run: Run, *, times: int) -> int:
    """Fail so often. Safe to repeat."""
    await asyncio.sleep(0.01)
    if run.job.attempt <= times:
        raise ValueError("asked to fail")
    return run.job.attempt


@task("test.wait_secretly")
async def wait_secretly(*, pin: Annotated[str, Secret()]) -> int:
    """Log that it was there, and return how long the secret is. Safe to repeat."""
    await asyncio.sleep(0.01)
    log.info("waited_secretly")
    return len(pin)


@task("test.kill_async", retry=Retry(attempts=2, first=0.1))
async def kill(*, once: bool) -> str:
    """Kill the process, once or each time. Safe to repeat."""
    path = f"{os.environ['TEST_DIRECTORY']}/killed"
    if not once or not os.path.exists(path):
        with open(path, "w"):
            os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


@task("test.leave")
async def leave() -> str:
    """Try to end the process by a task of its own. Safe to repeat."""
    await asyncio.wait([asyncio.create_task(_leave())])
    return "stayed"


async def _leave() -> None:
    raise SystemExit(3)


@task("test.wait_stubbornly_long")
async def wait_stubbornly_long() -> str:
    """Wait for ever, whatever happens, within long limits. Safe to repeat."""
    while True:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
