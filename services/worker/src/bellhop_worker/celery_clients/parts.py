"""What a message of a plain Celery client says, of either protocol: nothing of it need be as it should be."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kombu import Message
from kombu.exceptions import ContentDisallowed

from bellhop_ledger.broker.envelopes import UNREADABLE
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.jsontext import cleaned

LONGEST_NAME = 200
NAMELESS = "unknown"
"""In the place of a task that a message does not name."""


class Unfit(Exception):
    """The message cannot become a job that waits."""

    def __init__(self, kind: str, reason: str, state: State = State.FAILED):
        super().__init__(reason)
        self.kind, self.reason, self.state = kind, reason, state


@dataclass(frozen=True)
class Parts:
    """What a message says, of either of Celery's protocols."""

    fields: Mapping[str, Any]
    args: list[Any]
    kwargs: dict[str, Any]
    canvas: Mapping[str, Any]


def named(message: Message) -> tuple[str, str]:
    """Return the task's id and name. A message without an id that can be used is known by its mark in Redis."""
    fields = fields_of(message)
    return id_of(fields) or f"message-{message.delivery_tag}", task_of(fields)


def fields_of(message: Message) -> Mapping[str, Any]:
    """Return the fields that name the task and its id, as far as they can be read; it never fails."""
    headers = message.headers
    try:
        if UNREADABLE in headers:
            envelope = json.loads(message.body)
            headers = envelope.get("headers") if isinstance(envelope, dict) else None
        if isinstance(headers, dict) and "task" in headers:
            return headers
        body = message.decode()
    except Exception:  # whatever it is, there is no name to be had
        return headers if isinstance(headers, dict) else {}
    return body if isinstance(body, dict) else {}


def id_of(fields: Mapping[str, Any]) -> str:
    """Return the client's id of the task, or nothing if it has none that can be used."""
    given = fields.get("id")
    if isinstance(given, int) and not isinstance(given, bool) and given.bit_length() < 128:
        return str(given)
    return given if isinstance(given, str) else ""


def task_of(fields: Mapping[str, Any]) -> str:
    """Return the name of the task as it can be stored and shown."""
    name = fields.get("task")
    return cleaned(name[:LONGEST_NAME], LONGEST_NAME) if isinstance(name, str) and name else NAMELESS


def parts_of(message: Message) -> Parts:
    """Take a message apart. Raises Unfit."""
    if reason := message.headers.get(UNREADABLE):
        raise Unfit("UnreadableMessage", f"What lay in the queue is no message of Celery's: {reason}"[:500])
    body, headers = decoded(message), message.headers
    match body:
        case [args, kwargs, canvas] if "task" in headers:
            fields, canvas = headers, canvas or {}
        case {"task": _} | {"args": _} | {"kwargs": _}:
            fields = {**body, **headers, "group": headers.get("group") or body.get("group") or body.get("taskset")}
            args, kwargs, canvas = body.get("args", []), body.get("kwargs", {}), body
        case _:
            raise Unfit("UnreadableMessage", "The body must be [args, kwargs, options] of a task that the headers name")
    if not isinstance(args, list) or not isinstance(kwargs, dict) or not isinstance(canvas, dict):
        raise Unfit("UnreadableMessage", "The body's args must be a list, its kwargs and its options objects")
    return Parts(fields, args, kwargs, {**canvas, "group": fields.get("group")})


def decoded(message: Message) -> Any:
    """Decode the body. Raises Unfit, which does not quote it."""
    try:
        if message.errors:
            message._reraise_error()
        return message.decode()
    except ContentDisallowed as error:
        raise Unfit("ContentDisallowed", f"The body must be JSON: {error}"[:500]) from None
    except RecursionError:
        raise Unfit("UnreadableMessage", "The body is nested too deeply") from None
    except Exception as error:  # kombu's decoders have errors of their own
        kind = type(error.__cause__ or error).__name__
        raise Unfit("UnreadableMessage", f"The body cannot be read as JSON ({kind})") from None
