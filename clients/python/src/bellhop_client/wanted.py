"""What a submission may say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bellhop_client.writing import Seconds, given, moment, seconds


@dataclass(frozen=True)
class JobRequest:
    """A job that is wanted. What is None is as its task says.

    It is due now, at `run_at`, or after `delay`. Of those that wait in a queue, priority 9 goes first and 0 last.
    If it has not begun by `expires`, it is cancelled. `queue`, `max_attempts` and `timeout` (seconds until a run is
    interrupted) may be set where the task allows it. With a `key`, it is one job in whichever call of `submit_many` it
    comes, and the same one as that of `submit` with this key.
    """

    task: str
    args: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)
    run_at: datetime | None = field(default=None, kw_only=True)
    delay: Seconds | None = field(default=None, kw_only=True)
    priority: int | None = field(default=None, kw_only=True)
    queue: str | None = field(default=None, kw_only=True)
    tags: Sequence[str] | None = field(default=None, kw_only=True, hash=False)
    label: str | None = field(default=None, kw_only=True)
    expires: datetime | None = field(default=None, kw_only=True)
    max_attempts: int | None = field(default=None, kw_only=True)
    timeout: Seconds | None = field(default=None, kw_only=True)
    key: str | None = field(default=None, kw_only=True)

    def body(self) -> dict[str, Any]:
        """Return it as the API takes it. Raises ValueError, which names the field."""
        return given(
            task=self.task,
            args=dict(self.args),
            run_at=moment("run_at", self.run_at),
            delay=seconds(self.delay),
            priority=self.priority,
            queue=self.queue,
            tags=None if self.tags is None else list(self.tags),
            label=self.label,
            expires=moment("expires", self.expires),
            max_attempts=self.max_attempts,
            timeout=seconds(self.timeout),
            key=self.key,
        )
