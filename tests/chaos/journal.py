"""The journal: what those who used the API were promised."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

PAUSE = 0.2
"""Seconds before a request is sent again that nobody has answered."""


@dataclass
class Journal:
    """Everybody writes into it at once."""

    accepted: dict[str, str] = field(default_factory=dict)
    """The id of the job that was accepted for each key."""
    schedules: list[str] = field(default_factory=list)
    cancels: set[str] = field(default_factory=set)
    """The jobs that somebody wanted to cancel."""
    cancelled: set[str] = field(default_factory=set)
    """Those of which the answer was that they are cancelled."""
    retries: Counter[str] = field(default_factory=Counter)
    """How often somebody wanted to retry a job: an answer that was lost may stand for a retry or for none."""
    repeated: int = 0
    """Requests that were sent again because their answer was lost."""
    refused: list[str] = field(default_factory=list)
    """What should not have been refused."""


def answered(journal: Journal, send: Callable[[], httpx.Response]) -> httpx.Response:
    """Send a request again and again until there is an answer that counts."""
    while True:
        try:
            answer = send()
            if answer.status_code < 500:
                return answer
        except httpx.TransportError:
            pass
        journal.repeated += 1
        time.sleep(PAUSE)


def check(journal: Journal, answer: httpx.Response, *expected: int) -> bool:
    """Whether an answer is one of these; any other is noted."""
    if answer.status_code in expected:
        return True
    journal.refused.append(f"{answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
    return False
