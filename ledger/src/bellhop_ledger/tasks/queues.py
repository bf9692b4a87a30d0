"""Queues that nobody serves: what waits there does not begin before a worker takes it."""

from dataclasses import dataclass

from bellhop_ledger.tasks.known import known_tasks


@dataclass(frozen=True)
class UnservedQueue:
    """A queue of known tasks from which no living worker takes jobs."""

    queue: str
    tasks: list[str]


def unserved_queues() -> list[UnservedQueue]:
    """Return the queues of known tasks that no worker serves, by their names."""
    snapshot = known_tasks().current()
    queues = sorted({task.queue for task in snapshot.tasks.values()} - snapshot.served)
    return [UnservedQueue(one, [task.name for task in snapshot.tasks.values() if task.queue == one]) for one in queues]
