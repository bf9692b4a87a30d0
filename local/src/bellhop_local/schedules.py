"""`make schedules-export` and `make schedules-import`: schedules as YAML, so that they can live in git."""

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import yaml

from bellhop_local.errors import LocalError
from bellhop_local.settings import DEVELOPMENT_TOKEN, LocalSettings
from bellhop_local.state import published

FIELDS: dict[str, Any] = {
    "name": None,
    "task": None,
    "args": {},
    "crontab": None,
    "interval_seconds": None,
    "anchor": None,
    "once_at": None,
    "time_zone": None,
    "starts_at": None,
    "ends_at": None,
    "jitter_seconds": 0,
    "catch_up": "latest",
    "grace_seconds": None,
    "ceiling": 100,
    "overlap": "allow",
    "priority": 5,
    "enabled": True,
    "note": "",
}
"""What a file says of a schedule, in this order, unless it is this."""


def export_schedules(settings: LocalSettings) -> int:
    """Write the schedules of people to the standard output, as YAML."""
    kept = [_said(schedule) for schedule in _all(settings)]
    yaml.safe_dump({"schedules": kept}, sys.stdout, sort_keys=False, allow_unicode=True)
    return 0


def import_schedules(settings: LocalSettings) -> int:
    """Store the schedules of the YAML on the standard input: all of them, or none when one is wrong."""
    text = sys.stdin.read()
    status, answer = _ask(settings, "/api/schedules/import", _read(text))
    if status != 200:
        raise LocalError("nothing was stored:\n" + "\n".join(_complaints(text, answer)))
    print(", ".join(f"{len(answer[what])} {what}" for what in ("created", "changed")), end=", ")
    print(f"{answer['unchanged']} unchanged")
    return 0


def _said(schedule: dict[str, Any]) -> dict[str, Any]:
    return {name: schedule[name] for name, default in FIELDS.items() if schedule[name] != default}


def _all(settings: LocalSettings) -> Iterator[dict[str, Any]]:
    query = "/api/schedules?source=api&limit=200"
    cursor: str | None = ""
    while cursor is not None:
        status, answer = _ask(settings, f"{query}&cursor={quote(cursor)}" if cursor else query)
        if status != 200:
            raise LocalError(str(answer.get("detail", answer)))
        yield from (_whole(settings, schedule) for schedule in answer["schedules"])
        cursor = answer["next_cursor"]


def _whole(settings: LocalSettings, listed: dict[str, Any]) -> dict[str, Any]:
    """Return a schedule with what the list leaves out."""
    if not listed["omitted"]:
        return listed
    status, answer = _ask(settings, f"/api/schedules/{listed['id']}")
    if status != 200:
        raise LocalError(str(answer.get("detail", answer)))
    return answer


def _read(text: str) -> dict[str, Any]:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise LocalError(f"this is not YAML: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("schedules"), list):
        raise LocalError("the file must have a list under `schedules`")
    return document


def _complaints(text: str, answer: dict[str, Any]) -> Iterator[str]:
    """Name line, schedule and field of each fault."""
    document, lines = _read(text)["schedules"], _lines(text)
    for error in answer.get("errors") or [{"field": "", "message": answer.get("detail", "")}]:
        _, _, rest = error["field"].partition("schedules.")
        place, _, field = rest.partition(".")
        if not place.isdigit():
            yield f"{error['field']}: {error['message']}"
            continue
        one = document[int(place)]
        name = one.get("name") if isinstance(one, dict) else one
        yield f"line {lines[int(place)]}, schedule {name!r}: {field}: {error['message']}"


def _lines(text: str) -> list[int]:
    """Give the line at which each schedule begins."""
    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    return [item.start_mark.line + 1 for key, node in root.value if key.value == "schedules" for item in node.value]


def _ask(settings: LocalSettings, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    """Call the API of the stack that the environment names, else of the one that runs here."""
    stack = {**(published(settings.directory) or {}), **os.environ}
    url = stack.get("BELLHOP_URL") or settings.web_url
    data = json.dumps(body, default=lambda date: date.isoformat()).encode() if body is not None else None
    token = stack.get("ADMIN_TOKEN") or DEVELOPMENT_TOKEN
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url + path, data, headers), timeout=60) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError as error:
        raise LocalError(
            f"{url} does not answer: {error}; start a stack with `make local`, or set BELLHOP_URL"
        ) from None
