"""Writing: from Python to the JSON, queries and paths of requests."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

Seconds = float | timedelta
DEEP = 20
"""Parts that the name of a field has at most."""


class Unsendable(ValueError):
    """What no request can carry; the message names the field."""


def is_unicode(text: str) -> bool:
    """Whether a text is without halves of surrogate pairs, which no encoding carries."""
    return not re.search("[\ud800-\udfff]", text)


def checked_key(key: str | None) -> str:
    """Return an idempotency key, a new one for None. Raises Unsendable for one that no header carries."""
    if key is not None and not re.fullmatch("[!-~]{1,200}", key):
        raise Unsendable("key: must be 1 to 200 visible ASCII characters")
    return new_key() if key is None else key


def new_key() -> str:
    """Return an idempotency key that nobody else has."""
    return uuid4().hex


def given(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def encoded(body: Mapping[str, Any]) -> bytes:
    """Return a body as JSON. Raises Unsendable for what JSON cannot carry, with the name of the field."""
    try:
        return json.dumps(body, default=_plain, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise Unsendable(f"{_culprit(body) or 'body'}: cannot be sent as JSON: {error}") from None


def _culprit(value: Any, *path: str) -> str | None:
    """Return where the first thing stands that JSON cannot carry, as the API names fields."""
    if isinstance(value, dict | list | tuple) and len(path) < DEEP:
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        return next(filter(None, (_culprit(one, *path, str(name)) for name, one in inner)), None)
    try:
        json.dumps(value, default=_plain, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError):
        return ".".join(path)
    return None


def _plain(value: Any) -> Any:
    """Write what pydantic reads back from JSON."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value).__name__} is not known there")


def moment(name: str, value: datetime | None) -> str | None:
    """Return a time as it is sent. Raises ValueError for one without a time zone, which may mean any."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{name}: must have a time zone, such as datetime.now(UTC) has")
    return value.isoformat()


def seconds(value: Seconds | None) -> float | None:
    """Return a length of time in seconds."""
    return value.total_seconds() if isinstance(value, timedelta) else value


def query_of(**parameters: Any) -> list[tuple[str, str]]:
    """Return the fields of a query; a list is given again for each of its values."""
    return [(name, text) for name, value in parameters.items() for text in _texts(name, value)]


def _texts(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _texts(name, one)
    elif isinstance(value, datetime):
        yield str(moment(name, value))
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif value is not None:
        yield str(value)


def path_of(*parts: Any) -> str:
    """Return a path of the API. A view stands for its id. Raises Unsendable for an id that would lead elsewhere."""
    texts = [str(getattr(part, "id", part)) for part in parts]
    for text in texts:
        if text in {"", ".", ".."}:  # of which a proxy makes another path
            raise Unsendable(f"id: must not be {text!r}")
    return "/api/" + "/".join(quote(text, safe="") for text in texts)
