"""Envelopes: whatever lies in a list of Redis is looked at before kombu, Celery or the scheduler relies on its shape.

Kombu takes a message apart in the worker's main process without a check, so that a list with `hello` in it, or a
header that is nested 900 deep, would end the worker, and the next one when the message comes back.
"""

import bz2
import lzma
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from kombu.utils.json import dumps, loads
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bellhop.text import Shape, words_of
from bellhop_ledger.platform.jsontext import DEEPEST

UNREADABLE = "bellhop-unreadable"
"""The header of an envelope that we have put around something that is none; its value says why."""
LARGEST = 8 * 1024 * 1024
"""Bytes of a message, also when it is decompressed."""
NO_LIMITS = [None, None]
DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "application/x-gzip": zlib.decompressobj,
    "application/x-bz2": bz2.BZ2Decompressor,
    "application/x-lzma": lzma.LZMADecompressor,
}


class Unreadable(ValueError):
    """What lies in a queue is no message; the text says why and quotes nothing of it."""


class Delivery(BaseModel):
    """Where kombu puts a message back to."""

    exchange: str | None
    routing_key: str | None


class Properties(BaseModel):
    """What kombu needs to know of a message."""

    delivery_tag: Annotated[str, Shape("[!-~]{1,200}", "1 to 200 visible ASCII characters", as_it_is=True)]
    delivery_info: Delivery
    body_encoding: Annotated[str, Shape("(?i:base64|utf-8|)", "base64 or utf-8", as_it_is=True)] | None = None
    priority: int | None = None


class Envelope(BaseModel):
    """A message as kombu's Redis transport writes it; what kombu reads without a check is checked here."""

    model_config = ConfigDict(hide_input_in_errors=True)

    body: str | None = None
    content_type: str | None = Field(default=None, alias="content-type")
    content_encoding: str | None = Field(default=None, alias="content-encoding")
    headers: dict[str, Any] = Field(default_factory=dict)
    properties: Properties


def readable(item: bytes, queue: str) -> bytes:
    """Return what came from a list of Redis, or an envelope around it when kombu could not take it."""
    try:
        if len(item) > 2 * LARGEST:
            raise Unreadable(f"it is larger than {2 * LARGEST:,} bytes")
        check(read(item), flat=item.count(b"[") + item.count(b"{") <= DEEPEST)
    except Unreadable as error:
        return wrapped(item, queue, str(error))
    return item


def read(item: bytes) -> Any:
    """Read JSON as kombu does. Raises Unreadable."""
    try:
        return loads(item)
    except RecursionError:
        raise Unreadable("it is nested too deeply") from None
    except Exception as error:  # kombu turns marked values into objects, and each kind has errors of its own
        raise Unreadable(f"it is not JSON ({type(error).__name__})") from None


def check(envelope: Any, *, flat: bool = False) -> None:
    """Raise Unreadable when kombu could not take this; `flat` says that it cannot be nested too deeply."""
    try:
        shape = Envelope.model_validate(envelope)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise Unreadable(f"{'.'.join(map(str, first['loc'])) or 'it'}: {words_of(first)}") from None
    check_body(shape)
    if not flat and is_deep(envelope):
        raise Unreadable(f"it is nested more than {DEEPEST} levels deep")


def is_deep(value: Any) -> bool:
    """Whether lists and objects stand in one another deeper than kombu, which writes the message down again, may go."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [inner for one in level if isinstance(one, dict | list) for inner in inside(one)]
        if not level:
            return False
    return True


def inside(one: dict[str, Any] | list[Any]) -> Iterable[Any]:
    """Return what stands in a list or an object."""
    return one.values() if isinstance(one, dict) else one


def check_body(envelope: Envelope) -> None:
    """Raise Unreadable for a body that cannot be decoded, or would be huge once it is decompressed."""
    compression = envelope.headers.get("compression")
    try:
        body = (envelope.body or "").encode()
        if (envelope.properties.body_encoding or "").lower() == "base64":
            body = b64decode(body)
        if not compression:
            return
        content = DECOMPRESSORS[compression]().decompress(body, LARGEST + 1)
    except (KeyError, TypeError):
        raise Unreadable("headers.compression: must be one of " + ", ".join(DECOMPRESSORS)) from None
    except Exception as error:  # each library has errors of its own
        raise Unreadable(f"body: cannot be decoded ({type(error).__name__})") from None
    if len(content) > LARGEST:
        raise Unreadable(f"body: is larger than {LARGEST:,} bytes when it is decompressed")


def wrapped(item: bytes, queue: str, reason: str) -> bytes:
    """Return a message that carries something unreadable from its queue, so that it can be put back there."""
    info = {"exchange": "", "routing_key": queue}
    properties = {"delivery_tag": uuid4().hex, "delivery_info": info, "body_encoding": "base64"}
    envelope = {
        "body": b64encode(item[:LARGEST]).decode(),
        "content-type": "application/data",
        "content-encoding": "binary",
        "headers": {UNREADABLE: reason},
        "properties": properties,
    }
    return str(dumps(envelope)).encode()


def is_ours(headers: Mapping[str, Any]) -> bool:
    """Whether our sender wrote these headers: the message names jobs of the ledger, and all else is a constant."""
    jobs, sent = headers.get("jobs"), headers.get("sent")
    return (
        isinstance(jobs, list)
        and len(jobs) > 0
        and all(isinstance(job, str) and is_uuid(job) for job in jobs)
        and isinstance(headers.get("suspect"), bool)
        and isinstance(sent, int | float)
        and abs(sent) < 1e12
        and isinstance(headers.get("task"), str)
        and isinstance(headers.get("id"), str)
        and headers.get("timelimit") == NO_LIMITS
        and all(headers.get(name) is None for name in ("eta", "expires", "group", "shadow", "compression"))
    )


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID as we write it."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def sent_at(item: bytes) -> float:
    """Return when one of our messages was sent (Unix seconds), and zero for anything else: then nobody knows."""
    headers = headers_of(item)
    return float(headers["sent"]) if is_ours(headers) else 0.0


def names_jobs(noted: bytes | None) -> bool:
    """Whether what kombu has noted as unacknowledged, a list that begins with the message, names jobs of the ledger."""
    try:
        match read(noted or b""):
            case [{"headers": dict() as headers}, *_]:
                return is_ours(headers)
    except Unreadable:
        pass
    return False


def is_task(item: bytes) -> bool:
    """Whether this asks for a task; what is no message, or answers remote control, does not."""
    try:
        envelope = read(item)
        check(envelope)
    except Unreadable:
        return False
    return "ticket" not in envelope.get("headers", {})


def headers_of(item: bytes) -> dict[str, Any]:
    """Return the headers of whatever lies in a queue, none for what has none."""
    try:
        envelope = read(item)
    except Unreadable:
        return {}
    headers = envelope.get("headers") if isinstance(envelope, dict) else None
    return headers if isinstance(headers, dict) else {}
