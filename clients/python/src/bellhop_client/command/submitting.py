"""`bellhop submit`: a job, and where it is wished its end."""

import argparse
import sys
from pathlib import Path
from typing import Any

from bellhop_client.command import values
from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.errors import UsageError
from bellhop_client.command.jobs import add_timeout, wait_for
from bellhop_client.command.output import print_json


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `submit TASK [NAME=VALUE ...]`."""
    parser = commands.add_parser("submit", help="submit a job, and print its id")
    parser.add_argument("task", metavar="TASK", help="the name of a task, such as invoices.render")
    parser.add_argument(
        "arguments",
        metavar="NAME=VALUE",
        nargs="*",
        default=[],
        type=values.argument,
        help="an argument of the task; the value is JSON, or else text: n=7, name=Ann, zip='\"01234\"'",
    )
    parser.add_argument(
        "--args", metavar="FILE", help="more arguments: a file with a JSON object, or - (standard input)"
    )
    _add_wishes(parser)
    parser.add_argument("--wait", action="store_true", help="wait for the end, and exit with 1 where it fails")
    add_timeout(parser)
    parser.add_argument("--json", action="store_true", help="print the job as JSON")
    add_options(parser)
    parser.set_defaults(run=submit)


def _add_wishes(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("of this job")
    due = group.add_mutually_exclusive_group()
    due.add_argument("--delay", type=values.duration, metavar="TIME", help="when it is due: 90 (seconds), 5m, 1h30m")
    due.add_argument("--run-at", type=values.moment, metavar="DATE", help="when it is due: 2037-01-31T09:30:00Z")
    group.add_argument("--expires", type=values.moment, metavar="DATE", help="if it has not begun by then, cancel it")
    group.add_argument("--priority", type=int, metavar="N", help="from 0 to 9, which goes first")
    group.add_argument("--queue", metavar="NAME", help="another queue than its task's")
    group.add_argument("--tag", dest="tags", action="append", metavar="TAG", help="may be given again")
    group.add_argument("--label", metavar="TEXT", help="a line that lists show beside the task")
    group.add_argument("--max-attempts", type=values.count, metavar="N")
    group.add_argument("--limit", type=values.duration, metavar="TIME", help="after which a run is interrupted")
    group.add_argument("--key", metavar="KEY", help="an idempotency key: with it, the same job is submitted once")


def submit(arguments: argparse.Namespace) -> int:
    """Submit a job and print its id; with --wait, print its end."""
    named = ("delay", "run_at", "expires", "priority", "queue", "tags", "label", "max_attempts", "key")
    wishes: dict[str, Any] = {name: getattr(arguments, name) for name in named}
    args = args_of(arguments)
    with connect(arguments) as client:
        job = client.submit(arguments.task, args, timeout=arguments.limit, **wishes)
        if arguments.wait:
            return wait_for(client, [job], arguments)
    if arguments.json:
        print_json(job)
    else:
        print(job.id)
    return 0


def args_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the task's arguments. Raises UsageError where the file is not an object, or names one again."""
    args = dict(_read(arguments.args)) if arguments.args else {}
    for name, value in arguments.arguments:
        if name in args:
            raise UsageError(f"argument {name}: is given more than once")
        args[name] = value
    return args


def _read(path: str) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
        found = values.json_of(text)
    except OSError as error:
        raise UsageError(f"argument --args: cannot read {path}: {error.strerror}") from None
    except (argparse.ArgumentTypeError, UnicodeDecodeError) as error:
        raise UsageError(f"argument --args: {path}: {error}") from None
    if not isinstance(found, dict):
        raise UsageError(f"argument --args: {path}: must be a JSON object with the task's arguments by name")
    return found
