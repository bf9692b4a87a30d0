"""A bystander: somebody who goes on submitting jobs while others misbehave."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from bellhop_web.server.worker import HEAD_PATIENCE
from tests.stack import Stack, wait_until

PROMPT = HEAD_PATIENCE / 2
"""Seconds within which a POST is answered, whatever others do. Who waits for a slow client waits for all of it."""


@dataclass
class Bystander:
    """What somebody saw who submitted one job after the other."""

    answers: list[tuple[int, float]] = field(default_factory=list)
    """The status of each, and the seconds that it took; 0 when there was none."""

    def served(self, number: int = 10) -> None:
        """Wait until so many more were answered, and see that they were accepted promptly."""
        before = len(self.answers)
        wait_until(lambda: len(self.answers) >= before + number + 1)  # the first began before
        seen = self.answers[before + 1 : before + number + 1]
        late = [seconds for _, seconds in seen if seconds > PROMPT]
        assert {status for status, _ in seen} == {202}, seen
        assert len(late) <= number // 10, f"{len(late)} of {number} took too long: {late}"


@contextmanager
def bystander(stack: Stack, address: str = "127.0.0.1") -> Iterator[Bystander]:
    """Submit jobs meanwhile, each on a connection of its own."""
    seen, enough = Bystander(), threading.Event()

    def submit() -> None:
        while not enough.is_set():
            began = time.monotonic()
            seen.answers.append((post(stack, address), time.monotonic() - began))

    thread = threading.Thread(target=submit)
    thread.start()
    try:
        yield seen
    finally:
        enough.set()
        thread.join()


def post(stack: Stack, address: str) -> int:
    """Submit a job that does not run soon; return the status, or 0 when there was no answer."""
    body = {"task": "test.noop", "delay": 3600}
    transport = httpx.HTTPTransport(local_address=address)
    try:
        with httpx.Client(transport=transport, headers=dict(stack.http.headers), timeout=20) as client:
            return client.post(f"{stack.url}/api/jobs", json=body).status_code
    except httpx.TransportError:
        return 0
