"""Retries: when a request is sent again, and after which pause."""

import random
from dataclasses import dataclass
from time import monotonic

from bellhop_client.exchange import Answer, Lost, Outcome, Request

BUSY = 429
AWAY = frozenset({502, 503, 504})
"""Statuses that say nothing of what became of the request."""


@dataclass(frozen=True)
class Retries:
    """How often a request is sent, and how long the client waits in between.

    The pauses double, and each is shortened by chance by up to a half, so that many clients do not come back together.
    """

    attempts: int = 7
    """At most, with the first one; 1: nothing is sent again."""
    first: float = 0.5
    """Seconds of the first pause."""
    longest: float = 30.0
    """Seconds of the longest. Where the server asks for more (`Retry-After`), its refusal is raised at once."""

    def pause_after(self, attempt: int, request: Request, outcome: Outcome) -> float | None:
        """Return the seconds to wait before a request is sent again; None where it is not."""
        if attempt >= self.attempts or not may_be_sent_again(request, outcome):
            return None
        asked = (isinstance(outcome, Answer) and outcome.retry_after) or 0.0
        if asked > self.longest:
            return None
        pause = asked + self.jittered(attempt)
        return None if request.until is not None and monotonic() + pause > request.until else pause

    def jittered(self, attempt: int) -> float:
        """Return the seconds of the pause after so many attempts, shortened by chance."""
        return min(self.first * 2.0 ** (attempt - 1), self.longest) * random.uniform(0.5, 1.0)


def may_be_sent_again(request: Request, outcome: Outcome) -> bool:
    """Whether it may help to send a request again, and does no harm."""
    if isinstance(outcome, Lost):
        return request.repeatable or not outcome.sent
    return outcome.status == BUSY or (outcome.status in AWAY and request.repeatable)
