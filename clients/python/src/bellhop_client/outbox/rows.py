"""Rows: what is done with the outbox, as statements that any connection of the application's can run."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bellhop_client.exchange import Flow, Statement
from bellhop_client.jobs import batches
from bellhop_client.reading import read
from bellhop_client.wanted import JobRequest
from bellhop_client.writing import Seconds, encoded, new_key, seconds

LONGEST_REFUSAL = 2_000
"""Characters of a reason that are stored."""


@dataclass(frozen=True)
class OutboxJob:
    """A job in the outbox."""

    number: int
    key: str
    """Its idempotency key at Bellhop."""
    task: str
    args: Mapping[str, Any] = field(repr=False, hash=False)
    options: Mapping[str, Any] = field(repr=False, hash=False)
    """All else that a submission may say."""
    created_at: datetime
    refused_at: datetime | None
    refusal: str | None
    """Why Bellhop has refused it, or has not accepted it so far; such a job waits until it is released."""
    retry_at: datetime | None = None
    """When it is tried again without that: it got 5xx or no answer while others were accepted."""

    def body(self) -> dict[str, Any]:
        """Return it as the API takes it."""
        return {**self.options, "task": self.task, "args": self.args, "key": self.key}


WRITE = """
INSERT INTO bellhop_outbox (key, task, args, options)
SELECT job ->> 'key', job ->> 'task', job -> 'args', job - ARRAY['key', 'task', 'args']
FROM jsonb_array_elements(CAST({} AS jsonb)) WITH ORDINALITY AS wanted(job, place) ORDER BY place
RETURNING number
"""
READ = """
SELECT CAST(json_build_object('number', number, 'key', key, 'task', task, 'args', args, 'options', options,
                              'created_at', created_at, 'refused_at', refused_at, 'refusal', refusal,
                              'retry_at', retry_at) AS text)
FROM bellhop_outbox
"""
WAITING = f"{READ} WHERE refused_at IS NULL ORDER BY number LIMIT CAST({{}} AS integer) FOR UPDATE SKIP LOCKED"
DUE_AGAIN = f"{READ} WHERE retry_at <= now() ORDER BY number LIMIT CAST({{}} AS integer) FOR UPDATE SKIP LOCKED"
REFUSED = f"{READ} WHERE refused_at IS NOT NULL ORDER BY number LIMIT CAST({{}} AS integer)"
REMOVE = "DELETE FROM bellhop_outbox WHERE number = ANY (CAST({} AS bigint[])) RETURNING number"
UPDATE = """
UPDATE bellhop_outbox SET {} FROM jsonb_to_recordset(CAST({{}} AS jsonb)) AS found(number bigint, refusal text)
WHERE bellhop_outbox.number = found.number RETURNING bellhop_outbox.number
"""
SET_ASIDE = UPDATE.format("refused_at = now(), refusal = found.refusal, retry_at = NULL")
POSTPONE = UPDATE.format("""
    refused_at = coalesce(refused_at, now()), refusal = found.refusal,
    retry_at = now() + least(greatest(now() - refused_at, interval '1 minute'), interval '1 hour')
""")
"""A job is tried again after a minute, and then when it has been set aside for twice as long, at most an hour later."""
RELEASE = """
UPDATE bellhop_outbox SET refused_at = NULL, refusal = NULL, retry_at = NULL
WHERE refused_at IS NOT NULL {} RETURNING number
"""
RELEASE_ALL = RELEASE.format("")
RELEASE_SOME = RELEASE.format("AND key IN (SELECT jsonb_array_elements_text(CAST({} AS jsonb)))")


def submit(
    task: str,
    args: Mapping[str, Any] | None = None,
    *,
    run_at: datetime | None = None,
    delay: Seconds | None = None,
    priority: int | None = None,
    queue: str | None = None,
    tags: Sequence[str] | None = None,
    label: str | None = None,
    expires: datetime | None = None,
    max_attempts: int | None = None,
    timeout: Seconds | None = None,
    key: str | None = None,
) -> Flow[str]:
    """Write a job into the outbox, in this transaction, and return its key. A forwarder submits it after the commit.

    The arguments are those of `Client.submit`; a `delay` counts from now. Only Bellhop knows what is wrong with them:
    what it refuses is set aside, see `refused`. Raises ValueError for what JSON cannot carry.
    """
    wanted = JobRequest(
        task, args or {}, run_at=run_at, delay=delay, priority=priority, queue=queue, tags=tags, label=label,
        expires=expires, max_attempts=max_attempts, timeout=timeout, key=key,
    )  # fmt: skip
    [written] = yield from submit_many([wanted])
    return written


def submit_many(jobs: Iterable[JobRequest]) -> Flow[list[str]]:
    """Write many jobs into the outbox, in this transaction, and return their keys in the same order.

    Raises ValueError as `submit` does.
    """
    keys: list[str] = []
    for batch in batches(jobs):
        bodies = [_stored(job).body() for job in batch]
        yield Statement(WRITE, [f"[{','.join(encoded(body).decode() for body in bodies)}]"])
        keys += [body["key"] for body in bodies]
    return keys


def _stored(job: JobRequest) -> JobRequest:
    """Return a job with a key, and with a date in place of a delay: who knows when it is carried over."""
    keyed = job if job.key is not None else replace(job, key=new_key())
    delay = seconds(job.delay)
    if delay is None:
        return keyed
    if job.run_at is not None:
        raise ValueError("delay: must not be given together with run_at")
    return replace(keyed, delay=None, run_at=datetime.now(UTC) + timedelta(seconds=delay))


def waiting(most: int) -> Flow[list[OutboxJob]]:
    """Return the jobs that have waited longest and lock them; those that another forwarder has are left out."""
    return _read(WAITING, most)


def due_again(most: int) -> Flow[list[OutboxJob]]:
    """Return jobs that were postponed and are to be tried again, and lock them as `waiting` does."""
    return _read(DUE_AGAIN, most)


def refused(*, most: int = 1_000) -> Flow[list[OutboxJob]]:
    """Return the jobs that were set aside, oldest first; `refusal` says why, and `retry_at` whether for good."""
    return _read(REFUSED, most)


def _read(statement: str, most: int) -> Flow[list[OutboxJob]]:
    found = yield Statement(statement, [str(most)])
    return [read(OutboxJob, json.loads(row)) for row in found]


def release(*keys: str) -> Flow[int]:
    """Let jobs that were set aside be submitted again: those with these keys, or all. Return how many there were."""
    some = Statement(RELEASE_SOME, [json.dumps(keys)])
    released = yield some if keys else Statement(RELEASE_ALL)
    return len(released)


def remove(jobs: Iterable[OutboxJob]) -> Flow[None]:
    """Delete jobs that Bellhop has accepted."""
    yield Statement(REMOVE, [f"{{{','.join(str(job.number) for job in jobs)}}}"])


def set_aside(refusals: Mapping[int, str]) -> Flow[None]:
    """Mark jobs as refused, by their numbers, with the reason of each."""
    yield Statement(SET_ASIDE, [_reasons(refusals)])


def postpone(failures: Mapping[int, str]) -> Flow[None]:
    """Mark jobs as to be tried again later, by their numbers, with the answer to each."""
    yield Statement(POSTPONE, [_reasons(failures)])


def _reasons(reasons: Mapping[int, str]) -> str:
    told = ((number, reason.replace("\0", "")[:LONGEST_REFUSAL]) for number, reason in reasons.items())
    return json.dumps([{"number": number, "refusal": reason} for number, reason in told])
