"""The arguments of a message: plain JSON, named as a call in Python does, and as they are stored."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from bellhop.errors import Invalid
from bellhop.signature import Signature, registry
from bellhop.text import words_of
from bellhop_ledger.platform.jsontext import unstorable
from bellhop_ledger.platform.secrets import MASK
from bellhop_ledger.tasks.encryption import encrypt_secrets
from bellhop_worker.celery_clients.parts import Parts, Unfit


def plain(parts: Parts) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments as plain JSON: kombu has read dates and the like. Raises Unfit."""
    if fault := next(unstorable({"args": parts.args, "kwargs": parts.kwargs}), None):
        raise Unfit("UnstorableArguments", f"{fault.field}: {fault.message}")
    try:
        args, kwargs = to_jsonable_python((parts.args, parts.kwargs))
    except (PydanticSerializationError, ValueError):
        raise Unfit("UnstorableArguments", "args, kwargs: must be values of JSON, dates, UUIDs or decimals") from None
    return args, kwargs


def bound(signature: Signature[..., Any], args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Name all arguments as a call in Python does. Raises Unfit with Python's words."""
    names = list(signature.arguments.model_fields)
    if len(args) > len(names):
        raise Unfit("TypeError", f"{signature.name}() takes {len(names)} arguments but {len(args)} were given")
    by_place = dict(zip(names, args, strict=False))
    if twice := by_place.keys() & kwargs.keys():
        raise Unfit("TypeError", f"{signature.name}() got multiple values for argument {min(twice)!r}")
    return by_place | kwargs


def checked(signature: Signature[..., Any], args: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments as they are stored, secrets encrypted. Raises Unfit, which names what is wrong."""
    try:
        stored = signature.arguments.model_validate_json(json.dumps(args)).model_dump(mode="json")
        return encrypt_secrets(signature.name, signature.secrets, stored)
    except Invalid as error:
        words = [f"{fault.field}: {fault.message}" for fault in error.faults]
        raise Unfit("ValidationError", "; ".join(words)[:2_000]) from None
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        words = [f"{'.'.join(map(str, fault['loc']))}: {words_of(fault)}" for fault in faults]
        raise Unfit("ValidationError", "; ".join(words)[:2_000]) from None


def masked(signature: Signature[..., Any] | None, args: Mapping[Any, Any]) -> dict[Any, Any]:
    """Hide secrets; for an unknown task, whatever is a secret of any other."""
    known = [signature] if signature else registry.values()
    secrets = frozenset[str]().union(*(one.secrets for one in known))
    return {name: MASK if name in secrets else value for name, value in args.items()}
