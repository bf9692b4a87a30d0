"""`bellhop schedules export` and `import`: schedules as a file, JSON or YAML, so that they can live in git."""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from bellhop_client.client import Client
from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.errors import UsageError
from bellhop_client.command.output import plain, print_json
from bellhop_client.command.schedules.reading import FORMATS, Found, read, yaml_text
from bellhop_client.errors import Invalid, Unreachable
from bellhop_client.views import Schedule, ScheduleImport

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
    export = verbs.add_parser("export", help="write the schedules of people as a file")
    export.add_argument("--format", choices=FORMATS, default="json", metavar="FORMAT", help="json (default) or yaml")
    export.set_defaults(run=export_all)
    importing = verbs.add_parser("import", help="store the schedules of a file: all of them, or none")
    importing.add_argument("file", metavar="FILE", help="as `export` writes it, or - for the standard input")
    importing.add_argument(
        "--format", choices=FORMATS, metavar="FORMAT", help="json or yaml; else yaml where FILE ends so, or in yml"
    )
    importing.add_argument("--delete-others", action="store_true", help="delete schedules of people that are not in it")
    importing.add_argument("--json", action="store_true", help="print what was done as JSON")
    importing.set_defaults(run=import_all)
    for parser in (export, importing):
        add_options(parser)


def export_all(arguments: argparse.Namespace) -> None:
    """Write the schedules of people to the standard output."""
    write = yaml_text().written if arguments.format == "yaml" else None
    with connect(arguments) as client:
        whole = (client.schedules.get(one) if one.omitted else one for one in client.schedules.list(source="api"))
        document = {"schedules": [described(schedule) for schedule in whole]}
    if write:
        sys.stdout.write(write(document))
    else:
        print_json(document)


def described(schedule: Schedule) -> dict[str, Any]:
    """Return what a file says of a schedule."""
    facts = plain(schedule)
    return {name: facts[name] for name, default in FIELDS.items() if facts[name] != default}


def import_all(arguments: argparse.Namespace) -> None:
    """Store a file. Raises UsageError, which names the line, the schedule and the field of each fault."""
    found = read(arguments.file, arguments.format)
    with connect(arguments) as client:
        done = _stored(client, found, arguments)
    if arguments.json:
        print_json(done)
    else:
        counts = [f"{len(getattr(done, what))} {what}" for what in ("created", "changed", "deleted")]
        print(", ".join([*counts, f"{done.unchanged} unchanged"]))


def _stored(client: Client, found: Found, arguments: argparse.Namespace) -> ScheduleImport:
    unknown = [f"{name}: is not known here" for name in found.document if name != "schedules"]
    if unknown:
        raise UsageError("nothing was sent:\n" + "\n".join(unknown))
    try:
        return client.schedules.import_all(found.schedules, delete_others=arguments.delete_others)
    except Invalid as error:
        raise UsageError("nothing was stored:\n" + "\n".join(_complaints(error, found))) from None
    except Unreachable as error:
        raise Unreachable(
            f"{error}. Whether the schedules were stored is not known: send the same file again, which leaves alone "
            "what is stored already"
        ) from None


def _complaints(error: Invalid, found: Found) -> Iterator[str]:
    """Name line, schedule and field of each fault."""
    schedules = found.schedules
    for name, message in error.errors.items():
        place, _, field = name.removeprefix("schedules.").partition(".")
        if not place.isdigit() or int(place) >= len(schedules):
            yield f"{name}: {message}"
            continue
        line, one = found.line_of(name), schedules[int(place)]
        called = json.dumps(one.get("name") if isinstance(one, dict) else one, ensure_ascii=False)
        yield f"{f'line {line}, ' if line else ''}schedule {called}: {f'{field}: ' if field else ''}{message}"
