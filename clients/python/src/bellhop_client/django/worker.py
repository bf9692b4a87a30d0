"""The tasks of a Django project as tasks of Bellhop: a plug-in, for workers only.

A worker with `BELLHOP_PLUGINS=bellhop_client.django.worker` and the project's `DJANGO_SETTINGS_MODULE` runs each task
whose backend is Bellhop's. This module alone of the client imports `bellhop`, which a worker has.
"""

import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django
from django.db import close_old_connections, connections, reset_queries
from django.utils import timezone

from bellhop.decorators import Task as BellhopTask
from bellhop.errors import Permanent
from bellhop.plugin import Plugin
from bellhop.signature import Retry, register
from bellhop_client.django.backend import BellhopBackend, priority_of
from bellhop_client.django.declared import declared, is_by_name, parameters_of, policy_of, unpacked
from bellhop_client.django.framework import (
    Task,
    TaskContext,
    TaskResult,
    TaskResultStatus,
    normalize_json,
    task_finished,
    task_started,
)
from bellhop_client.django.results import new_result

plugin = Plugin("django", tasks=__name__)
SHOWN = (type(None), bool, int, float, str)
"""Types of defaults that a schema can show."""
SECONDS_TO_TIDY_UP = 30.0
"""Between the interrupt of a task and the end of its process, as for all tasks of Bellhop."""


def register_all() -> None:
    """Set the project up, and register its tasks with this worker."""
    django.setup()
    for name, task in sorted(declared.items()):
        register(bellhop_task(name, task))
    connections.close_all()  # the processes of the worker are forked from this one


def bellhop_task(name: str, task: Task) -> BellhopTask[..., Any]:
    """Return a task of Django as one of Bellhop."""
    policy = policy_of(task)
    timeout = float(policy.get("timeout", 60))
    return BellhopTask(
        name,
        body_of(task),
        queue=task.queue_name,
        priority=priority_of(task),
        retry=Retry(attempts=policy.get("attempts", 1)),
        soft_limit=timeout,
        hard_limit=timeout + SECONDS_TO_TIDY_UP,
        keep=policy.get("keep"),
        overridable=("expires", "label", "queue", "tags"),
        given=("run",),
    )


def body_of(task: Task) -> Callable[..., Any]:
    """Return what runs a task, with the signature that Bellhop reads: all arguments by name, of whichever type."""

    def body(run: Any, **_: Any) -> Any:
        return perform(task, run)

    names = dict(_arguments(task))
    run = inspect.Parameter("run", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    by_name = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=names[name]) for name in names]
    body.__signature__ = inspect.Signature([run, *by_name])  # type: ignore[attr-defined]
    body.__annotations__ = dict.fromkeys((*names, "return"), Any)
    body.__doc__ = inspect.getdoc(task.func)
    return body


def _arguments(task: Task) -> Iterator[tuple[str, Any]]:
    """Yield the name of each argument and its default."""
    if not is_by_name(task):
        yield from {"args": (), "kwargs": None}.items()
        return
    for parameter in parameters_of(task):
        known = parameter.default is inspect.Parameter.empty or isinstance(parameter.default, SHOWN)
        yield parameter.name, parameter.default if known else None


def perform(task: Task, run: Any) -> Any:
    """Run a task as the job that `run` is of, and send Django's signals."""
    args, kwargs = unpacked(task, json.loads(run.job.args))  # those that were given: the function has its own defaults
    now = timezone.now()
    result = new_result(
        task, str(run.job.id), args, kwargs, status=TaskResultStatus.RUNNING, started_at=now, last_attempted_at=now,
        worker_ids=[str(run.job.id)] * run.job.attempt,
    )  # fmt: skip
    context = [TaskContext(task_result=result)] if task.takes_context else []
    with fresh_connections(), signals(result, is_last=run.job.attempt >= run.job.max_attempts):
        returned = normalize_json(task.call(*context, *args, **kwargs))
        object.__setattr__(result, "_return_value", returned)
    return returned


@contextmanager
def fresh_connections() -> Iterator[None]:
    """Treat connections to databases as Django does around each request."""
    reset_queries()
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


@contextmanager
def signals(result: TaskResult, *, is_last: bool) -> Iterator[None]:
    """Send `task_started`, and `task_finished` unless the task is tried again."""
    task_started.send(BellhopBackend, task_result=result)
    try:
        yield
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        if is_last or isinstance(error, Permanent):
            _finish(result, TaskResultStatus.FAILED)
        raise
    _finish(result, TaskResultStatus.SUCCESSFUL)


def _finish(result: TaskResult, status: TaskResultStatus) -> None:
    object.__setattr__(result, "status", status)
    object.__setattr__(result, "finished_at", timezone.now())
    task_finished.send(BellhopBackend, task_result=result)


register_all()
