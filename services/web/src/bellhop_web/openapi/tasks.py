"""The tasks in the OpenAPI document: what a submission of each takes, by its name.

These schemas stand beside those of the requests, where generators of clients do not look. In a request's own schema,
as one of several, each would become a class of its own, and a client would have to be generated anew with every task.
"""

from collections.abc import Mapping
from typing import Any

from bellhop.signature import OVERRIDES
from bellhop_ledger.tasks.task import Task

BESIDE = "x-schemas"
"""Of the components: schemas that no operation refers to."""
LISTED = "x-tasks"
"""Of a request's schema: where the schema of each task stands, by the task's name."""
SUBMISSIONS = ("JobRequest", "BatchJob", "NewSchedule")
"""The requests that name a task and its arguments."""


def add_tasks(schemas: dict[str, Any], tasks: Mapping[str, Task]) -> dict[str, Any]:
    """Refer to the schema of each task where a request names one, and return these schemas."""
    of_tasks: dict[str, Any] = {}
    references = {}
    for name in sorted(tasks):
        of_tasks[f"JobRequest.{name}"] = _request_for(tasks[name], of_tasks)
        references[name] = f"#/components/{BESIDE}/JobRequest.{name}"
    for request in SUBMISSIONS:
        schemas[request][LISTED] = references
    return of_tasks


def _request_for(task: Task, of_tasks: dict[str, Any]) -> dict[str, Any]:
    prefix = f"JobRequest.{task.name}"
    arguments = _moved(task.manifest.arguments, f"#/components/{BESIDE}/{prefix}.")
    of_tasks.update({f"{prefix}.{name}": schema for name, schema in arguments.pop("$defs", {}).items()})
    overrides = _overrides_for(task)  # a job's stand beside its arguments, those of a schedule's jobs in an object
    said = {"task": {"const": task.name}, "args": arguments, "overrides": {"properties": overrides}, **overrides}
    return {
        "description": task.manifest.description,
        "type": "object",
        "properties": said,
        "required": ["task", "args"] if arguments.get("required") else ["task"],
    }


def _overrides_for(task: Task) -> dict[str, Any]:
    """Return what a submission may say of its own job, where that is not so for all tasks."""
    closed: dict[str, Any] = {name: {"type": "null"} for name in OVERRIDES if name not in task.overridable}
    most = {"timeout": task.soft_limit} | ({"max_attempts": 1} if task.manifest.policy.attempts == 1 else {})
    return {name: {"type": ["number", "null"], "maximum": limit} for name, limit in most.items()} | closed


def _moved(schema: Any, place: str) -> Any:
    """Return a copy of a schema whose definitions stand in another place."""
    if isinstance(schema, list):
        return [_moved(one, place) for one in schema]
    if not isinstance(schema, dict):
        return schema
    moved = {key: _moved(value, place) for key, value in schema.items()}
    if isinstance(reference := schema.get("$ref"), str):
        moved["$ref"] = reference.replace("#/$defs/", place)
    return moved
