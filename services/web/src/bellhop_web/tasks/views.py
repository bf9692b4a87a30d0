"""Views: how a task reads from outside."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from bellhop.signature import Mode
from bellhop_ledger.platform.secrets import masked
from bellhop_ledger.tasks.known import Snapshot
from bellhop_ledger.tasks.task import Task
from bellhop_web.http.times import Utc


class DeclaredView(BaseModel):
    """A schedule that is declared with a task."""

    key: str = Field(description="Which of the task's it is; empty where it is the only one")
    interval_seconds: int | None = Field(description="Equal steps; null where it has a crontab")
    crontab: str | None
    args: dict[str, Any] = Field(description="The task's arguments by name")


class TaskView(BaseModel):
    """A task: its contract and its policy."""

    name: str
    description: str = Field(description="What it does, and why repeating it is safe")
    queue: str = Field(description="Where its jobs wait: says what the work is like")
    served: bool = Field(description="Whether a worker takes jobs from this queue; otherwise they wait")
    mode: Mode = Field(
        description="`atomic`: the claim, the work and the end are one transaction; `leased`: for work that is long "
        "or reaches outside"
    )
    is_async: bool = Field(description="Whether its body is a coroutine function, of which hundreds run side by side")
    priority: int = Field(description="0 (can wait) to 9 (first), where a submission says nothing else")
    max_attempts: int = Field(description="How often a job is tried")
    attempts_argument: str | None = Field(
        description="The argument by which a job says how often it is tried again; `max_attempts` is the most"
    )
    soft_limit: float = Field(description="Seconds until a run is interrupted")
    hard_limit: float = Field(description="Seconds until the process of a run is killed")
    batch: int = Field(description="How many of its jobs one message may name, where they turn out to be short")
    limit_key: str | None = Field(
        description="What its jobs can be paused by besides its name, such as the host of an argument"
    )
    keep_seconds: float | None = Field(
        description="Seconds for which its ended jobs are kept; null: as long as others (RETENTION_HOURS)"
    )
    quiet: bool = Field(description="Whether its successes are of no interest, so that lists leave them out")
    overridable: list[str] = Field(
        description="What a submission may say of its own job: of `expires`, `label`, `max_attempts`, `queue`, `tags` "
        "and `timeout`"
    )
    schedules: list[DeclaredView] = Field(description="The schedules that are declared with it")
    secrets: list[str] = Field(description="Arguments that are stored encrypted and shown as `***`")
    plugin: str = Field(description="What it belongs to; `bellhop` is Bellhop itself")
    release: str = Field(description="Which release of the workers published it")
    is_endpoint: bool = Field(
        description="Whether its body is a service that is called over HTTP: `GET /api/tasks/<name>` shows which"
    )
    last_seen: Utc | None = Field(
        description="When a worker of that release was last seen; null for an HTTP endpoint, which any worker calls"
    )
    arguments: dict[str, Any] = Field(description="JSON Schema of `args`")
    returns: dict[str, Any] = Field(description="JSON Schema of `result`")


class TasksView(BaseModel):
    """All tasks, by name."""

    tasks: list[TaskView]


def view_of(task: Task, known: Snapshot) -> TaskView:
    """Return how a task reads."""
    manifest, policy = task.manifest, task.manifest.policy
    return TaskView(
        name=task.name,
        description=manifest.description,
        queue=task.queue,
        served=task.queue in known.served,
        mode=Mode(policy.mode),
        is_async=policy.is_async,
        priority=policy.priority,
        max_attempts=policy.attempts,
        attempts_argument=policy.attempts_argument,
        soft_limit=policy.soft_limit,
        hard_limit=policy.hard_limit,
        batch=policy.largest_batch,
        limit_key=policy.limit_key,
        keep_seconds=policy.keep,
        quiet=policy.quiet,
        overridable=list(policy.overridable),
        schedules=[_declared(key, rule) for key, rule in manifest.schedules.items()],
        secrets=sorted(manifest.secrets),
        plugin=manifest.plugin,
        release=task.release,
        is_endpoint=policy.is_endpoint,
        last_seen=None if policy.is_endpoint else known.releases[task.release],
        arguments=manifest.arguments,
        returns=manifest.result,
    )


def _declared(key: str, rule: Mapping[str, Any]) -> DeclaredView:
    args = masked(dict(rule["args"]))
    return DeclaredView(key=key, interval_seconds=rule.get("seconds"), crontab=rule.get("crontab"), args=args)
