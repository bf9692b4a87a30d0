"""A task's signature: what web and worker share of it, and no body.

Pydantic is imported when the arguments are first looked at: whoever only declares or names tasks does without it.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, get_type_hints

from bellhop.limit_key import check as check_limit_key
from bellhop.limit_key import limit_key_of
from bellhop.policy import Cron as Cron  # noqa: PLC0414  who declares a task finds its schedule here
from bellhop.policy import Every as Every  # noqa: PLC0414
from bellhop.priority import DEFAULT_PRIORITY

if TYPE_CHECKING:
    from pydantic import BaseModel, TypeAdapter

    from bellhop.overrides import Overrides

MOST_ATTEMPTS = 32_767
"""What a smallint holds."""
LARGEST_BATCH = 500
"""Jobs that one message names at the most, unless a task declares another number."""
OVERRIDES = ("expires", "label", "max_attempts", "queue", "tags", "timeout")
"""What a submission can say of its own job; see `bellhop.overrides`."""
OVERRIDABLE = ("expires", "label", "tags")
P = ParamSpec("P")
R = TypeVar("R")


class Mode(StrEnum):
    """How the claim, the work and the finish are committed."""

    ATOMIC = "atomic"
    """All three are one transaction: for short work on the database."""
    LEASED = "leased"
    """The claim is committed first and kept by a lease: for work that is long or reaches outside."""


@dataclass(frozen=True)
class Retry:
    """How often a job is tried, and how long it waits in between (seconds)."""

    attempts: int = 5
    argument: str | None = None
    """The task's argument, if it has one, by which a job says how often it is tried again; `attempts` is the most."""
    first: float = 2.0
    factor: float = 3.0
    longest: float = 600.0
    jitter: float = 0.25

    def __post_init__(self) -> None:
        if not 1 <= self.attempts <= MOST_ATTEMPTS:
            raise ValueError(f"attempts must be 1 to {MOST_ATTEMPTS}: the ledger would refuse each run")

    def delay(self, attempt: int) -> float:
        """Return the seconds to wait after this attempt (1 is the first), spread by the jitter's share."""
        from random import uniform

        try:
            pause = min(self.first * self.factor ** (attempt - 1), self.longest)
        except OverflowError:
            pause = self.longest
        return pause * uniform(1 - self.jitter, 1 + self.jitter)


def attempts_for(retries: object, most: int) -> int:
    """Return how many attempts a job has that asks for so many retries, where it does; `most` is the task's own."""
    return min(retries + 1, most) if type(retries) is int and retries >= 0 else most


class NotASignature(TypeError):
    """The stub of a signature must take keyword-only, annotated parameters and name what it returns."""


class DuplicateSignature(ValueError):
    """Two signatures have one name."""


@dataclass(frozen=True)
class Signature(Generic[P, R]):
    """A stable name, typed arguments and a policy. It can be submitted, not called."""

    name: str
    stub: Callable[P, R]
    queue: str = "default"
    mode: Mode = Mode.LEASED
    retry: Retry = Retry()
    soft_limit: float = 60.0
    """Seconds until the body is interrupted."""
    hard_limit: float = 90.0
    """Seconds until the process that runs it is killed."""
    batch: int | None = None
    """How many jobs one message may name at most. Empty: as many as end in a moment, which the workers measure."""
    keep: timedelta | None = None
    """How long a finished job is kept; empty: as the settings say."""
    schedules: Every | Cron | Mapping[str, Every | Cron] = field(default_factory=dict, hash=False)
    """When it runs by itself: one schedule, or several by keys, each with arguments of its own."""
    limit_key: str | None = None
    """What its jobs are limited by besides its name, such as `host(args.url)`; see `bellhop.limit_key`."""
    quiet: bool = False
    """Whether its successes are logged at debug level only: one every second would bury all else."""
    overridable: tuple[str, ...] = OVERRIDABLE
    """Which of OVERRIDES a submission may say of its own job: by default nothing that changes where and how it runs."""
    run_at: datetime | None = None
    delay: float | None = None
    priority: int = DEFAULT_PRIORITY
    overrides: "Overrides | None" = field(default=None, hash=False)
    given: tuple[str, ...] = ()
    """Parameters of the stub that are no arguments, for the worker fills them in."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "mode", Mode(self.mode))
        if unknown := sorted({*self.overridable} - {*OVERRIDES}):
            raise ValueError(f"{self.name}: overridable must be of {', '.join(OVERRIDES)}, not {', '.join(unknown)}")

    @property
    def secrets(self) -> Mapping[str, Mapping[str, Any]]:
        """Which arguments are secret, and for whom; see `bellhop.secret`."""
        from bellhop.models import secrets_of

        return secrets_of(self.name, self.stub, self.given)

    @property
    def declared(self) -> Mapping[str, Every | Cron]:
        """The schedules that are declared with it, by their keys; the key of one alone is empty."""
        return self.schedules if isinstance(self.schedules, Mapping) else {"": self.schedules}

    @property
    def description(self) -> str:
        """What the task does and why repeating it is safe."""
        return inspect.getdoc(self.stub) or ""

    @property
    def arguments(self) -> "type[BaseModel]":
        """The model of the arguments: strict, and closed to extra ones."""
        from bellhop.models import arguments_of

        return arguments_of(self.name, self.stub, self.given)

    @property
    def returns(self) -> "TypeAdapter[Any]":
        """The validator of what a body returns."""
        from bellhop.models import returns_of

        return returns_of(self.name, self.stub)

    def attempts_of(self, args: Mapping[str, Any]) -> int:
        """Return how many attempts a job with these arguments has at most."""
        name = self.retry.argument
        asked = args.get(name, self.arguments.model_fields[name].default) if name else None
        return attempts_for(asked, self.retry.attempts)

    def limit_key_of(self, args: Mapping[str, Any]) -> str | None:
        """Return what a job with these arguments is limited by besides its task."""
        return limit_key_of(self.limit_key, args) if self.limit_key else None

    def at(self, run_at: datetime) -> "Signature[P, R]":
        """Return the same signature, to run at a date."""
        return replace(self, run_at=run_at)

    def after(self, seconds: float) -> "Signature[P, R]":
        """Return the same signature, to run some seconds after it is submitted."""
        return replace(self, delay=seconds)

    def with_priority(self, priority: int) -> "Signature[P, R]":
        """Return the same signature with another priority, 0 (can wait) to 9 (first)."""
        return replace(self, priority=priority)

    def override(self, **overrides: Any) -> "Signature[P, R]":
        """Return the same signature with overrides for this submission, such as `tags=["invoices"]`.

        Raises pydantic's ValidationError, which names the wrong one. What the task allows is checked at the submission.
        """
        from bellhop.overrides import Overrides

        return replace(self, overrides=Overrides(**overrides))


def check_stub(name: str, stub: Callable[..., Any], given: tuple[str, ...]) -> None:
    """Raise NotASignature unless the stub's arguments are keyword-only and all its types are named."""
    hints = get_type_hints(stub)
    for parameter in inspect.signature(stub).parameters.values():
        wanted = parameter.name in given or parameter.kind is inspect.Parameter.KEYWORD_ONLY
        if not wanted or (parameter.name not in hints and parameter.name not in given):
            raise NotASignature(f"{name}: parameter {parameter.name} must be keyword-only and annotated")
    if "return" not in hints:
        raise NotASignature(f"{name}: the return type is missing")


registry: dict[str, Signature[..., Any]] = {}
"""Every signature that this process knows, by name."""


def signature(name: str, **policy: Any) -> Callable[[Callable[P, R]], Signature[P, R]]:
    """Turn a stub without a body into the signature `name` and register it; `policy` is any of Signature's fields."""

    def declare(stub: Callable[P, R]) -> Signature[P, R]:
        return register(Signature(name, stub, **policy))

    return declare


S = TypeVar("S", bound=Signature[..., Any])


def register(made: S) -> S:
    """Register a signature with this process. Raises NotASignature and DuplicateSignature."""
    if made.name in registry:
        raise DuplicateSignature(made.name)
    check_stub(made.name, made.stub, made.given)
    if made.limit_key:
        check_limit_key(made.limit_key, made.arguments.model_fields, made.secrets)
    registry[made.name] = made
    return made
