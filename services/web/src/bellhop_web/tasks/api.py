"""Routes of /api/tasks: what can be asked for."""

from typing import Any

from flask import Response
from pydantic import BaseModel, Field

from bellhop.signature import Mode, Signature, registry
from bellhop_ledger.schedules import Cron, Every
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("tasks", "/api/tasks")


class TaskView(BaseModel):
    """A task: its contract and its policy."""

    name: str
    description: str = Field(description="What it does, and why repeating it is safe")
    queue: str = Field(description="Where its jobs wait: says what the work is like")
    mode: Mode = Field(
        description="`atomic`: the claim, the work and the end are one transaction; `leased`: for work that is long "
        "or reaches outside"
    )
    max_attempts: int = Field(description="How often a job is tried")
    soft_limit: float = Field(description="Seconds until a run is interrupted")
    hard_limit: float = Field(description="Seconds until the process of a run is killed")
    every: float | None = Field(description="Seconds between two runs of the schedule that it declares")
    crontab: str | None = Field(description="The crontab of the schedule that it declares")
    arguments: dict[str, Any] = Field(description="JSON Schema of `args`")
    returns: dict[str, Any] = Field(description="JSON Schema of `result`")


class TasksView(BaseModel):
    """All tasks, by name."""

    tasks: list[TaskView]


@bp.get("", responses=answers(200, TasksView))
def list_tasks() -> Response:
    """List every task with the JSON Schema of its arguments."""
    return respond(TasksView(tasks=[_view(registry[name]) for name in sorted(registry)]))


def _view(task: Signature[..., Any]) -> TaskView:
    return TaskView(
        name=task.name,
        description=task.description,
        queue=task.queue,
        mode=task.mode,
        max_attempts=task.retry.attempts,
        soft_limit=task.soft_limit,
        hard_limit=task.hard_limit,
        every=task.every.seconds if isinstance(task.every, Every) else None,
        crontab=task.every.crontab if isinstance(task.every, Cron) else None,
        arguments=task.arguments.model_json_schema(),
        returns=task.returns.json_schema(mode="serialization"),
    )
