"""Results: what a body returns is checked and made ready for JSON, or the job fails with what is wrong about it."""

import inspect
from collections.abc import AsyncIterator
from types import NoneType
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from bellhop.errors import Permanent
from bellhop.signature import Signature
from bellhop_ledger.platform.jsontext import not_finite, unstorable

SIMPLE = (NoneType, bool, int)
"""What most bodies return, and JSON has as well."""


class Misfit(Permanent):
    """Arguments or a result are not what the signature says; `error` says how. Trying again would not help.

    A ValidationError that a body itself raises is another matter: what it has read may be better the next time.
    """

    def __init__(self, error: ValidationError):
        super().__init__(str(error))
        self.error = error


class NotAResult(Permanent):
    """A body returned something that would have to be awaited first."""


class UnstorableResult(Permanent):
    """A body returned something that cannot be stored as JSON."""


def ready(signature: Signature[..., Any], returned: Any) -> Any:
    """Return the result ready for JSON. Raises Misfit, NotAResult and UnstorableResult."""
    if type(returned) not in SIMPLE:
        refuse_awaitable(returned)
    try:
        result = signature.returns.validate_python(returned)
    except ValidationError as error:
        raise Misfit(error) from None
    try:
        dumped = signature.returns.dump_python(result, mode="json")
        if dumped is result and type(result) in SIMPLE:
            return dumped
        faults = [*not_finite(signature.returns.dump_python(result)), *unstorable(dumped)]
    except (PydanticSerializationError, ValueError) as error:
        raise UnstorableResult(f"result: {error}") from error
    if faults:
        raise UnstorableResult(f"result {faults[0].field}: {faults[0].message}".replace("result :", "result:"))
    return dumped


def refuse_awaitable(returned: Any) -> None:
    """Raise NotAResult for a coroutine and the like: the work of the body has not even begun."""
    if inspect.iscoroutine(returned):
        returned.close()  # or Python would warn that it was never awaited
    if inspect.isawaitable(returned) or isinstance(returned, AsyncIterator):
        raise NotAResult(f"The body returned {type(returned).__name__}; it must return its result: use asyncio.run")
