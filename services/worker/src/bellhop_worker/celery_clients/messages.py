"""Messages of plain Celery clients: read as Celery would, into a job or into the reason why there is none."""

from datetime import UTC, datetime
from typing import Any

from kombu import Message

from bellhop.priority import DEFAULT_PRIORITY, HIGHEST_PRIORITY
from bellhop.signature import registry
from bellhop_ledger.ledger.adopt import Call, Refusal
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform import clock
from bellhop_worker.celery_clients.arguments import bound, checked, plain
from bellhop_worker.celery_clients.parts import Parts, Unfit, named, parts_of
from bellhop_worker.celery_clients.refusals import CANVAS, refusals

NO_CANVAS = "Bellhop runs no canvas (chain, group, chord, link, link_error), so nothing of it was begun: {}"
EXPIRED = "The message had expired when it was received"
UNKNOWN = "No task of this name is known here"
IGNORED = {"timelimit": "time limits", "shadow": "shadow", "ignore_result": "ignore_result", "stamps": "stamps"}
"""Options that a message carries and that a job has no place for, as the log names them."""


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
