"""`bellhop user`: who has an account; roles, disabling, deleting, and the export of personal data."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

from bellhop_client.client import Client
from bellhop_client.command import invitations
from bellhop_client.command.asking import confirmed
from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.errors import Exit, UsageError
from bellhop_client.command.invitations import ROLES
from bellhop_client.command.output import complain, plain, print_facts, print_json, print_json_line, print_table
from bellhop_client.errors import Conflict
from bellhop_client.people import Person, PersonState

STATES = get_args(PersonState)
WHO = "the mail address of the account, or its id"


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `user` with its verbs."""
    group = commands.add_parser("user", help="list people, invite, disable, delete and export them")
    verbs = group.add_subparsers(metavar="VERB", help="without one, list")
    for parser in (group, verbs.add_parser("list", help="list who has an account, who came last first")):
        _add_listing(parser)
    invitations.add_to(verbs)
    changing = _verb(verbs, "role", change_role, "change what somebody may do", who=True)
    changing.add_argument("role", metavar="ROLE", choices=ROLES, help=", ".join(ROLES))
    changing.add_argument("--payloads", choices=("yes", "no"), help="whether they see what jobs of others were given")
    disabling = _verb(verbs, "disable", disable, "keep somebody out; sessions and tokens end, jobs go on", who=True)
    disabling.add_argument("--reason", metavar="TEXT", help="why; it stands in the audit")
    _verb(verbs, "enable", enable, "let somebody in again", who=True)
    _add_personal(verbs)


def _add_listing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--address", metavar="TEXT", help="only people whose address contains this")
    parser.add_argument("--role", choices=ROLES, help="only people with this role")
    parser.add_argument("--state", choices=STATES, help="only people in this state")
    parser.add_argument("--json", action="store_true", help="print each as a line of JSON")
    add_options(parser)
    parser.set_defaults(run=show)


def _add_personal(verbs: Any) -> None:
    deleting = _verb(verbs, "delete", delete, "delete an account with its personal data, for good", who=True)
    deleting.add_argument("--hand-over-to", metavar="ADDRESS", help="the admin who takes schedules and service tokens")
    deleting.add_argument("--yes", action="store_true", help="do not ask")
    exporting = _verb(verbs, "export", export, "write all that is kept of somebody, as JSON", who=True)
    exporting.add_argument("--output", metavar="FILE", type=Path, help="a new file; without it, the standard output")


def _verb(
    verbs: Any, name: str, run: Callable[[argparse.Namespace], Any], words: str, *, who: bool = False
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=words)
    if who:
        parser.add_argument("who", metavar="WHO", help=WHO)
    if name not in {"delete", "export"}:
        parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_options(parser)
    parser.set_defaults(run=run)
    return parser


def show(arguments: argparse.Namespace) -> None:
    """List people."""
    with connect(arguments) as client:
        wanted = {"address": arguments.address, "role": arguments.role, "state": arguments.state}
        found = client.people.list(**wanted)
        if arguments.json:
            for one in found:
                print_json_line(one)
            return
        rows = [(one.email, one.role, one.state, one.last_seen_at, one.id) for one in found]
    print_table(("ADDRESS", "ROLE", "STATE", "LAST SEEN", "ID"), rows)


def change_role(arguments: argparse.Namespace) -> None:
    """Change what somebody may do."""
    payloads = None if arguments.payloads is None else arguments.payloads == "yes"
    _change(arguments, lambda client, id: client.people.change_role(id, arguments.role, sees_payloads=payloads))


def disable(arguments: argparse.Namespace) -> None:
    """Keep somebody out."""
    _change(arguments, lambda client, id: client.people.disable(id, reason=arguments.reason))


def enable(arguments: argparse.Namespace) -> None:
    """Let somebody in again."""
    _change(arguments, lambda client, id: client.people.enable(id))


def delete(arguments: argparse.Namespace) -> int:
    """Delete an account, after a question."""
    with connect(arguments) as client:
        person = client.people.get(id_of(client, arguments.who))
        if not confirmed(f"delete {person.email} with all personal data?", yes=arguments.yes):
            complain("nothing was done")
            return Exit.FAILED
        try:
            client.people.delete(person, hand_over_to=arguments.hand_over_to)
        except Conflict as error:
            for one in error.problem.facts.get("owned", []):
                complain(f"{one['kind'].replace('_', ' ')} {one['name']}")
            raise
    print(f"deleted {person.email}")
    return Exit.DONE


def export(arguments: argparse.Namespace) -> None:
    """Write all that is kept of somebody."""
    with connect(arguments) as client:
        text = json.dumps(client.people.export(id_of(client, arguments.who)), indent=2, ensure_ascii=False)
    if arguments.output is None:
        print(text)
        return
    try:
        with arguments.output.open("x", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except OSError as error:
        raise UsageError(f"--output: cannot write {arguments.output}: {error.strerror}") from None


def id_of(client: Client, who: str) -> UUID:
    """Return the id of an account, which is named by it or by its address. Raises UsageError where there is none."""
    if "@" not in who:
        try:
            return UUID(who)
        except ValueError:
            raise UsageError(f"{who!r} is neither a mail address nor an id") from None
    wanted = who.lower()
    for person in client.people.list(address=wanted):
        if person.email == wanted:
            return person.id
    raise UsageError(f"there is no account with the address {who}")


def _change(arguments: argparse.Namespace, act: Callable[[Client, UUID], Person]) -> None:
    with connect(arguments) as client:
        person = act(client, id_of(client, arguments.who))
    if arguments.json:
        print_json(person)
        return
    facts = {name: plain(getattr(person, name)) for name in ("email", "role", "state", "sees_payloads")}
    print_facts(facts)
