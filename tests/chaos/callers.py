"""The callers: threads that submit jobs and, until they know that each was accepted, submit it again with its key."""

import time
from collections.abc import Callable, Sequence
from threading import Thread

import httpx

from tests.chaos.journal import Journal, answered, check
from tests.chaos.plan import Submission, Wish

Accepted = Callable[[Wish, str], None]


class Caller(Thread):
    """Sends its share of the requests, one after another, each at its time or as soon as it can."""

    def __init__(
        self, http: httpx.Client, journal: Journal, share: Sequence[Submission], begun: float, accepted: Accepted
    ):
        super().__init__(name="caller", daemon=True)
        self._http, self._journal, self._share, self._begun, self._accepted = http, journal, share, begun, accepted

    def run(self) -> None:
        """Send all of them."""
        for submission in self._share:
            time.sleep(max(0.0, self._begun + submission.at - time.monotonic()))
            for wish, id in zip(submission.wishes, self._submit(submission.wishes), strict=False):
                self._journal.accepted[wish.key] = id
                self._accepted(wish, id)

    def _submit(self, wishes: Sequence[Wish]) -> list[str]:
        """Submit one job, or several as a batch, and return the ids."""
        headers = {"Idempotency-Key": wishes[0].key}
        path, body = "/api/jobs", wishes[0].body
        if len(wishes) > 1:
            path, body = "/api/jobs/batch", {"jobs": [wish.body for wish in wishes]}
        answer = answered(self._journal, lambda: self._http.post(path, json=body, headers=headers))
        if not check(self._journal, answer, 202):
            return []
        return [job["id"] for job in answer.json().get("jobs", [answer.json()])]
