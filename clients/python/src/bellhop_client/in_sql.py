"""In SQL: submissions as calls of the functions that Bellhop has in Postgres, in a transaction of the caller's."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from bellhop_client.errors import Problem, Refused, refusal
from bellhop_client.exchange import Call, Flow, phrase
from bellhop_client.jobs import MOST_TOGETHER, batches
from bellhop_client.wanted import JobRequest
from bellhop_client.writing import Seconds, encoded


def _json(args: Mapping[str, Any]) -> str:
    return encoded(args).decode()


def _interval(seconds: float) -> str:
    return f"{seconds:.6f} seconds"


def _array(values: Sequence[str]) -> str:
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


PARAMETERS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "task": ("text", str),
    "args": ("jsonb", _json),
    "run_at": ("timestamptz", str),
    "delay": ("interval", _interval),
    "priority": ("integer", str),
    "queue": ("text", str),
    "tags": ("text[]", _array),
    "label": ("text", str),
    "expires": ("timestamptz", str),
    "max_attempts": ("integer", str),
    "timeout": ("float8", str),
    "key": ("text", str),
}
"""Those of `submit` in Postgres: the type of each, and how its value is written."""
STATUSES: Mapping[str, int] = {
    "22023": 422,  # invalid_parameter_value
    "42704": 422,  # undefined_object: the task
    "0A000": 422,  # feature_not_supported: a secret
    "23505": 409,  # unique_violation: the key
    "55000": 503,  # object_not_in_prerequisite_state: no worker has published its tasks yet
}
"""The status that the API has for each of the functions' errors, by its code."""


def submit(
    task: str,
    args: Mapping[str, Any] | None = None,
    *,
    run_at: datetime | None = None,
    delay: Seconds | None = None,
    priority: int | None = None,
    queue: str | None = None,
    tags: Sequence[str] | None = None,
    label: str | None = None,
    expires: datetime | None = None,
    max_attempts: int | None = None,
    timeout: Seconds | None = None,
    key: str | None = None,
) -> Flow[UUID]:
    """Submit a job in this transaction and return its id: there is a job when that commits, and only then.

    The arguments are those of `Client.submit`. Raises ValueError, and Invalid, Conflict or Unavailable, after which
    the transaction can only be rolled back; what else goes wrong is an error of the driver's.
    """
    wanted = JobRequest(
        task, args or {}, run_at=run_at, delay=delay, priority=priority, queue=queue, tags=tags, label=label,
        expires=expires, max_attempts=max_attempts, timeout=timeout,
    )  # fmt: skip
    given = wanted.body() | ({} if key is None else {"key": key})
    return _first(Call("submit", [_argument(name, value) for name, value in given.items()]))


def _argument(name: str, value: Any) -> tuple[str, str, str]:
    kind, written = PARAMETERS[name]
    return name, kind, written(value)


def _first(call: Call) -> Flow[UUID]:
    [id] = yield call
    return UUID(str(id))


def submit_many(jobs: Iterable[JobRequest], *, key: str | None = None) -> Flow[list[UUID]]:
    """Submit many jobs in this transaction and return their ids in the same order.

    With a `key`, it makes no new jobs when it is repeated; a job may have one of its own. Raises as `submit` does.
    """
    ids: list[UUID] = []
    for number, batch in enumerate(batches(jobs)):
        wanted = [job.body() for job in batch]
        if key is not None:
            first = number * MOST_TOGETHER
            wanted = [{"key": f"{key}:{place}"} | job for place, job in enumerate(wanted, first)]
        body = f"[{','.join(encoded(job).decode() for job in wanted)}]"
        found = yield Call("submit_many", [("jobs", "jsonb", body)])
        ids += [UUID(str(id)) for id in found]
    return ids


def refusal_of(error: BaseException) -> Refused | None:
    """Return what an error of a driver says as the API says it; None for one that the functions have not raised.

    Libraries that wrap the errors of drivers have the driver's as `orig` or as the cause.
    """
    seen: BaseException | None = error
    while seen is not None:
        diagnosis = getattr(seen, "diag", seen)
        code = getattr(seen, "sqlstate", None) or getattr(seen, "pgcode", None)
        name = getattr(diagnosis, "column_name", None)
        if name and isinstance(code, str) and code in STATUSES:
            return _refusal(STATUSES[code], name, str(getattr(diagnosis, "message_primary", None) or seen))
        seen = getattr(seen, "orig", None) or seen.__cause__
    return None


def _refusal(status: int, name: str, message: str) -> Refused:
    detail = message.splitlines()[0]
    return refusal(Problem(status, phrase(status), detail, {name: detail.removeprefix(f"{name}: ")}))
