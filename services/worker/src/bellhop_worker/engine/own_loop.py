"""The event loop of one process of the pool, for an async body that runs alone: after a crash, jobs are not mixed."""

import asyncio
from collections.abc import Coroutine
from contextvars import copy_context
from typing import Any

kept: list[asyncio.Runner] = []
"""It stays for the next job: what a body keeps at its module, such as the client of a service, belongs to its loop."""


def run_alone(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a body to its end and return its result.

    Raises what it raises. Where the worker breaks it off, the body's tasks are cancelled, and the loop is closed.
    """
    ended = False

    async def noted() -> Any:
        nonlocal ended
        try:
            return await work
        finally:
            ended = True

    if not kept:
        kept.append(asyncio.Runner())
    try:
        return kept[0].run(noted(), context=copy_context())
    finally:
        if not ended:
            kept.pop().close()
