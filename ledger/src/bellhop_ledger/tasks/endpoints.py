"""Endpoints: tasks whose body is a service that is called over HTTP, each of them a row that people write.

What is published of one is a manifest, as of a task of a worker: so all who submit jobs check arguments by its schema
and encrypt what is secret. To them, all endpoints together are a release that is always alive and never the latest.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import func, text
from sqlalchemy.orm import Session

from bellhop.errors import Conflict, Fault, Invalid, NotFound
from bellhop.limit_key import HOST, host_of
from bellhop.manifest import Manifest, Policy
from bellhop.request_headers import OPEN_HEADERS
from bellhop_ledger.platform.secrets import restored
from bellhop_ledger.tasks.encryption import decrypt_secrets, encrypt_secrets
from bellhop_ledger.tasks.known import COUNTS, known_tasks
from bellhop_ledger.tasks.publish import ALIVE, ONE_AT_A_TIME, stored_form
from bellhop_ledger.tasks.schema import InvalidSchema
from bellhop_ledger.tasks.table import TaskEndpoint
from bellhop_ledger.tasks.task import Task

RELEASE = "http-endpoints"
"""What tasks say of their release and plug-in; a plug-in cannot be called so, for it is no name in Python."""
LONGEST_CALL = 600.0
"""Seconds that a call may take at most."""
TIME_TO_END, TIME_TO_GIVE_UP = 5.0, 30.0
"""Seconds that a call has when its time is up: to end by itself, and until its process is killed."""
OF_ITS_HOST: dict[str, dict[str, Any]] = {
    "headers": {"audience": "url", "public": sorted(OPEN_HEADERS)},
    "signing_secret": {"audience": "url", "public": []},
}
"""What is secret of an endpoint, as `bellhop.secret` marks arguments."""
OF_THE_TASK: dict[str, Any] = {"audience": None, "public": []}
"""The mark of a secret argument."""

PUBLISHED = text(f"""
    SELECT t.plugin FROM tasks t JOIN task_releases r ON r.name = t.release
    WHERE t.name = :name AND t.release <> '{RELEASE}' AND {COUNTS}
""")
# Not the latest release, so that a worker's is; never silent, so that it counts.
NOTE_RELEASE = text(f"""
    INSERT INTO task_releases (name, digest, deployed_at, seen_at)
    VALUES ('{RELEASE}', :digest, '1970-01-01 00:00+00', '9999-01-01 00:00+00')
    ON CONFLICT (name) DO UPDATE SET digest = excluded.digest
""")
WRITE = text(f"""
    INSERT INTO tasks (name, release, plugin, description, queue, policy, arguments, result, secrets, schedules)
    SELECT name, '{RELEASE}', plugin, description, queue, policy, arguments, result, secrets, schedules
    FROM jsonb_to_record(CAST(:manifest AS jsonb)) AS new(
        name text, plugin text, description text, queue text, policy jsonb, arguments jsonb, result jsonb,
        secrets jsonb, schedules jsonb)
    ON CONFLICT (name) DO UPDATE
    SET release = excluded.release, plugin = excluded.plugin, description = excluded.description,
        queue = excluded.queue, policy = excluded.policy, arguments = excluded.arguments, result = excluded.result,
        secrets = excluded.secrets, schedules = excluded.schedules
""")
DROP = text(f"DELETE FROM tasks WHERE name = :name AND release = '{RELEASE}'")


class NoSuchEndpoint(NotFound):
    """There is no HTTP endpoint of this name; GET /api/tasks lists all tasks."""


class NameTaken(Conflict):
    """A worker has a task of this name."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What an endpoint is to be; checked but for its schema and secrets."""

    url: str
    description: str
    arguments: dict[str, Any]
    secrets: list[str]
    queue: str
    max_attempts: int
    timeout: float
    heartbeat_timeout: float
    completion_timeout: float
    headers: dict[str, str]
    signing_secret: str | None


def find(db: Session, name: str) -> TaskEndpoint:
    """Return an endpoint. Raises NoSuchEndpoint."""
    if found := db.get(TaskEndpoint, name):
        return found
    raise NoSuchEndpoint


def put(db: Session, name: str, wanted: Wanted, *, by: str) -> tuple[TaskEndpoint, bool]:
    """Make an endpoint what is wanted, publish it, and return it with whether it is new.

    Raises Invalid, which names the field, and NameTaken.
    """
    db.execute(ONE_AT_A_TIME)
    if plugin := db.scalar(PUBLISHED, {"name": name, "alive": ALIVE}):
        raise NameTaken(f"The task {name} is one of the workers', of {plugin}; an endpoint needs another name")
    stored = db.get(TaskEndpoint, name)
    values = vars(wanted) | _encrypted(wanted, stored)
    endpoint = stored or TaskEndpoint(name=name)
    for field, value in values.items():
        setattr(endpoint, field, value)
    endpoint.updated_by, endpoint.updated_at = by, func.now()
    manifest = manifest_of(endpoint)
    _check(manifest)
    db.add(endpoint)
    _publish(db)
    db.execute(WRITE, {"manifest": json.dumps(stored_form(manifest))})
    db.flush()
    db.refresh(endpoint)
    return endpoint, stored is None


def delete(db: Session, name: str) -> None:
    """Delete an endpoint; its jobs that wait do so for a task that nobody knows. Raises NoSuchEndpoint."""
    db.execute(ONE_AT_A_TIME)
    db.delete(find(db, name))
    _publish(db)
    db.execute(DROP, {"name": name})


def _publish(db: Session) -> None:
    """Make all others look again."""
    db.execute(NOTE_RELEASE, {"digest": uuid4().hex[:16]})
    known_tasks().expire()


def _encrypted(wanted: Wanted, stored: TaskEndpoint | None) -> dict[str, Any]:
    """Return the secret fields as they are stored; *** stands for what is there, if it is for the same host."""
    given = {"url": wanted.url, "headers": wanted.headers, "signing_secret": wanted.signing_secret}
    if stored:
        given = restored(given, {"headers": stored.headers, "signing_secret": stored.signing_secret})
    return encrypt_secrets("", OF_ITS_HOST, given)


def _check(manifest: Manifest) -> None:
    """Raise Invalid for a schema that cannot be used."""
    try:
        Task.of(manifest, RELEASE)
    except InvalidSchema as error:
        raise Invalid(faults=[Fault("schema", f"cannot be used: {error}"[:500])]) from None


def manifest_of(endpoint: TaskEndpoint) -> Manifest:
    """Return what is published of an endpoint."""
    return Manifest(
        name=endpoint.name,
        plugin=RELEASE,
        description=endpoint.description,
        queue=endpoint.queue,
        policy=_policy_of(endpoint),
        arguments=endpoint.arguments,
        result={},
        secrets=dict.fromkeys(endpoint.secrets, OF_THE_TASK),
    )


def _policy_of(endpoint: TaskEndpoint) -> Policy:
    """Return how its jobs are treated: one in a message, for each has a lease and so a token of its own."""
    return Policy(
        mode="leased",
        attempts=endpoint.max_attempts,
        soft_limit=endpoint.timeout + TIME_TO_END,
        hard_limit=endpoint.timeout + TIME_TO_GIVE_UP,
        batch=1,
        largest_batch=1,
        limit_key=f"{HOST}:{host_of(endpoint.url)}",
        is_endpoint=True,
    )


def decrypted(endpoint: TaskEndpoint) -> Mapping[str, Any]:
    """Return the endpoint's headers and signing secret as they are sent. Raises CannotDecrypt."""
    given = {"url": endpoint.url, "headers": endpoint.headers, "signing_secret": endpoint.signing_secret}
    return decrypt_secrets("", OF_ITS_HOST, given)
