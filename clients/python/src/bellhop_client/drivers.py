"""Drivers: they do what flows ask for, one in the caller's thread and one on an event loop, both over httpx."""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from itertools import count
from typing import Any

import httpx

from bellhop_client.exchange import Act, Answer, Flow, Items, Outcome, Pause, Request, Ring
from bellhop_client.link import Link, is_event
from bellhop_client.operations import AsyncRunner, Runner

log = logging.getLogger("bellhop_client")


class Driver(Runner):
    """Does what flows ask for in the caller's thread. Any number of threads may use it."""

    def __init__(self, link: Link, http: httpx.Client | None):
        self.link = link
        self._own, self._http, self._pid = http is None, http or httpx.Client(), os.getpid()

    @property
    def http(self) -> httpx.Client:
        """The connections; a forked process gets its own, for two cannot share one."""
        if self._own and self._pid != os.getpid():
            self._http, self._pid = httpx.Client(), os.getpid()
        return self._http

    def close(self) -> None:
        """Close the connections, unless they are the caller's own."""
        if self._own:
            self.http.close()

    def iterate(self, flow: Flow[None]) -> Iterator[Any]:
        """Run a flow as far as somebody iterates, and yield what it hands over."""
        outcome: Any = None
        with Bell(self) as bell:
            while True:
                try:
                    act = flow.send(outcome)
                except StopIteration:
                    return
                if isinstance(act, Items):
                    yield from act.values
                outcome = bell.wait(act) if isinstance(act, Ring) else self.do(act)

    def do(self, act: Act) -> Outcome | None:
        """Send a request, as often as it needs, or wait."""
        if isinstance(act, Pause):
            time.sleep(act.seconds)
        return self._send(act) if isinstance(act, Request) else None

    def _send(self, request: Request) -> Outcome:
        for attempt in count(1):
            outcome = self.send_once(request)
            pause = self.link.retries.pause_after(attempt, request, outcome)
            if pause is None:
                break
            log_retry(request, outcome, pause)
            time.sleep(pause)
        return outcome

    def send_once(self, request: Request) -> Outcome:
        """Send a request a single time, for those who know better when to send it again."""
        try:
            answer = self.http.request(**self.link.arguments(request))
        except httpx.RequestError as error:
            return self.link.lost(request, error)
        return Answer(answer.status_code, answer.headers, answer.content)


class Bell:
    """The stream of one iteration, which is opened when somebody waits for it first."""

    def __init__(self, driver: Driver):
        self._driver, self._open = driver, ExitStack()
        self._lines: Iterator[str] | None = None

    def __enter__(self) -> "Bell":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def wait(self, ring: Ring) -> bool:
        """Wait for the next event. Return whether there was one; the stream is over where there was none."""
        try:
            self._lines = self._lines or self._listen(ring)
            if any(map(is_event, self._lines)):
                return True
        except httpx.RequestError as error:
            log.debug("The stream of live views broke off: %r", error)
        self._lines = None
        self._open.close()
        return False

    def _listen(self, ring: Ring) -> Iterator[str]:
        answer = self._open.enter_context(self._driver.http.stream(**self._driver.link.stream(ring)))
        return answer.iter_lines() if answer.status_code == httpx.codes.OK else iter(())


class AsyncDriver(AsyncRunner):
    """Does what flows ask for on an event loop, the one in which it is first used."""

    def __init__(self, link: Link, http: httpx.AsyncClient | None):
        self.link = link
        self._own, self._http, self._pid = http is None, http or httpx.AsyncClient(), os.getpid()

    @property
    def http(self) -> httpx.AsyncClient:
        """The connections; a forked process gets its own, for two cannot share one."""
        if self._own and self._pid != os.getpid():
            self._http, self._pid = httpx.AsyncClient(), os.getpid()
        return self._http

    async def close(self) -> None:
        """Close the connections, unless they are the caller's own."""
        if self._own:
            await self.http.aclose()

    async def iterate(self, flow: Flow[None]) -> AsyncIterator[Any]:
        """Run a flow as far as somebody iterates, and yield what it hands over."""
        outcome: Any = None
        async with AsyncBell(self) as bell:
            while True:
                try:
                    act = flow.send(outcome)
                except StopIteration:
                    return
                if isinstance(act, Items):
                    for value in act.values:
                        yield value
                outcome = await (bell.wait(act) if isinstance(act, Ring) else self.do(act))

    async def do(self, act: Act) -> Outcome | None:
        """Send a request, as often as it needs, or wait."""
        if isinstance(act, Pause):
            await asyncio.sleep(act.seconds)
        return await self._send(act) if isinstance(act, Request) else None

    async def _send(self, request: Request) -> Outcome:
        for attempt in count(1):
            outcome = await self._send_once(request)
            pause = self.link.retries.pause_after(attempt, request, outcome)
            if pause is None:
                break
            log_retry(request, outcome, pause)
            await asyncio.sleep(pause)
        return outcome

    async def _send_once(self, request: Request) -> Outcome:
        try:
            answer = await self.http.request(**self.link.arguments(request))
        except httpx.RequestError as error:
            return self.link.lost(request, error)
        return Answer(answer.status_code, answer.headers, answer.content)


class AsyncBell:
    """The stream of one iteration, which is opened when somebody waits for it first."""

    def __init__(self, driver: AsyncDriver):
        self._driver, self._open = driver, AsyncExitStack()
        self._lines: AsyncIterator[str] | None = None

    async def __aenter__(self) -> "AsyncBell":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def wait(self, ring: Ring) -> bool:
        """Wait for the next event. Return whether there was one; the stream is over where there was none."""
        try:
            self._lines = self._lines or await self._listen(ring)
            async for line in self._lines:
                if is_event(line):
                    return True
        except httpx.RequestError as error:
            log.debug("The stream of live views broke off: %r", error)
        self._lines = None
        await self._open.aclose()
        return False

    async def _listen(self, ring: Ring) -> AsyncIterator[str]:
        answer = await self._open.enter_async_context(self._driver.http.stream(**self._driver.link.stream(ring)))
        return answer.aiter_lines() if answer.status_code == httpx.codes.OK else _nothing()


async def _nothing() -> AsyncIterator[str]:
    """Yield nothing."""
    nothing: tuple[str, ...] = ()
    for line in nothing:
        yield line


def log_retry(request: Request, outcome: Outcome, pause: float) -> None:
    """Log that a request is sent again."""
    log.info("%s %s is sent again in %.1f s: %s", request.method, request.path, pause, outcome)
