"""The refusal of a message: as failed jobs, of its own and of all that its canvas would have sent."""

from contextlib import suppress
from typing import Any

from bellhop.signature import registry
from bellhop_ledger.ledger.adopt import Refusal, job_id_of
from bellhop_worker.celery_clients.arguments import bound, checked, masked, plain
from bellhop_worker.celery_clients.parts import Parts, Unfit, id_of, task_of

CANVAS = {"chain": "chain", "chord": "chord", "callbacks": "link", "errbacks": "link_error", "group": "group"}
"""Fields of a message that belong to a canvas, and what a client calls them."""
MOST_MEMBERS = 1_000
AS_SUBMITTED = frozenset({"Expired"})
"""Kinds of refusals whose arguments were in order."""


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
