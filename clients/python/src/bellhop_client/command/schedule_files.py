"""`bellhop schedules export` and `import`: schedules as a file, so that they can live in git."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bellhop_client.command import values
from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.errors import UsageError
from bellhop_client.command.output import plain, print_json
from bellhop_client.errors import Invalid
from bellhop_client.views import Schedule

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


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `export` and `import FILE`."""
    export = verbs.add_parser("export", help="write the schedules of people as JSON")
    export.set_defaults(run=export_all)
    importing = verbs.add_parser("import", help="store the schedules of a file: all of them, or none")
    importing.add_argument("file", metavar="FILE", help="as `export` writes it, or - for the standard input")
    importing.add_argument("--delete-others", action="store_true", help="delete schedules of people that are not in it")
    importing.add_argument("--json", action="store_true", help="print what was done as JSON")
    importing.set_defaults(run=import_all)
    for parser in (export, importing):
        add_options(parser)


def export_all(arguments: argparse.Namespace) -> None:
    """Write the schedules of people to the standard output."""
    with connect(arguments) as client:
        whole = (client.schedules.get(one) if one.omitted else one for one in client.schedules.list(source="api"))
        print_json({"schedules": [described(schedule) for schedule in whole]})


def described(schedule: Schedule) -> dict[str, Any]:
    """Return what a file says of a schedule."""
    facts = plain(schedule)
    return {name: facts[name] for name, default in FIELDS.items() if facts[name] != default}


def import_all(arguments: argparse.Namespace) -> None:
    """Store a file. Raises UsageError, which names the schedule and the field of each fault."""
    schedules = read(arguments.file)
    with connect(arguments) as client:
        try:
            done = client.schedules.import_all(schedules, delete_others=arguments.delete_others)
        except Invalid as error:
            faults = [f"{_place(name, schedules)}: {message}" for name, message in error.errors.items()]
            raise UsageError("nothing was stored:\n" + "\n".join(faults)) from None
    if arguments.json:
        print_json(done)
    else:
        counts = [f"{len(getattr(done, what))} {what}" for what in ("created", "changed", "deleted")]
        print(", ".join([*counts, f"{done.unchanged} unchanged"]))


def read(path: str) -> list[Any]:
    """Return the schedules of a file. Raises UsageError."""
    try:
        document = values.json_of(sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"argument FILE: cannot read {path}: {error.strerror}") from None
    except (argparse.ArgumentTypeError, UnicodeDecodeError) as error:
        raise UsageError(f"argument FILE: {path}: {error}") from None
    schedules = document.get("schedules") if isinstance(document, dict) else None
    if not isinstance(schedules, list):
        raise UsageError(f"argument FILE: {path}: must be a JSON object with a list `schedules`")
    return schedules


def _place(name: str, schedules: list[Any]) -> str:
    """Return the field of a fault with the name of its schedule."""
    _, _, rest = name.partition("schedules.")
    place, _, field = rest.partition(".")
    if not place.isdigit() or int(place) >= len(schedules):
        return name
    one = schedules[int(place)]
    called = one.get("name") if isinstance(one, dict) else one
    return f"schedule {json.dumps(called, ensure_ascii=False)}: {field}"
