"""Validation of arguments by the JSON Schema of a manifest: by whoever has the schema and not the code."""

import copy
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationError

from bellhop.errors import MOST_FAULTS, Fault
from bellhop_ledger.platform.secrets import is_encrypted
from bellhop_ledger.tasks.words import faults_of

MANY = 1_000
"""Values in the arguments from which on not each fault is named: to find one means to make all, at 25 us each."""
TOO_LARGE = "does not fit the task's schema, and is too large to say where"
UNKNOWN = frozenset({"additionalProperties", "unevaluatedProperties", "falseSchema"})
INTEGER, CASELESS = "x-integer", "x-caseless-names"


class InvalidSchema(ValueError):
    """A schema cannot be used."""


class Integer:
    """A number written with a fraction, such as 5.0, is no integer: the body's own check would refuse it."""

    def __init__(self, *_: Any):
        pass

    def validate(self, instance: Any) -> None:
        """Raise ValueError."""
        if isinstance(instance, float):
            raise ValueError("must be an integer, written without a fraction")


class CaselessNames:
    """The names of an object's fields differ in more than capital letters, as those of HTTP headers do."""

    def __init__(self, *_: Any):
        pass

    def validate(self, instance: Any) -> None:
        """Raise ValueError."""
        if isinstance(instance, dict) and len({name.lower() for name in instance}) < len(instance):
            raise ValueError("has one name twice")


KEYWORDS: dict[str, Any] = {INTEGER: Integer, CASELESS: CaselessNames}


class Arguments:
    """The schema of a task's arguments, compiled. It takes about a microsecond to find that some are right."""

    def __init__(self, schema: Mapping[str, Any], secrets: Mapping[str, Any]):
        self._schema = _with_integers(schema)
        self._secrets = frozenset(secrets)
        properties = schema.get("properties", {})
        self.names = tuple(properties)
        self._defaults = {name: one["default"] for name, one in properties.items() if "default" in one}
        self._validator = _compiled(self._schema)

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
            args = self._few_unknown(args)
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
        loose = _compiled({key: value for key, value in self._schema.items() if key != "required"})
        for name, value in args.items():
            if not loose.is_valid({name: value}):
                small = [] if _is_large(value) else [*islice(loose.iter_errors({name: value}), MOST_FAULTS)]
                yield from (fault for error in small for fault in faults_of(error, self._schema))
                if not small:
                    yield Fault(name, TOO_LARGE)

    def _few_unknown(self, args: dict[str, Any]) -> dict[str, Any]:
        unknown = islice((name for name in args if name not in self.names), MOST_FAULTS)
        return {name: args[name] for name in (*(name for name in self.names if name in args), *unknown)}

    def _is_encrypted(self, error: ValidationError) -> bool:
        """Whether this is about a secret that was right before it was encrypted."""
        value = error.instance
        return (
            bool(error.instance_path)
            and error.instance_path[0] in self._secrets
            and (isinstance(value, str) and is_encrypted(value))
        )


def _compiled(schema: Mapping[str, Any]) -> Any:
    try:
        return jsonschema_rs.Draft202012Validator(
            dict(schema), validate_formats=True, keywords=KEYWORDS, offline=True, mask="***"
        )
    except ValueError as error:
        raise InvalidSchema(str(error)) from None


def _with_integers(schema: Any) -> Any:
    """Return the schema with a mark at each integer, which in JSON Schema 5.0 is, too."""
    if isinstance(schema, list):
        return [_with_integers(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    marked = {key: value if key in {"default", "examples", "enum", "const"} else _with_integers(value)
              for key, value in schema.items()}  # fmt: skip
    return marked | ({INTEGER: True} if schema.get("type") == "integer" else {})


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
