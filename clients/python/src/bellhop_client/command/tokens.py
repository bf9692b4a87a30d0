"""`bellhop token`: the service tokens by which applications come in. A secret is printed once, when it is made."""

import argparse
import sys
from typing import Any

from bellhop_client.client import Client
from bellhop_client.command import values
from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.errors import CommandError, Exit, UsageError
from bellhop_client.command.output import complain, print_facts, print_json, print_json_line, print_table
from bellhop_client.tokens import NewServiceToken, ServiceToken

PATTERNS = {"tasks": "task", "queues": "queue", "schedules": "schedule"}
"""The lists of patterns of a token, and the option that names one of each."""
CLEARED = ("tasks", "schedules")
"""The lists that may be empty."""
FACTS = ("id", "name", "created_at", "created_by", "expires_at", "last_used_at")


class NoToken(CommandError):
    """No service token has this name or id."""

    code = Exit.REFUSED


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `token` and its verbs."""
    group = commands.add_parser("token", help="list, make, change, rotate and revoke the tokens of applications")
    verbs = group.add_subparsers(metavar="VERB", help="without one, list")
    for parser in (group, verbs.add_parser("list", help="list service tokens by name")):
        parser.add_argument("--json", action="store_true", help="print each as a line of JSON")
        parser.set_defaults(run=show_all)
        add_options(parser)
    _add(verbs, "show", show, "show a service token and its secrets, without what they are")
    _add_patterns(_add(verbs, "create", create, "make a service token, and print its secret"), "; may be given again")
    _add_patterns(_add(verbs, "change", change, "change what a service token may do"), "; replaces all that it has")
    _add(verbs, "rotate", rotate, "make another secret for a service token, and print it")
    _add(verbs, "revoke", revoke, "end a service token with all its secrets")
    _add_life(verbs.choices["create"], verbs.choices["rotate"])
    for field in CLEARED:
        verbs.choices["change"].add_argument(f"--no-{field}", action="store_true", help=f"take all {field} away")


def _add(verbs: Any, verb: str, act: Any, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(verb, help=words)
    name = "what it is for; no other service token has it" if verb == "create" else "its name or id"
    parser.add_argument("name", metavar="NAME", help=name)
    if verb != "revoke":
        parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=act)
    add_options(parser)
    return parser


def _add_patterns(parser: argparse.ArgumentParser, remark: str) -> None:
    group = parser.add_argument_group("what it may do, by patterns in which a star stands for any characters")
    whats = ("tasks that it may submit", "queues in which its jobs may wait", "names of schedules that it may manage")
    for (field, option), what in zip(PATTERNS.items(), whats, strict=True):
        group.add_argument(f"--{option}", dest=field, action="append", metavar="PATTERN", help=what + remark)


def _add_life(creating: argparse.ArgumentParser, rotating: argparse.ArgumentParser) -> None:
    life = creating.add_mutually_exclusive_group()
    life.add_argument("--days", type=values.count, metavar="N", default=365, help="it ends after so many days (365)")
    life.add_argument("--never", dest="days", action="store_const", const=None, help="it does not end by itself")
    rotating.add_argument("--days", type=values.count, metavar="N", help="the token itself ends after so many days")
    rotating.add_argument(
        "--old-until", type=values.ahead, metavar="DATE", help="when the secret before it ends, or in how long (1d)"
    )


def find(client: Client, name: str) -> ServiceToken:
    """Return the service token of this name or id. Raises NoToken."""
    for one in client.tokens.list():
        if name in {one.name, str(one.id)}:
            return one
    raise NoToken(f"no service token has the name {name!r}")


def show_all(arguments: argparse.Namespace) -> None:
    """List the service tokens."""
    with connect(arguments) as client:
        found = client.tokens.list()
    if arguments.json:
        for one in found:
            print_json_line(one)
        return
    rows = [(one.name, one.last_used_at, one.expires_at or "never", *_patterns(one).values()) for one in found]
    print_table(("NAME", "LAST USED", "ENDS", "TASKS", "QUEUES", "SCHEDULES"), rows)


def _patterns(token: ServiceToken) -> dict[str, str]:
    return {field: ", ".join(getattr(token, field)) or "none" for field in PATTERNS}


def show(arguments: argparse.Namespace) -> None:
    """Show a service token."""
    with connect(arguments) as client:
        _print(find(client, arguments.name), arguments)


def _print(token: ServiceToken, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print_json(token)
        return
    print_facts({name: getattr(token, name) for name in FACTS} | _patterns(token))
    print()
    rows = [(one.prefix, one.created_at, one.last_used_at, one.valid_until) for one in token.secrets]
    print_table(("SECRET", "MADE", "LAST USED", "VALID UNTIL"), rows)


def create(arguments: argparse.Namespace) -> None:
    """Make a service token."""
    with connect(arguments) as client:
        made = client.tokens.create(arguments.name, days=arguments.days, **_given(arguments))
    _print_new(made, arguments)


def _given(arguments: argparse.Namespace) -> dict[str, list[str]]:
    return {field: getattr(arguments, field) for field in PATTERNS if getattr(arguments, field) is not None}


def _print_new(made: NewServiceToken, arguments: argparse.Namespace) -> None:
    """Print a secret alone, so that it can go into a file; a person at a terminal is told what it is."""
    if arguments.json:
        print_json(made)
        return
    print(made.token)
    if sys.stdout.isatty():
        complain(f"this is the secret of {made.name}; it is not shown again")


def rotate(arguments: argparse.Namespace) -> None:
    """Make another secret for a service token."""
    with connect(arguments) as client:
        found = find(client, arguments.name)
        made = client.tokens.rotate(found, old_until=arguments.old_until, days=arguments.days)
    _print_new(made, arguments)


def change(arguments: argparse.Namespace) -> None:
    """Change what a service token may do. Raises UsageError where nothing is named, or a list both ways."""
    given = _given(arguments)
    none = {field: list[str]() for field in CLEARED if getattr(arguments, f"no_{field}")}
    if not given | none or given.keys() & none.keys():
        raise UsageError("change: name patterns by --task, --queue and --schedule, or --no-tasks and --no-schedules")
    with connect(arguments) as client:
        _print(client.tokens.change(find(client, arguments.name), **given | none), arguments)


def revoke(arguments: argparse.Namespace) -> None:
    """End a service token."""
    with connect(arguments) as client:
        found = find(client, arguments.name)
        client.tokens.revoke(found)
    print(f"revoked {found.name}")
