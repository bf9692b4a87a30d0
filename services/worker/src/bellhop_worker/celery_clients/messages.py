"""Messages of plain Celery clients: read as Celery would, without a belief that any part of them is as it should be."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kombu import Message
from kombu.exceptions import ContentDisallowed
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from bellhop.errors import Invalid
from bellhop.priority import DEFAULT_PRIORITY, HIGHEST_PRIORITY
from bellhop.signature import Signature, registry
from bellhop_ledger.broker.envelopes import UNREADABLE
from bellhop_ledger.ledger.adopt import Call, Refusal, job_id_of
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.jsontext import cleaned, unstorable
from bellhop_ledger.platform.secrets import MASK
from bellhop_ledger.tasks.encryption import encrypt_secrets

LONGEST_NAME = 200
NAMELESS = "unknown"
"""In the place of a task that a message does not name."""
CANVAS = {"chain": "chain", "chord": "chord", "callbacks": "link", "errbacks": "link_error", "group": "group"}
"""Fields of a message that belong to a canvas, and what a client calls them."""
NO_CANVAS = "Bellhop runs no canvas (chain, group, chord, link, link_error), so nothing of it was begun: {}"
EXPIRED = "The message had expired when it was received"
UNKNOWN = "No task of this name is known here"
MOST_MEMBERS = 1_000
AS_SUBMITTED = frozenset({"Expired"})
"""Kinds of refusals whose arguments were in order."""
IGNORED = {"timelimit": "time limits", "shadow": "shadow", "ignore_result": "ignore_result", "stamps": "stamps"}
"""Options that a message carries and that a job has no place for, as the log names them."""


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


def read(message: Message) -> Call | list[Refusal]:
    """Return what a message asks for, or why it cannot be, for itself and for what would have followed it."""
    (task_id, task), parts = named(message), None
    try:
        parts = parts_of(message)
        return call_of(task_id, task, parts, message.properties.get("priority"))
    except Unfit as unfit:
        return refusals(task_id, task, parts, unfit)


def unstored(message: Message) -> list[Refusal]:
    """Return the refusal of a message that the database did not take: as little of it as possible."""
    return refusals(*named(message), None, Unfit("Unstorable", "The database did not take the message"))


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


def call_of(task_id: str, task: str, parts: Parts, priority: Any) -> Call:
    """Check what a message asks for. Raises Unfit."""
    signature = registry.get(task)
    if signature is None:
        raise Unfit("NotRegistered", UNKNOWN)
    if canvas := [CANVAS[field] for field in CANVAS if parts.canvas.get(field)]:
        raise Unfit("CanvasRefused", NO_CANVAS.format(", ".join(canvas)))
    run_at, expires = (moment(parts.fields.get(name), name) for name in ("eta", "expires"))
    if expires and expires <= clock.now():
        raise Unfit("Expired", EXPIRED, State.CANCELLED)
    ignored = tuple(words for field, words in IGNORED.items() if is_set(parts.fields.get(field)))
    args = checked(signature, bound(signature, *plain(parts)))
    return Call(task_id, signature, args, run_at, expires, priority_of(priority), ignored)


def is_set(value: Any) -> bool:
    """Whether an option was given: Celery sends its time limits as [None, None] when they were not."""
    return any(item is not None for item in value) if isinstance(value, list) else bool(value)


def moment(value: Any, name: str) -> datetime | None:
    """Read a date as Celery sends it, in ISO 8601, UTC when it has no offset. Raises Unfit."""
    try:
        if value is None:
            return None
        read = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise Unfit("InvalidTaskError", f"{name}: must be a date in ISO 8601 between the years 1 and 9999") from None


def priority_of(given: Any) -> int:
    """Return the job's priority: the client's number; of 0, which kombu writes when none was given, the usual one."""
    return min(max(int(given), 0), HIGHEST_PRIORITY) or DEFAULT_PRIORITY if given else DEFAULT_PRIORITY


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
        words = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults]
        raise Unfit("ValidationError", "; ".join(words)[:2_000]) from None


def refusals(task_id: str, task: str, parts: Parts | None, unfit: Unfit) -> list[Refusal]:
    """Return the refusal of a message, and of all that its canvas would have sent: clients wait for the last of it."""
    id, args = job_id_of(task_id), describe_args(task, parts, unfit) if parts else {}
    head = Refusal(id, task_id, task, unfit.kind, unfit.reason, args, unfit.state)
    members = members_of({field: parts.canvas.get(field) for field in CANVAS}) if parts else {}
    reason = f"It was to follow the job {id}, which was refused: {unfit.reason}"
    rest = [
        Refusal(job_id_of(one), one, name, unfit.kind, reason, {"part_of": str(id)}, unfit.state)
        for one, name in members.items()
    ]
    return [head, *rest]


def describe_args(task: str, parts: Parts, unfit: Unfit) -> dict[str, Any]:
    """Return the arguments as a refused job keeps them, without secrets.

    By name where trying it again may help. Otherwise as they came, which no task takes: a job that
    was refused for its canvas, say, must not be tried again without it.
    """
    signature = registry.get(task)
    try:
        args, kwargs = plain(parts)
    except Unfit:  # they cannot be stored, whatever else the message was refused for
        return {}
    if signature and unfit.kind in AS_SUBMITTED:
        with suppress(Unfit):
            return checked(signature, bound(signature, args, kwargs))
    if not args and unfit.kind in {*AS_SUBMITTED, "NotRegistered", "ValidationError"}:
        return masked(signature, kwargs)
    names = list(signature.arguments.model_fields) if signature else []
    by_place = masked(
        signature, {names[place] if place < len(names) else place: args[place] for place in range(len(args))}
    )
    return {"args": list(by_place.values()), "kwargs": masked(signature, kwargs)}


def masked(signature: Signature[..., Any] | None, args: Mapping[Any, Any]) -> dict[Any, Any]:
    """Hide secrets; of a task that is not known, what is one for any other."""
    known = [signature] if signature else registry.values()
    secrets = frozenset[str]().union(*(one.secrets for one in known))
    return {name: MASK if name in secrets else value for name, value in args.items()}


def members_of(canvas: Any) -> dict[str, str]:
    """Find the tasks in a canvas that have ids, at most a thousand: their ids and names."""
    found: dict[str, str] = {}
    waiting = [canvas]
    while waiting and len(found) < MOST_MEMBERS:
        match waiting.pop():
            case list() as several:
                waiting.extend(several)
            case dict() as one:
                options = one.get("options")
                if "task" in one and isinstance(options, dict) and (id := id_of({"id": options.get("task_id")})):
                    found[id] = task_of(one)
                waiting.extend(value for value in one.values() if isinstance(value, dict | list))
    return found
