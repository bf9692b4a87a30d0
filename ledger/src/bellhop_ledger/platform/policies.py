"""What the engine's lower floors must know of a task: whoever reads the tasks leaves it here for this process."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bellhop.manifest import Manifest
from bellhop.signature import LARGEST_BATCH


@dataclass(frozen=True)
class Policy:
    """As much of a task as its messages, counts and logs need."""

    batch: int = 1
    """How many jobs one message names while nobody has measured how long they take."""
    largest_batch: int = LARGEST_BATCH
    """How many it may name at most."""
    quiet: bool = False
    """Whether its successes are of no interest."""
    is_async: bool = False
    """Whether its body is a coroutine function."""


@dataclass(frozen=True)
class RunTime:
    """How long the runs of a task take, in seconds."""

    mean: float
    deviation: float
    """The mean distance from the mean."""

    def jobs_within(self, seconds: float) -> int:
        """Return how many jobs end within so many seconds, one after another, nearly always.

        The deviation of a sum grows with the root of its number: n * mean + 4 * sqrt(n) * deviation = seconds.
        """
        spread = 2 * self.deviation
        root = seconds / (spread + math.sqrt(spread**2 + seconds * max(self.mean, 1e-6)))
        return int(root**2)


UNKNOWN = Policy()
policies: dict[str, Policy] = {}
"""By the name of the task. What is not in here is treated like any task."""
run_times: dict[str, RunTime] = {}
MESSAGE_SECONDS = 0.1
"""The work in one message, at most, judging by run times."""


def remember(manifests: Iterable[Manifest]) -> None:
    """Note the policies of these tasks for this process."""
    found = {one.name: one.policy for one in manifests}
    policies.update(
        {name: Policy(one.batch, one.largest_batch, one.quiet, one.is_async) for name, one in found.items()}
    )


def remember_run_times(measured: Mapping[str, RunTime]) -> None:
    """Note for this process how long the runs of these tasks take."""
    run_times.update(measured)


def policy_of(task: str) -> Policy:
    """Return a task's policy, or that of any task."""
    return policies.get(task, UNKNOWN)


def async_tasks() -> list[str]:
    """Return the names of the tasks whose bodies are coroutine functions."""
    return [name for name, policy in policies.items() if policy.is_async]


def batch_of(task: str) -> int:
    """Return how many jobs of a task one message may name: as many as end within MESSAGE_SECONDS."""
    policy, measured = policy_of(task), run_times.get(task)
    if measured is None:
        return policy.batch
    return max(1, min(policy.largest_batch, measured.jobs_within(MESSAGE_SECONDS)))
