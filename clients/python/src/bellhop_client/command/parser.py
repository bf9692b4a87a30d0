"""The parser: the verbs of this package, and those that other packages bring by the entry points `bellhop.commands`."""

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NoReturn, TypeAlias

from bellhop_client.command import (
    acting,
    completion,
    creating,
    doctoring,
    forwarding,
    jobs,
    logs,
    queues,
    submitting,
    tokens,
    users,
    workers,
)
from bellhop_client.command.errors import Exit, UsageError
from bellhop_client.command.schedules import verbs as schedules
from bellhop_client.version import VERSION

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
GROUP = "bellhop.commands"
OWN: dict[str, Callable[[Commands], None]] = {
    "submit": submitting.add_to,
    "wait": jobs.add_wait,
    "job": jobs.add_job,
    "jobs": jobs.add_jobs,
    "logs": logs.add_to,
    "retry": acting.add_retry,
    "cancel": acting.add_cancel,
    "queues": queues.add_to,
    "workers": workers.add_to,
    "schedules": schedules.add_to,
    "token": tokens.add_to,
    "forward": forwarding.add_to,
    "user": users.add_to,
    "doctor": doctoring.add_to,
    "new": creating.add_to,
    "completion": completion.add_to,
}
ELSEWHERE = {"export-day": "bellhop-ledger", "plugin": "bellhop-ledger", "dev": "bellhop-local"}
"""Verbs of other packages, for a person who has not installed them."""
EPILOG = """\
environment:
  BELLHOP_URL           where Bellhop is, such as https://bellhop.example.org
  BELLHOP_TOKEN         a token; or BELLHOP_TOKEN_FILE, a file with one

exit codes:
  0  done      1  the job failed, or something is wrong    2  an argument or a setting is wrong
  3  Bellhop cannot be reached      4  refused      5  not ended in time
  130  interrupted                  141  nobody reads the output any more
"""


class Parser(argparse.ArgumentParser):
    """Refuses arguments in one line, as all else that is wrong."""

    def error(self, message: str) -> NoReturn:
        """End with the reason and where help is."""
        unknown = re.fullmatch(r"argument (\S+): invalid choice: '(.*)' \(choose from (.*)\)", message, re.DOTALL)
        self.exit(Exit.USAGE, f"bellhop: {_unknown(*unknown.groups()) if unknown else message} ({self.prog} --help)\n")


def _unknown(argument: str, name: str, choices: str) -> str:
    if argument != "COMMAND":
        one_of = choices.replace("'", "")
        return f"argument {argument}: must be one of {one_of}, not {name!r}"
    if name in ELSEWHERE:
        return f"{name} comes with {ELSEWHERE[name]}, which is not installed here"
    meant = get_close_matches(name, OWN, 1)
    return f"there is no {name!r}" + (f"; is {meant[0]!r} meant?" if meant else "")


def build(argv: Sequence[str]) -> Parser:
    """Return the parser. Of what other packages bring, it has all where help is asked for, else the verb that is named.

    So a verb of the client does not import the server. Raises UsageError where a package cannot be imported.
    """
    parser = Parser(
        "bellhop",
        description="Submit jobs to Bellhop, follow them, and look after it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"bellhop {VERSION}")
    commands: Any = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")  # of parsers of this class
    verb = next((one for one in argv if not one.startswith("-")), None)
    for add in OWN.values():
        add(commands)
    for entry in brought(verb):
        _load(entry)(commands)
    return parser


def brought(verb: str | None) -> Iterator[EntryPoint]:
    """Yield the entry points of other packages: the one of a verb, or all."""
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        if verb in {None, entry.name, "completion"} and entry.name not in OWN:
            yield entry


def _load(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except ImportError as error:
        name = entry.dist.name if entry.dist else entry.value
        raise UsageError(f"{entry.name}: the package {name} cannot be imported: {error}") from error
