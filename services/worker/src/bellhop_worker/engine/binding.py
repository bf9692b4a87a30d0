"""Binding: each signature gets its one body when the worker starts, or the worker does not start."""

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, get_type_hints

from pydantic import ValidationError
from sqlalchemy.orm import Session

from bellhop.decorators import Task
from bellhop.signature import Mode, Signature
from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.tasks.encryption import decrypt_secrets, secret_texts
from bellhop_ledger.tasks.load import load
from bellhop_worker.engine.callables import code_of, is_async, kind_without_result
from bellhop_worker.engine.own_loop import run_alone
from bellhop_worker.engine.results import Misfit, ready
from bellhop_worker.engine.run import Run
from bellhop_worker.job_logs import hide
from bellhop_worker.settings import WorkerSettings

OUR_BODIES = (
    "bellhop_worker.mail.task",
    "bellhop_worker.files.task",
    "bellhop_worker.http_requests.task",
    "bellhop_worker.accounts.task",
    "bellhop_worker.export.task",
    "bellhop_worker.notifications.task",
)
GIVEN: dict[Any, str] = {Run: "run", Session: "db"}
"""What a body may ask for besides its arguments, by the annotation of the parameter."""


class BindingError(Exception):
    """A signature and its body do not fit together; the message names the signature."""


@dataclass(frozen=True)
class Body:
    """What runs when a job of the signature does."""

    signature: Signature[..., Any]
    function: Callable[..., Any]
    wants: dict[str, str]
    """Which parameter is given what: the run, or the database session."""
    is_async: bool = field(init=False)
    """Whether it is a coroutine function."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_async", is_async(self.function))

    @property
    def uses_database(self) -> bool:
        """Whether the body takes part in the transaction."""
        return "db" in self.wants.values()

    def limits_of(self, job: Claimed) -> tuple[float, float]:
        """Return the seconds until the body is interrupted, and until its process is killed.

        A job with a limit of its own has as much time as any other between the two.
        """
        soft, hard = self.signature.soft_limit, self.signature.hard_limit
        if job.timeout is None or job.timeout >= soft:
            return soft, hard
        return job.timeout, job.timeout + max(hard - soft, 0)

    def __call__(self, run: Run, db: Session | None) -> Any:
        """Run the body with the job's own arguments and give what it returns, checked and ready for JSON."""
        returned = self.call(run, db)
        return ready(self.signature, run_alone(returned) if self.is_async else returned)

    def call(self, run: Run, db: Session | None = None) -> Any:
        """Call the body and return what it returns: of an async one a coroutine that has not begun. Raises Misfit."""
        try:
            arguments = self.signature.arguments.model_validate_json(self._opened(run.job.args))
        except ValidationError as error:
            raise Misfit(error) from None
        given = {"run": run, "db": db}
        kwargs = {name: given[thing] for name, thing in self.wants.items()}
        kwargs |= {name: getattr(arguments, name) for name in type(arguments).model_fields}
        return self.function(**kwargs)

    def _opened(self, args: str) -> str:
        """Return the arguments with their secrets as the body needs them. Raises CannotDecrypt."""
        secrets = self.signature.secrets
        if not secrets:
            return args
        opened = decrypt_secrets(self.signature.name, secrets, json.loads(args))
        hide(secret_texts(secrets, opened))
        return json.dumps(opened)


bodies: dict[str, Body] = {}
"""The bodies of this worker, by the name of their signature."""


def body(signature: Signature[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function the body of a signature. It stays a plain function that a test can simply call."""

    def bind(function: Callable[..., Any]) -> Callable[..., Any]:
        if signature.name in bodies:
            raise BindingError(f"{signature.name} has two bodies")
        bodies[signature.name] = Body(signature, function, _wants(signature, function))
        return function

    return bind


def _wants(signature: Signature[..., Any], function: Callable[..., Any]) -> dict[str, str]:
    hints = get_type_hints(code_of(_returning(signature.name, function)))
    wants = {name: GIVEN[hint] for name, hint in hints.items() if hint in GIVEN and name != "return"}
    taken = {name: hints.get(name) for name in inspect.signature(function).parameters if name not in wants}
    wanted = {name: hint for name, hint in get_type_hints(signature.stub).items() if name != "return"}
    if taken != wanted:
        raise BindingError(f"{signature.name}: the body takes {_format(taken)}, the signature says {_format(wanted)}")
    return wants


def _returning(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    if kind := kind_without_result(function):
        raise BindingError(f"{name}: the body is {kind}; it must be a function that returns its result")
    return function


def _format(parameters: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {getattr(hint, '__name__', hint)}" for name, hint in parameters.items()) or "nothing"


def bind_all(settings: WorkerSettings) -> dict[str, Body]:
    """Import all signatures and bodies. Raises BindingError when a signature has no body."""
    signatures = load(settings)
    for module in OUR_BODIES:
        import_module(module)
    for name, signature in signatures.items():
        if isinstance(signature, Task):
            bodies[name] = Body(signature, _returning(signature.name, signature.stub), signature.wants)
        if name not in bodies:
            raise BindingError(f"{name} has no body")
    for bound in bodies.values():
        if bound.is_async:
            check_async(bound, settings.worker_async_slots)
    return bodies


def check_async(body: Body, slots: int) -> None:
    """Raise BindingError for an async body that this worker cannot run, or that would hold up all others."""
    name = body.signature.name
    if not slots:
        raise BindingError(f"{name}: the body is async, and this worker runs none (WORKER_ASYNC_SLOTS is 0)")
    if body.signature.mode is Mode.ATOMIC:
        raise BindingError(f"{name}: the body is async, so its mode must be leased: it would hold a transaction open")
    if body.uses_database:
        raise BindingError(
            f"{name}: the body is async and must not ask for the database session; open a transaction()"
            " in a thread of its own (asyncio.to_thread)"
        )
