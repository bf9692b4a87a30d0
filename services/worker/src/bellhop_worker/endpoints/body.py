"""The body of an endpoint's jobs: their arguments are opened and checked, and the service is called."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy.orm import Session

from bellhop.errors import Permanent
from bellhop.manifest import Manifest
from bellhop.signature import Retry, Signature
from bellhop_ledger.platform.secrets import decrypt, is_encrypted, is_meant_for
from bellhop_ledger.tasks.encryption import audience_of
from bellhop_ledger.tasks.endpoints import OF_THE_TASK, RELEASE, decrypted
from bellhop_ledger.tasks.table import TaskEndpoint
from bellhop_ledger.tasks.task import Task
from bellhop_worker.endpoints.call import Call, perform
from bellhop_worker.engine.binding import Body
from bellhop_worker.engine.run import Run
from bellhop_worker.http_requests.secrets import Secrets
from bellhop_worker.job_logs import hide

_compiled: dict[str, tuple[datetime, Task]] = {}
"""By name: when an endpoint was changed last, and its schema as it is since then."""


class UnfitArguments(Permanent):
    """The arguments do not fit the endpoint's schema, which has changed since the job was submitted."""


def service(**_: Any) -> Any:
    """Stand for the service, which takes what its schema says and returns JSON."""


def signature_of(name: str, *, soft_limit: float = 0, hard_limit: float, attempts: int = 1) -> Signature[..., Any]:
    """Return the signature of a task without code, which is not registered."""
    retry = Retry(attempts=attempts)
    return Signature(name, service, retry=retry, soft_limit=soft_limit or hard_limit, hard_limit=hard_limit)


@dataclass(frozen=True)
class EndpointBody(Body):
    """What runs when a job of an endpoint does."""

    endpoint: TaskEndpoint
    task: Task

    @classmethod
    def of(cls, endpoint: TaskEndpoint, manifest: Manifest) -> Self:
        """Make the body of an endpoint as it is now."""
        policy = manifest.policy
        limits = {"soft_limit": policy.soft_limit, "hard_limit": policy.hard_limit}
        signature = signature_of(endpoint.name, attempts=policy.attempts, **limits)
        return cls(signature, service, {}, endpoint=endpoint, task=_task_of(endpoint, manifest))

    def call(self, run: Run, db: Session | None = None) -> Any:
        """Call the service and return its result. Raises UnfitArguments, and what `perform` raises."""
        args, secrets = self.opened_args(run)
        own = decrypted(self.endpoint)
        headers, signing = dict(own["headers"]), own["signing_secret"]
        hide([*secrets, *headers.values(), *([signing] if signing else [])])
        seconds = min(self.endpoint.timeout, run.job.timeout or self.endpoint.timeout)
        made = Call(
            self.endpoint, run.job, json.dumps(args).encode(), Secrets.among(headers, signing), headers, seconds
        )
        return perform(made, hidden=secrets)

    def opened_args(self, run: Run) -> tuple[dict[str, Any], list[str]]:
        """Return the arguments as the service needs them, and what of them is secret.

        What was encrypted for this task is opened whatever the schema says of it today, for it may have changed.
        """
        audience = audience_of(self.endpoint.name, OF_THE_TASK, {})
        args: dict[str, Any] = json.loads(run.job.args)
        opened = {
            name: decrypt(value, audience)
            for name, value in args.items()
            if isinstance(value, str) and is_encrypted(value) and is_meant_for(value, audience)
        }
        complete = self.task.arguments.with_defaults(args | opened)
        if fault := self.task.why_unfit(complete):
            raise UnfitArguments(f"{fault}: the schema of {self.endpoint.name} asks for it since its last change")
        secret = [complete[name] for name in self.endpoint.secrets if isinstance(complete.get(name), str)]
        return complete, [*opened.values(), *secret]


def _task_of(endpoint: TaskEndpoint, manifest: Manifest) -> Task:
    changed_at, task = _compiled.get(endpoint.name, (None, None))
    if task is None or changed_at != endpoint.updated_at:
        task = Task.of(manifest, RELEASE)
        _compiled[endpoint.name] = endpoint.updated_at, task
    return task
