"""`make schedules-export` and `make schedules-import`: schedules as YAML, so that they can live in git."""

import codecs
import http.client
import json
import os
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from bellhop_local.errors import LocalError
from bellhop_local.schedules.yaml_text import Document, read_document, written
from bellhop_local.settings import LocalSettings
from bellhop_local.state import published

MOST_SCHEDULES, MOST_BYTES = 10_000, 16_000_000
"""What the API takes at once."""
PATIENCE = 120.0
"""Seconds; 10,000 schedules are stored in a fraction of it."""

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
    "overrides": None,
    "enabled": True,
    "note": "",
}
"""What a file says of a schedule, in this order, unless it is this."""


def export_schedules(settings: LocalSettings) -> int:
    """Write the schedules of people to the standard output, as YAML."""
    kept = [_without_defaults(schedule) for schedule in _all(settings)]
    sys.stdout.write(written({"schedules": kept}))
    return 0


def import_schedules(settings: LocalSettings) -> int:
    """Store the schedules of the YAML on the standard input: all of them, or none when one is wrong."""
    document = _read(sys.stdin.buffer.read())
    status, answer = _ask(settings, "/api/schedules/import", document.value)
    if status != 200:
        raise LocalError("nothing was stored:\n" + "\n".join(_complaints(document, answer)))
    print(", ".join(f"{len(answer[what])} {what}" for what in ("created", "changed")), end=", ")
    print(f"{answer['unchanged']} unchanged")
    return 0


def _without_defaults(schedule: dict[str, Any]) -> dict[str, Any]:
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


def _read(data: bytes) -> Document:
    document = read_document(_decoded(data))
    if document.faults:
        raise LocalError("nothing was sent:\n" + "\n".join(document.faults))
    if not isinstance(document.value, dict) or not isinstance(document.value.get("schedules"), list):
        raise LocalError("the file must have a list under `schedules`")
    if (count := len(document.value["schedules"])) > MOST_SCHEDULES:
        raise LocalError(
            f"the file has {count:,} schedules, and at most {MOST_SCHEDULES:,} are taken at once: divide it"
        )
    return document


def _decoded(data: bytes) -> str:
    """Read UTF-8, and UTF-16 with its mark, in which PowerShell writes files."""
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise LocalError(f"the file is not {encoding.removesuffix('-sig').upper()}: {error.reason}") from None


def _complaints(document: Document, answer: dict[str, Any]) -> Iterator[str]:
    """Name line, schedule and field of each fault."""
    for error in answer.get("errors") or [{"field": "", "message": answer.get("detail", "")}]:
        _, _, rest = error["field"].partition("schedules.")
        place, _, field = rest.partition(".")
        if not place.isdigit():
            yield f"{error['field']}: {error['message']}"
            continue
        one = document.value["schedules"][int(place)]
        name = one.get("name") if isinstance(one, dict) else one
        yield f"line {document.line_of(error['field'])}, schedule {name!r}: {field}: {error['message']}"


def _ask(settings: LocalSettings, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    """Call the API of the stack that BELLHOP_URL names, else of the one that runs in LOCAL_DIR."""
    url, token = _stack(settings)
    data = json.dumps(body).encode() if body is not None else None
    if data is not None and len(data) > MOST_BYTES:
        raise LocalError(f"the file makes {len(data):,} bytes, and at most {MOST_BYTES:,} are taken at once: divide it")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url + path, data, headers), timeout=PATIENCE) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, _problem(error)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise LocalError(_why_no_answer(url, error, sent=data is not None)) from None


def _stack(settings: LocalSettings) -> tuple[str, str]:
    """Return the address of the stack to call, and a token for it."""
    if url := os.environ.get("BELLHOP_URL"):
        return url.rstrip("/"), settings.admin_token
    stack = published(settings.directory)
    if stack is None:
        raise LocalError(
            f"no local stack runs in {settings.directory}: start one with `make local`, or set BELLHOP_URL"
        )
    return stack["BELLHOP_URL"], os.environ.get("ADMIN_TOKEN") or stack["ADMIN_TOKEN"]


def _problem(error: urllib.error.HTTPError) -> dict[str, Any]:
    """Return what an error says; one of a proxy before the stack has no JSON."""
    try:
        return dict(json.load(error))
    except (ValueError, TypeError):
        return {"detail": f"{error.url} answered {error.code} {error.reason}"}


def _why_no_answer(url: str, error: Exception, *, sent: bool) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, ConnectionRefusedError | socket.gaierror) or not sent:
        return f"{url} does not answer: {reason}; start a stack with `make local`, or set BELLHOP_URL"
    return (
        f"{url} has not answered: {reason}. Whether the schedules were stored is not known: send the same file again, "
        "which leaves alone what is stored already, or look with `make schedules-export`"
    )
