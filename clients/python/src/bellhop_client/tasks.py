"""Operations on tasks whose body is a service that Bellhop calls over HTTP."""

from collections.abc import Mapping, Sequence
from typing import Any

from bellhop_client.exchange import Flow, Request, send
from bellhop_client.reading import read
from bellhop_client.system_views import Endpoint
from bellhop_client.writing import Seconds, encoded, given, path_of, seconds


def put(
    name: str,
    url: str,
    schema: Mapping[str, Any] | None = None,
    *,
    secrets: Sequence[str] = (),
    description: str | None = None,
    queue: str | None = None,
    max_attempts: int | None = None,
    timeout: Seconds | None = None,
    heartbeat_timeout: Seconds | None = None,
    completion_timeout: Seconds | None = None,
    headers: Mapping[str, str] | None = None,
    signing_secret: str | None = None,
) -> Flow[Endpoint]:
    """Make a task whose body is a service of yours, or change all of it: what is not given is as for a new one.

    `schema` is the JSON Schema of the arguments, and `secrets` names those that are stored encrypted. Raises Conflict
    for the name of a task that workers have.
    """
    body = {"url": url, "schema": schema or {}, "secrets": list(secrets)} | given(
        description=description,
        queue=queue,
        max_attempts=max_attempts,
        timeout=seconds(timeout),
        heartbeat_timeout=seconds(heartbeat_timeout),
        completion_timeout=seconds(completion_timeout),
        headers=headers,
        signing_secret=signing_secret,
    )
    return send(Request("PUT", path_of("tasks", name), body=encoded(body)), _endpoint)


def get(name: str) -> Flow[Endpoint]:
    """Return a task whose body is a service. Raises NotFound, also for a task of the workers."""
    return send(Request("GET", path_of("tasks", name)), _endpoint)


def delete(name: str) -> Flow[None]:
    """Delete a task whose body is a service. Its jobs that wait do so until there is a task of this name again."""
    return send(Request("DELETE", path_of("tasks", name)), _nothing)


def _endpoint(data: Any) -> Endpoint:
    return read(Endpoint, data)


def _nothing(_: Any) -> None:
    """Read an answer without content."""
