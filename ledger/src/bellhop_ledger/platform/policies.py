"""What the engine's lower floors must know of a task: whoever reads the tasks leaves it here for this process."""

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


UNKNOWN = Policy()
policies: dict[str, Policy] = {}
"""By the name of the task. What is not in here is treated like any task."""
run_times: dict[str, float] = {}
MESSAGE_SECONDS = 0.1
"""The work that one message brings at the most, as far as run times can tell."""


def remember(manifests: Iterable[Manifest]) -> None:
    """Note the policies of these tasks for this process."""
    found = {one.name: one.policy for one in manifests}
    policies.update(
        {name: Policy(one.batch, one.largest_batch, one.quiet, one.is_async) for name, one in found.items()}
    )


def remember_run_times(seconds: Mapping[str, float]) -> None:
    """Note for this process within how many seconds nearly all runs of these tasks end."""
    run_times.update(seconds)


def policy_of(task: str) -> Policy:
    """Return a task's policy, or that of any task."""
    return policies.get(task, UNKNOWN)


def async_tasks() -> list[str]:
    """Return the names of the tasks whose bodies are coroutine functions."""
    return [name for name, policy in policies.items() if policy.is_async]


def batch_of(task: str) -> int:
    """Return how many jobs of a task one message may name: as many as end within MESSAGE_SECONDS."""
    policy, seconds = policy_of(task), run_times.get(task)
    if seconds is None:
        return policy.batch
    return max(1, min(policy.largest_batch, int(MESSAGE_SECONDS / max(seconds, 1e-6))))
