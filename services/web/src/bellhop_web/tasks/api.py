"""Routes of /api/tasks: what can be asked for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response
from pydantic import BaseModel, Field

from bellhop.signature import Mode
from bellhop_ledger.platform.secrets import masked
from bellhop_ledger.tasks.known import known_tasks
from bellhop_ledger.tasks.task import Task
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.http.answers import respond
from bellhop_web.http.times import Utc
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("tasks", "/api/tasks", access=Access.OWN)


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
    mode: Mode = Field(
        description="`atomic`: the claim, the work and the end are one transaction; `leased`: for work that is long "
        "or reaches outside"
    )
    is_async: bool = Field(description="Whether its body is a coroutine function, of which hundreds run side by side")
    max_attempts: int = Field(description="How often a job is tried")
    soft_limit: float = Field(description="Seconds until a run is interrupted")
    hard_limit: float = Field(description="Seconds until the process of a run is killed")
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


@bp.get("", responses=answers(200, TasksView))
def list_tasks() -> Response:
    """List the tasks with the JSON Schema of their arguments: all of them, or to members those that they may submit."""
    known, caller = known_tasks().current(), current_caller()
    shown = [task for task in known.tasks.values() if caller.may_submit(task.name)]
    return respond(TasksView(tasks=[_view(task, known.releases[task.release]) for task in shown]))


def _view(task: Task, last_seen: datetime) -> TaskView:
    manifest, policy = task.manifest, task.manifest.policy
    return TaskView(
        name=task.name,
        description=manifest.description,
        queue=task.queue,
        mode=Mode(policy.mode),
        is_async=policy.is_async,
        max_attempts=policy.attempts,
        soft_limit=policy.soft_limit,
        hard_limit=policy.hard_limit,
        overridable=list(policy.overridable),
        schedules=[_declared(key, rule) for key, rule in manifest.schedules.items()],
        secrets=sorted(manifest.secrets),
        plugin=manifest.plugin,
        release=task.release,
        is_endpoint=policy.is_endpoint,
        last_seen=None if policy.is_endpoint else last_seen,
        arguments=manifest.arguments,
        returns=manifest.result,
    )


def _declared(key: str, rule: Mapping[str, Any]) -> DeclaredView:
    args = masked(dict(rule["args"]))
    return DeclaredView(key=key, interval_seconds=rule.get("seconds"), crontab=rule.get("crontab"), args=args)
