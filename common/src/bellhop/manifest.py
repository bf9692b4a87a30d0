"""Manifests: what a worker publishes of a task, so that everybody else knows it without its code."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue

from bellhop.plugin import PLATFORM, Plugin
from bellhop.signature import LARGEST_BATCH, OVERRIDABLE, Signature

Schema = dict[str, Any]


class Policy(BaseModel):
    """How the jobs of a task are treated; what a later release adds is ignored by this one."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    mode: str = "leased"
    attempts: int = 5
    attempts_argument: str | None = None
    """The argument by which a job says how often it is tried again; `attempts` is the most."""
    soft_limit: float = 60.0
    hard_limit: float = 90.0
    batch: int = 1
    """How many jobs one message names while nobody has measured how long they take."""
    largest_batch: int = LARGEST_BATCH
    """How many it may name at most."""
    keep: float | None = None
    """Seconds for which a finished job is kept; empty: as the settings say."""
    limit_key: str | None = None
    """What its jobs are limited by besides its name; see `bellhop.limit_key`."""
    quiet: bool = False
    priority: int = 5
    is_async: bool = False
    """Whether the body is a coroutine function, of which a worker runs hundreds side by side."""
    is_endpoint: bool = False
    """Whether its body is a service that is called over HTTP."""
    overridable: tuple[str, ...] = OVERRIDABLE
    """What a submission may say of its own job."""


class Manifest(BaseModel):
    """A task as data."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str
    plugin: str
    description: str
    queue: str
    policy: Policy
    arguments: Schema
    """JSON Schema of the arguments."""
    result: Schema
    """JSON Schema of what the body returns."""
    secrets: dict[str, Mapping[str, Any]] = {}
    """Which arguments are secret, and for whom; see `bellhop.secret`."""
    schedules: dict[str, dict[str, JsonValue]] = {}
    """The schedules that are declared with the task, by their keys."""

    @property
    def fingerprint(self) -> str:
        """What changes when the arguments do."""
        return hashlib.sha256(_canonical(self.arguments).encode()).hexdigest()[:16]


def manifest_of(signature: Signature[..., Any], plugin: str = PLATFORM, *, is_async: bool = False) -> Manifest:
    """Return what is published of a task; whether it is async, its body says and not its signature."""
    arguments = signature.arguments.model_json_schema()
    return Manifest(
        name=signature.name,
        plugin=plugin,
        description=signature.description,
        queue=signature.queue,
        policy=_policy_of(signature, is_async=is_async),
        arguments=arguments,
        result=signature.returns.json_schema(mode="serialization"),
        secrets=dict(signature.secrets),
        schedules={key: rule.as_json() for key, rule in signature.declared.items()},
    )


def _policy_of(signature: Signature[..., Any], *, is_async: bool) -> Policy:
    return Policy(
        mode=signature.mode,
        attempts=signature.retry.attempts,
        attempts_argument=signature.retry.argument,
        soft_limit=signature.soft_limit,
        hard_limit=signature.hard_limit,
        batch=signature.batch or 1,
        largest_batch=signature.batch or LARGEST_BATCH,
        keep=_seconds(signature.keep),
        limit_key=signature.limit_key,
        quiet=signature.quiet,
        priority=signature.priority,
        is_async=is_async,
        overridable=tuple(sorted(signature.overridable)),
    )


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def manifests_of(
    signatures: Iterable[Signature[..., Any]], plugins: Sequence[Plugin], *, are_async: Collection[str] = ()
) -> list[Manifest]:
    """Return what is published of these tasks, in the order of their names; `are_async` names those that are.

    A task belongs to the plug-in in whose modules, or beside whose modules, it stands; all others are Bellhop's own.
    """
    ordered = sorted(signatures, key=lambda signature: signature.name)
    return [manifest_of(one, _owner(one.stub.__module__, plugins), is_async=one.name in are_async) for one in ordered]


def _owner(module: str, plugins: Sequence[Plugin]) -> str:
    places = {place: plugin.name for plugin in plugins for part in plugin.modules for place in (part, _around(part))}
    while module and module not in places:
        module = module.rpartition(".")[0]
    return places.get(module, PLATFORM)


def _around(module: str) -> str:
    return module.rpartition(".")[0] or module


def digest_of(manifests: Iterable[Manifest]) -> str:
    """Return what changes when any of these does."""
    whole = _canonical([manifest.model_dump(mode="json") for manifest in manifests])
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
