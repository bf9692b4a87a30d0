"""What the engine's lower floors must know of a task: whoever reads the tasks leaves it here for this process."""

from collections.abc import Iterable
from dataclasses import dataclass

from bellhop.manifest import Manifest


@dataclass(frozen=True)
class Policy:
    """As much of a task as its messages, counts and logs need."""

    batch: int = 1
    """How many jobs one message may name."""
    quiet: bool = False
    """Whether its successes are of no interest."""
    is_async: bool = False
    """Whether its body is a coroutine function."""


UNKNOWN = Policy()
policies: dict[str, Policy] = {}
"""By the name of the task. What is not in here is treated like any task."""


def remember(manifests: Iterable[Manifest]) -> None:
    """Note the policies of these tasks for this process."""
    policies.update({one.name: Policy(one.policy.batch, one.policy.quiet, one.policy.is_async) for one in manifests})


def policy_of(task: str) -> Policy:
    """Return a task's policy, or that of any task."""
    return policies.get(task, UNKNOWN)


def async_tasks() -> list[str]:
    """Return the names of the tasks whose bodies are coroutine functions."""
    return [name for name, policy in policies.items() if policy.is_async]
