"""`@task`: a body that is its own signature, for whoever has no need to keep the two apart."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, overload

from bellhop.signature import Signature, register

P = ParamSpec("P")
R = TypeVar("R")
GIVEN = ("run", "db")
"""What the worker gives to a body that asks for it, ahead of the arguments: its run, and the transaction of the job."""


@dataclass(frozen=True)
class Task(Signature[P, R]):
    """A signature with its body. It is submitted like any signature, and a test calls it like a function."""

    def __call__(self, *args: Any, **kwargs: Any) -> R:
        """Run the body, here and now."""
        return self.stub(*args, **kwargs)

    @property
    def wants(self) -> dict[str, str]:
        """Which of its parameters are given to the body by the worker."""
        return {name: name for name in self.given}


class Declaration(Protocol):
    """Turns a body into a task; what the worker gives it is no argument of the task."""

    @overload
    def __call__(self, body: Callable[Concatenate[Any, Any, P], R], /) -> Task[P, R]: ...
    @overload
    def __call__(self, body: Callable[Concatenate[Any, P], R], /) -> Task[P, R]: ...
    @overload
    def __call__(self, body: Callable[P, R], /) -> Task[P, R]: ...


def task(name: str, **policy: Any) -> Declaration:
    """Turn a body into the task `name` and register it; `policy` is any of Signature's fields.

    The body takes its arguments by keyword only, each with its type, and names what it returns. Ahead of them it may
    ask for `run` and `db`. Its docstring says what the task does and why repeating it is safe.
    """

    def declare(body: Callable[..., Any]) -> Task[Any, Any]:
        return register(Task(name, body, given=_given_to(body), **policy))

    return declare


def _given_to(body: Callable[..., Any]) -> tuple[str, ...]:
    ahead = (one for one in signature(body).parameters.values() if one.kind is Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(one.name for one in ahead if one.name in GIVEN)
