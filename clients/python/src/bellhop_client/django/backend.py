"""The backend: what `task.enqueue()` does in a project whose TASKS name it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import ceil, floor
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.utils import timezone

from bellhop_client.configured import URL
from bellhop_client.django.declared import declare, declared, name_of, packed
from bellhop_client.django.framework import (
    BaseTaskBackend,
    InvalidTaskBackend,
    Task,
    TaskResult,
    TaskResultDoesNotExist,
    normalize_json,
    task_enqueued,
)
from bellhop_client.django.project import client
from bellhop_client.django.results import new_result, result_of
from bellhop_client.errors import NotFound
from bellhop_client.transactions import Transaction

OPTIONS = ("DATABASE", "SCHEMA")
FIRST, LAST, MIDDLE = 9, 0, 5
"""Bellhop's priorities, for 100, -100 and 0 of Django's."""


class BellhopBackend(BaseTaskBackend):
    """Submits tasks to Bellhop.

    With OPTIONS {"DATABASE": "default"}, the alias of the database that has Bellhop's tables, a task is enqueued in the
    transaction of that connection; SCHEMA is where the tables are ("bellhop"). Without it, over HTTP and at once.
    """

    supports_defer = True
    supports_async_task = True
    supports_priority = True

    def __init__(self, alias: str, params: Mapping[str, Any]):
        super().__init__(alias, params)
        if unknown := sorted(set(self.options) - set(OPTIONS)):
            raise InvalidTaskBackend(f"TASKS: {alias}: OPTIONS has {', '.join(OPTIONS)}, not {unknown[0]}")
        self.database: str | None = self.options.get("DATABASE")
        self.schema: str = self.options.get("SCHEMA", "bellhop")

    @property
    def supports_get_result(self) -> bool:
        """Whether results can be had: over HTTP only, for a login of the database may submit and no more."""
        return bool(getattr(settings, URL, None))

    def validate_task(self, task: Task) -> None:
        """Raise InvalidTask for what cannot be a task."""
        super().validate_task(task)
        declare(task)

    def enqueue(self, task: Task, args: Sequence[Any], kwargs: Mapping[str, Any]) -> TaskResult:
        """Submit a job. Raises as a client does, and TypeError for arguments that the task or JSON does not have."""
        self.validate_task(task)
        wanted = normalize_json(packed(task, args, kwargs)), self._given(task)
        result = self._submit_in_database(task, *wanted) if self.database else self._submit(task, *wanted)
        for name, value in {"args": args, "kwargs": kwargs}.items():
            object.__setattr__(result, name, normalize_json(value))
        task_enqueued.send(type(self), task_result=result)
        return result

    def _submit(self, task: Task, args: Mapping[str, Any], given: Mapping[str, Any]) -> TaskResult:
        return result_of(task, client().submit(name_of(task), args, **given))

    def _submit_in_database(self, task: Task, args: Mapping[str, Any], given: Mapping[str, Any]) -> TaskResult:
        transaction = Transaction(connections[self.database], schema=self.schema)
        id = transaction.submit(name_of(task), args, **given)
        return new_result(task, str(id), [], {}, enqueued_at=timezone.now())

    def _given(self, task: Task) -> dict[str, Any]:
        """Return what a submission says besides the arguments: what `using()` has changed; all else says the task."""
        own = declared[name_of(task)]
        given: dict[str, Any] = {"run_at": _aware(task.run_after)}
        if task.priority != own.priority:
            given["priority"] = priority_of(task)
        if task.queue_name != own.queue_name:
            given["queue"] = task.queue_name
        return given

    def get_result(self, result_id: str) -> TaskResult:
        """Return the result of a job. Raises TaskResultDoesNotExist."""
        try:
            job = client().job(UUID(str(result_id)))
        except (NotFound, ValueError):
            raise TaskResultDoesNotExist(result_id) from None
        if job.task not in declared:
            raise TaskResultDoesNotExist(f"{result_id} is a job of {job.task}, which is no task of this project")
        attempts = client().attempts(job) if job.past_attempts else ()
        return result_of(declared[job.task], job, attempts)

    def check(self, **_: Any) -> Iterator[checks.CheckMessage]:
        """Yield what is wrong with the settings."""
        where = f"TASKS: {self.alias}: OPTIONS: DATABASE"
        if self.database and self.database not in settings.DATABASES:
            yield checks.Error(f"{where}: {self.database} is not in DATABASES", id="bellhop.E001")
        elif self.database and connections[self.database].vendor != "postgresql":
            yield checks.Error(f"{where}: {self.database} is not a PostgreSQL", id="bellhop.E002")
        if not self.database or self.supports_get_result:
            try:
                client()
            except ImproperlyConfigured as error:
                yield checks.Error(str(error), id="bellhop.E003")
        if not apps.is_installed("bellhop_client.django"):
            hint = "Without it, a process knows only the tasks whose modules something else has imported."
            yield checks.Warning("INSTALLED_APPS: bellhop_client.django is missing", hint=hint, id="bellhop.W001")


def priority_of(task: Task) -> int:
    """Return a task's priority in Bellhop. One that is not Django's 0 is never the same as 0."""
    share: float = task.priority / 100
    return MIDDLE + (ceil(share * (FIRST - MIDDLE)) if share > 0 else floor(share * (MIDDLE - LAST)))


def _aware(moment: datetime | None) -> datetime | None:
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment
