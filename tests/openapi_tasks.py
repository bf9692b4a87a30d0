"""Whole requests: those of the OpenAPI document, with what it says of each task apart from them."""

from typing import Any


def with_tasks(document: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of the document, in which those of requests contain what its `x-tasks` refer to.

    There they are not, so that generators of clients make no class for each task.
    """
    schemas: dict[str, Any] = document["components"]["schemas"]
    listed = schemas["JobRequest"]["x-tasks"]
    one = {"oneOf": [{"$ref": reference} for reference in listed.values()]}
    changes = schemas["ScheduleChanges"]
    task = changes["properties"]["task"] | {"enum": list(listed)}
    whole = {"if": {"required": ["task", "args"]}, "then": one, "properties": changes["properties"] | {"task": task}}
    requests = {name: schemas[name] | one for name in ("JobRequest", "BatchJob", "NewSchedule")}
    return schemas | requests | {"ScheduleChanges": changes | whole}
