"""A task as web and scheduler know it: by its manifest, with the schema of its arguments, and without its code."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jsonschema_rs import ValidationError

from bellhop.errors import MOST_FAULTS, Fault, Invalid, few_unknown, gathering
from bellhop.limit_key import limit_key_of
from bellhop.manifest import Manifest
from bellhop.signature import attempts_for
from bellhop_ledger.platform.secrets import is_encrypted
from bellhop_ledger.tasks.encryption import encrypt_secrets
from bellhop_ledger.tasks.schema import compile_schema, mark_integers
from bellhop_ledger.tasks.words import faults_of

MANY = 1_000
"""Values in the arguments from which on not each fault is named: to find one means to make all, at 25 us each."""
TOO_LARGE = "does not fit the task's schema, and is too large to say where"
UNKNOWN = frozenset({"additionalProperties", "unevaluatedProperties", "falseSchema"})


class Arguments:
    """The schema of a task's arguments, compiled. It takes about a microsecond to find that some are right."""

    def __init__(self, schema: Mapping[str, Any], secrets: Mapping[str, Any]):
        self._schema = mark_integers(schema)
        self._secrets = frozenset(secrets)
        properties = schema.get("properties", {})
        self.names = tuple(properties)
        self._defaults = {name: one["default"] for name, one in properties.items() if "default" in one}
        self._validator = compile_schema(self._schema)

    def with_defaults(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments in their order, with the defaults of those that are not given."""
        known = {
            name: args[name] if name in args else copy.deepcopy(self._defaults[name])
            for name in self.names
            if name in args or name in self._defaults
        }
        return known | {name: value for name, value in args.items() if name not in known}

    def faults(self, args: Any) -> list[Fault]:
        """Return what is wrong, at most fifty faults; secrets that are encrypted already count as right."""
        if self._validator.is_valid(args):
            return []
        if isinstance(args, dict):
            args = few_unknown(self.names, args)
        found = self._each(args) if _is_large(args) else self._all(args)
        return list(islice(found, MOST_FAULTS))

    def _all(self, args: Any) -> Iterator[Fault]:
        errors = [error for error in self._validator.iter_errors(args) if not self._is_encrypted(error)]
        for error in sorted(errors, key=lambda error: error.kind.name in UNKNOWN):  # of those there may be very many
            yield from faults_of(error, self._schema)

    def _each(self, args: dict[str, Any]) -> Iterator[Fault]:
        """Look at one argument after the other, at large ones as a whole only."""
        required = self._schema.get("required", ())
        yield from (Fault(name, "is required") for name in required if name not in args)
        loose = compile_schema({key: value for key, value in self._schema.items() if key != "required"})
        for name, value in args.items():
            if not loose.is_valid({name: value}):
                small = [] if _is_large(value) else [*islice(loose.iter_errors({name: value}), MOST_FAULTS)]
                yield from (fault for error in small for fault in faults_of(error, self._schema))
                if not small:
                    yield Fault(name, TOO_LARGE)

    def _is_encrypted(self, error: ValidationError) -> bool:
        """Whether this is about a secret that was right before it was encrypted."""
        value = error.instance
        return (
            bool(error.instance_path)
            and error.instance_path[0] in self._secrets
            and (isinstance(value, str) and is_encrypted(value))
        )


def _is_large(value: Any) -> bool:
    waiting, seen = [value], 0
    while waiting and seen <= MANY:
        seen += 1
        match waiting.pop():
            case dict() as one:
                waiting.extend(islice(one.values(), MANY))
                seen += len(one)
            case list() as one:
                waiting.extend(islice(one, MANY))
    return seen > MANY


@dataclass(frozen=True)
class Task:
    """A published task, with its arguments' schema compiled."""

    manifest: Manifest
    release: str
    arguments: Arguments
    fingerprint: str

    @classmethod
    def of(cls, manifest: Manifest, release: str) -> "Task":
        """Compile the schema. Raises InvalidSchema."""
        arguments = Arguments(manifest.arguments, manifest.secrets)
        return cls(manifest, release, arguments, manifest.fingerprint)

    @property
    def name(self) -> str:
        """Its name."""
        return self.manifest.name

    @property
    def queue(self) -> str:
        """Where its jobs wait."""
        return self.manifest.queue

    @property
    def quiet(self) -> bool:
        """Whether its successes are of no interest."""
        return self.manifest.policy.quiet

    @property
    def overridable(self) -> tuple[str, ...]:
        """What a submission may say of its own job."""
        return self.manifest.policy.overridable

    @property
    def soft_limit(self) -> float:
        """Seconds until the body is interrupted."""
        return self.manifest.policy.soft_limit

    def attempts_of(self, args: Mapping[str, Any]) -> int:
        """Return how many attempts a job with these arguments, defaults included, has at most."""
        policy = self.manifest.policy
        if policy.attempts_argument is None:
            return policy.attempts
        return attempts_for(args.get(policy.attempts_argument), policy.attempts)

    def limit_key_of(self, args: Mapping[str, Any]) -> str | None:
        """Return what a job with these arguments is limited by besides its task."""
        declared = self.manifest.policy.limit_key
        return limit_key_of(declared, args) if declared else None

    def checked(self, args: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments as they are stored: complete, and with the secrets encrypted.

        Raises Invalid, which names every wrong argument.
        """
        complete = self.arguments.with_defaults(args)
        faults = self.arguments.faults(complete)
        if self.manifest.secrets:
            wrong = {_first(fault) for fault in faults}
            with gathering(faults):
                complete = encrypt_secrets(self.name, self.manifest.secrets, complete, wrong=wrong)
        if faults:
            raise Invalid(faults=faults)
        return complete

    def why_unfit(self, args: dict[str, Any]) -> str | None:
        """Return what is wrong with stored arguments, or nothing when they fit."""
        faults = self.arguments.faults(args)
        return f"args.{faults[0].field}: {faults[0].message}" if faults else None


def _first(fault: Fault) -> str:
    return fault.field.partition(".")[0]
