"""Declared tasks: those of Django that this process knows, with their names and arguments in Bellhop.

A task has the name of its path, `shop.tasks.render`, unless `@policy` gives it another. Its arguments are those of its
function, by their names. Where a function takes others than by name, they are `args` and `kwargs`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from inspect import Parameter, signature
from typing import Any, TypeVar

from bellhop_client.django.framework import InvalidTask, Task

F = TypeVar("F", bound=Callable[..., Any])
BY_NAME = {Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY}
POLICY = "_bellhop_policy"

declared: dict[str, Task] = {}
"""By their names in Bellhop."""


def policy(
    *,
    name: str | None = None,
    attempts: int | None = None,
    timeout: float | None = None,
    keep: timedelta | None = None,
) -> Callable[[F], F]:
    """Declare below `@task` what Django has no word for.

    `name` is that of the task in Bellhop. It is tried up to `attempts` times (1), and interrupted after `timeout`
    seconds (60). Its jobs are kept for so long after their end.
    """
    given = {"name": name, "attempts": attempts, "timeout": timeout, "keep": keep}

    def note(function: F) -> F:
        setattr(function, POLICY, {key: value for key, value in given.items() if value is not None})
        return function

    return note


def policy_of(task: Task) -> Mapping[str, Any]:
    """Return what `@policy` says of a task."""
    found: Mapping[str, Any] = getattr(task.func, POLICY, {})
    return found


def name_of(task: Task) -> str:
    """Return the name of a task in Bellhop."""
    return str(policy_of(task).get("name") or task.module_path)


def declare(task: Task) -> None:
    """Note a task when it is first seen, before `using()` changes it. Raises InvalidTask for a name given twice."""
    known = declared.setdefault(name_of(task), task)
    if known.module_path != task.module_path:
        raise InvalidTask(f"{known.module_path} and {task.module_path} have the same name: {name_of(task)}")


def parameters_of(task: Task) -> list[Parameter]:
    """Return the parameters of a task's function, without the context."""
    return list(signature(task.func).parameters.values())[task.takes_context :]


def is_by_name(task: Task) -> bool:
    """Whether all arguments of a task can be written by their names."""
    return all(parameter.kind in BY_NAME for parameter in parameters_of(task))


def packed(task: Task, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call as those of a job. Raises TypeError as the call would."""
    bound = signature(task.func).bind(*[None] * task.takes_context, *args, **kwargs)
    if not is_by_name(task):
        return {"args": list(args), "kwargs": dict(kwargs)}
    names = {parameter.name for parameter in parameters_of(task)}
    return {name: value for name, value in bound.arguments.items() if name in names}


def unpacked(task: Task, args: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of a job as those of a call."""
    if is_by_name(task):
        return [], dict(args)
    return list(args.get("args") or ()), dict(args.get("kwargs") or {})
