"""Messages: they tell workers that jobs are ready. A message names jobs; the ledger says what is true of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from bellhop.priority import HIGHEST_PRIORITY
from bellhop_ledger.platform.policies import policy_of

SUMMARY_LENGTH = 100


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
    """Yield the jobs of each message: several of one task, queue and priority where the task allows it."""
    groups: dict[tuple[str, str, int], list[ReadyJob]] = defaultdict(list)
    for job in jobs:
        if job.suspect or policy_of(job.task).batch == 1:
            yield (job,)
        else:
            groups[job.task, job.queue, job.priority].append(job)
    for (task, _, _), group in groups.items():
        yield from chunked(group, policy_of(task).batch)


def chunked(jobs: Sequence[ReadyJob], size: int) -> Iterator[Sequence[ReadyJob]]:
    """Split jobs into sequences of at most `size`, in their order."""
    return (jobs[start : start + size] for start in range(0, len(jobs), size))


def redis_priority(priority: int) -> int:
    """Turn ours (9 is first) into that of kombu's Redis transport (0 is first)."""
    return HIGHEST_PRIORITY - priority
