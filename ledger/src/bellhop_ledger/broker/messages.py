"""Messages: they announce ready jobs to workers. A message only names jobs; the ledger has their state."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from bellhop.priority import HIGHEST_PRIORITY
from bellhop_ledger.platform.policies import batch_of, policy_of

SUMMARY_LENGTH = 100
ASYNC = ":async"
SIDE_BY_SIDE = 20
"""Jobs that a message of an async task may name."""


@dataclass(frozen=True)
class ReadyJob:
    """One job that is ready, as READY_JOB_COLUMNS select it."""

    id: UUID
    task: str
    queue: str
    priority: int
    suspect: bool
    summary: str
    """The beginning of its arguments, for people who look at Flower."""


READY_JOB_COLUMNS = f"j.id, j.task, j.queue, j.priority, j.suspect, left(j.args::text, {SUMMARY_LENGTH}) AS summary"


def batches(jobs: Iterable[ReadyJob]) -> Iterator[Sequence[ReadyJob]]:
    """Yield the jobs of each message: several of one task, queue and priority where its runs are short."""
    groups: dict[tuple[str, str, int], list[ReadyJob]] = defaultdict(list)
    for job in jobs:
        if job.suspect or most_in_one(job.task) == 1:
            yield (job,)
        else:
            groups[job.task, job.queue, job.priority].append(job)
    for (task, _, _), group in groups.items():
        yield from chunked(group, most_in_one(task))


def most_in_one(task: str) -> int:
    """Return how many jobs of a task one message may name; async ones run side by side, so none waits for another."""
    policy = policy_of(task)
    return max(policy.batch, SIDE_BY_SIDE) if policy.is_async else batch_of(task)


def queue_of(job: ReadyJob) -> str:
    """Return the queue of Redis that takes the message of a job.

    Async jobs have one of their own beside that of their queue, for a worker may have room for one kind and none for
    the other. One that may have crashed its process runs alone, in a process of the pool, like any other.
    """
    return apart(job.queue) if policy_of(job.task).is_async and not job.suspect else job.queue


def apart(queue: str) -> str:
    """Return the queue of Redis in which the async jobs of a queue wait."""
    return f"{queue}{ASYNC}"


def chunked(jobs: Sequence[ReadyJob], size: int) -> Iterator[Sequence[ReadyJob]]:
    """Split jobs into sequences of at most `size`, in their order."""
    return (jobs[start : start + size] for start in range(0, len(jobs), size))


def redis_priority(priority: int) -> int:
    """Turn ours (9 is first) into that of kombu's Redis transport (0 is first)."""
    return HIGHEST_PRIORITY - priority
