"""Pydantic's view of a signature: the model of its arguments, which of them are secret, and what a body returns."""

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, PydanticUserError, TypeAdapter, create_model

from bellhop import secret
from bellhop.signature import NotASignature

ARGUMENTS = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
"""An error does not quote what was given: it may be a secret, and errors are logged and shown."""


@cache
def arguments_of(name: str, stub: Callable[..., Any], given: tuple[str, ...]) -> type[BaseModel]:
    """Return the model of a stub's arguments, without the parameters that the worker fills in. Raises NotASignature."""
    fields: dict[str, Any] = {}
    hints = get_type_hints(stub, include_extras=True)
    for parameter in inspect.signature(stub).parameters.values():
        if parameter.name not in given:
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[parameter.name] = (hints[parameter.name], default)
    try:
        return create_model(name, __config__=ARGUMENTS, **fields)
    except PydanticUserError as error:
        raise NotASignature(f"{name}: its arguments have no JSON Schema: {error.message}") from error


@cache
def secrets_of(name: str, stub: Callable[..., Any], given: tuple[str, ...]) -> Mapping[str, Mapping[str, Any]]:
    """Return the marks of a stub's secret arguments, by name; see `bellhop.secret`."""
    return secret.secrets_of(arguments_of(name, stub, given).model_json_schema())


@cache
def returns_of(name: str, stub: Callable[..., Any]) -> TypeAdapter[Any]:
    """Return the validator of what a body returns. Raises NotASignature."""
    try:
        return TypeAdapter(get_type_hints(stub, include_extras=True)["return"])
    except PydanticUserError as error:
        raise NotASignature(f"{name}: its result has no JSON Schema: {error.message}") from error
