"""Messages: how Redis is told that jobs are ready. A message names jobs and carries no truth of its own."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from bellhop.priority import HIGHEST_PRIORITY
from bellhop_ledger.platform.policies import policy_of

SUMMARY_LENGTH = 100


@dataclass(frozen=True)
class Hint:
    """One job that is ready, as the ledger's statements return it."""

    id: UUID
    task: str
    queue: str
    priority: int
    suspect: bool
    summary: str
    """The beginning of its arguments, for people who look at Flower."""


HINT_COLUMNS = f"j.id, j.task, j.queue, j.priority, j.suspect, left(j.args::text, {SUMMARY_LENGTH}) AS summary"


def lots(hints: Iterable[Hint]) -> Iterator[Sequence[Hint]]:
    """Group jobs by the message that will name them: several where the task allows it."""
    groups: dict[tuple[str, str, int], list[Hint]] = defaultdict(list)
    for hint in hints:
        if hint.suspect or policy_of(hint.task).batch == 1:
            yield (hint,)
        else:
            groups[hint.task, hint.queue, hint.priority].append(hint)
    for (task, _, _), group in groups.items():
        yield from cut(policy_of(task).batch, group)


def cut(size: int, group: Sequence[Hint]) -> Iterator[Sequence[Hint]]:
    """Cut a list into pieces of at most `size`."""
    return (group[start : start + size] for start in range(0, len(group), size))


def redis_priority(priority: int) -> int:
    """Turn ours (9 is first) into that of kombu's Redis transport (0 is first)."""
    return HIGHEST_PRIORITY - priority
