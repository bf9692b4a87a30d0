"""Operations on all jobs that a query finds: they are retried or cancelled together."""

from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Literal
from uuid import UUID

from bellhop_client.exchange import Flow, Pause, Request, send
from bellhop_client.paging import pages
from bellhop_client.reading import read
from bellhop_client.writing import Seconds, checked_key, encoded, given, path_of, query_of, seconds

Verb = Literal["retry", "cancel"]
SOON, LATE = 0.1, 1.0
"""Seconds between two looks at an action: at first, and when it takes long."""


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """Something that is done to many jobs."""

    id: UUID
    verb: Verb
    q: str
    """The query that has found them."""
    number: int
    """How many jobs it found."""
    state: Literal["waiting", "running", "done", "undone", "broken"]
    requested_by: str
    request_id: str | None
    created_at: datetime
    runs_at: datetime
    """When it begins; until then it can be undone."""
    started_at: datetime | None
    handled: int
    """How many of the jobs were looked at so far."""
    changed: int
    """How many of these were still as they were found, and are queued again, cancelled, or asked to stop."""
    finished_at: datetime | None
    error: str | None
    """Why it could not be carried on."""
    undone_at: datetime | None
    undone_by: str | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will be done."""
        return self.state not in {"waiting", "running"}


ActionRef = BulkAction | UUID | str
"""A bulk action, or its id."""


def count(verb: Verb, q: str) -> Flow[int]:
    """Return how many jobs an action would be about. Raises Invalid, which says what is wrong with the query."""
    return send(Request("GET", path_of("bulk-actions", "preview"), query_of(verb=verb, q=q)), _count)


def _count(data: Any) -> int:
    return int(data["count"])


def retry(q: str, count: int, *, delay: Seconds | None = None, key: str | None = None) -> Flow[BulkAction]:
    """Retry the failed jobs that a query finds, exactly so many; with `state:cancelled` in it, cancelled ones.

    Where their number has changed nothing is done: Conflict is raised, which names the present one. It can be undone
    until it begins, after the delay. With a `key` of your own it is one action across calls, too.
    """
    return _ask("retry", q, count, delay, key)


def cancel(q: str, count: int, *, delay: Seconds | None = None, key: str | None = None) -> Flow[BulkAction]:
    """Cancel the unfinished jobs that a query finds, exactly so many. As `retry` otherwise."""
    return _ask("cancel", q, count, delay, key)


def _ask(verb: Verb, q: str, count: int, delay: Seconds | None, key: str | None) -> Flow[BulkAction]:
    body = encoded(given(q=q, count=count, delay=seconds(delay)))
    return send(Request("POST", path_of("jobs", verb), body=body, key=checked_key(key or None)), _action)


def _action(data: Any) -> BulkAction:
    return read(BulkAction, data)


def get(action: ActionRef) -> Flow[BulkAction]:
    """Return an action as it is now. Raises NotFound."""
    return send(Request("GET", path_of("bulk-actions", action)), _action)


def list_actions() -> Flow[None]:
    """Iterate over the actions, the latest first."""
    return pages(path_of("bulk-actions"), query_of(limit=100), "bulk_actions", BulkAction)


def undo(action: ActionRef) -> Flow[BulkAction]:
    """Undo an action that has not begun. Raises Conflict for one that has."""
    return send(Request("POST", path_of("bulk-actions", action, "undo")), _action)


def wait(action: ActionRef, *, timeout: Seconds | None = None) -> Flow[BulkAction]:
    """Return an action when it has ended, or after so many seconds as it is then: `ended` says which."""
    limit = seconds(timeout)
    until, pause = (None if limit is None else monotonic() + limit), SOON
    while True:
        seen = yield from get(action)
        if seen.ended or (until is not None and monotonic() >= until):
            return seen
        yield Pause(pause)
        pause = min(1.5 * pause, LATE)
