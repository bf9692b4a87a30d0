"""An event loop in a thread of its own, for tests: Playwright's sync API leaves one running in theirs."""

import asyncio
from collections.abc import Awaitable
from threading import Thread
from typing import Any


class LoopThread:
    """A running event loop, which runs what it is given until that is done."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="event loop of a test", daemon=True)
        self._thread.start()

    def run(self, awaitable: Awaitable[Any]) -> Any:
        """Return what something awaitable returns, or raise what it raises."""
        return asyncio.run_coroutine_threadsafe(_await(awaitable), self._loop).result()

    def close(self) -> None:
        """End the generators that were left open, and the loop."""
        self.run(self._loop.shutdown_asyncgens())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _await(awaitable: Awaitable[Any]) -> Any:
    return await awaitable
