"""The people: operators who cancel jobs, and retry those that have failed or were cancelled."""

import time
from queue import Empty, PriorityQueue
from threading import Thread

import httpx

from tests.chaos.journal import Journal, answered, check
from tests.chaos.plan import Wish


class People(Thread):
    """Does what is due, one act after another."""

    def __init__(self, http: httpx.Client, journal: Journal):
        super().__init__(name="people", daemon=True)
        self._http, self._journal = http, journal
        self._due: PriorityQueue[tuple[float, str, str]] = PriorityQueue()
        self._all_known = False

    def take(self, wish: Wish, id: str) -> None:
        """Note what is to be done about a job that was accepted now."""
        for after, verb in ((wish.cancel_after, "cancel"), (wish.retry_after, "retry")):
            if after is not None:
                self._due.put((time.monotonic() + after, verb, id))

    def finish(self) -> None:
        """Wait until all is done; nothing is added any more."""
        self._all_known = True
        self.join()

    def run(self) -> None:
        """Do what is due, until nothing is left."""
        while not (self._all_known and self._due.empty()):
            try:
                at, verb, id = self._due.get(timeout=0.2)
            except Empty:
                continue
            time.sleep(max(0.0, at - time.monotonic()))
            self._act(verb, id)

    def _act(self, verb: str, id: str) -> None:
        answer = answered(self._journal, lambda: self._post(verb, id))
        if not check(self._journal, answer, 202, 409):
            return
        if verb == "cancel" and answer.status_code == 202 and answer.json()["state"] == "cancelled":
            self._journal.cancelled.add(id)

    def _post(self, verb: str, id: str) -> httpx.Response:
        if verb == "cancel":
            self._journal.cancels.add(id)
        else:
            self._journal.retries[id] += 1
        return self._http.post(f"/api/jobs/{id}/{verb}")
