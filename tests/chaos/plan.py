"""The plan of a drill: which jobs are submitted and which faults happen when, all of it by one seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

KINDS = {
    "chaos.atomic": 30,
    "chaos.leased": 20,
    "chaos.outside": 15,
    "chaos.async": 15,
    "chaos.recovers": 10,
    "chaos.breaks": 10,
}
"""The tasks, and how many of a hundred jobs are theirs."""
LARGEST_BATCH = 60
BATCHES, DELAYED, SLOW, CANCELLED, RETRIED = 0.3, 0.1, 0.05, 0.05, 0.5
"""Shares: of batches among the requests; of jobs that have a date, are slow, are cancelled; of operators' retries."""

WORKERS, SCHEDULERS, WEB = ("worker", "worker-2"), ("scheduler", "scheduler-2"), ("web",)
FAULTS: dict[str, tuple[tuple[str, ...], int]] = {
    "killed": (WORKERS + SCHEDULERS + WEB, 5),
    "main_killed": (WORKERS + WEB, 3),
    "child_killed": (WORKERS + WEB, 6),
    "stopped": (WORKERS + SCHEDULERS + WEB, 4),
    "frozen": (WORKERS + SCHEDULERS + WEB, 4),
    "main_frozen": (WORKERS + WEB, 2),
    "child_frozen": (WORKERS + WEB, 3),
    "redis_emptied": (("redis",), 3),
    "redis_killed": (("redis",), 2),
    "redis_frozen": (("redis",), 1),
    "postgres_restarted": (("postgres",), 1),
    "postgres_crashed": (("postgres",), 1),
    "backend_killed": (("postgres",), 1),
}
"""What may happen to whom, and how often beside the others."""
FIRST_FAULT = 2.0
PAUSES = 1.0, 5.0
"""Seconds between two faults."""
OUTAGES = 0.2, 6.0
"""Seconds for which a fault lasts."""


@dataclass(frozen=True)
class Wish:
    """One job that somebody wants, and what people do about it afterwards."""

    body: dict[str, Any]
    cancel_after: float | None
    retry_after: float | None

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return str(self.body["args"]["key"])


@dataclass(frozen=True)
class Submission:
    """One request: a job, or a batch."""

    at: float
    wishes: tuple[Wish, ...]


@dataclass(frozen=True)
class Fault:
    """What happens to whom, from when until when. `place` chooses one of its processes."""

    at: float
    until: float
    name: str
    target: str
    place: int


@dataclass(frozen=True)
class Plan:
    """All of a drill."""

    seed: int
    seconds: float
    submissions: Sequence[Submission]
    faults: Sequence[Fault]

    @classmethod
    def of(cls, seed: int, jobs: int, seconds: float) -> "Plan":
        """Make the plan that belongs to this seed."""
        requests = list(_requests(Random(f"{seed} jobs"), jobs))
        pace = seconds / len(requests)
        submissions = [Submission(number * pace, wishes) for number, wishes in enumerate(requests)]
        return cls(seed, seconds, submissions, list(_faults(Random(f"{seed} faults"), seconds)))


def _requests(random: Random, jobs: int) -> Iterator[tuple[Wish, ...]]:
    made = 0
    while made < jobs:
        size = random.randint(2, LARGEST_BATCH) if random.random() < BATCHES else 1
        size = min(size, jobs - made)
        yield tuple(_wish(random, f"job-{made + place}") for place in range(size))
        made += size


def _wish(random: Random, key: str) -> Wish:
    [task] = random.choices(list(KINDS), list(KINDS.values()))
    seconds = round(random.uniform(0.1, 1.5), 2) if random.random() < SLOW else random.choice([0, 0, 0, 0.01])
    body = {"task": task, "args": {"key": key, "seconds": seconds}, "priority": random.randint(0, 9)}
    if random.random() < DELAYED:
        body["delay"] = round(random.uniform(0.1, 8), 1)
    cancel = random.uniform(0, 5) if random.random() < CANCELLED else None
    can_be_retried = cancel is not None or task == "chaos.breaks"
    retry = random.uniform(3, 9) if can_be_retried and random.random() < RETRIED else None
    return Wish(body, cancel, retry)


def _faults(random: Random, seconds: float) -> Iterator[Fault]:
    """Yield faults one after another; they overlap, but none begins at a part that another one has broken."""
    at, broken = FIRST_FAULT, dict[str, float]()
    while at < seconds:
        [name] = random.choices(list(FAULTS), [weight for _, weight in FAULTS.values()])
        target, lasts, place = random.choice(FAULTS[name][0]), random.uniform(*OUTAGES), random.randrange(1000)
        if broken.get(target, 0) <= at:
            broken[target] = at + lasts
            yield Fault(at, at + lasts, name, target, place)
        at += random.uniform(*PAUSES)
