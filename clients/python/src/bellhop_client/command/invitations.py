"""The verbs of `bellhop user` for invitations: to list, send, send again and revoke them."""

import argparse
from collections.abc import Callable
from typing import Any, get_args
from uuid import UUID

from bellhop_client.client import Client
from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.errors import UsageError
from bellhop_client.command.output import print_facts, print_json, print_json_line, print_table
from bellhop_client.people import Invitation, Role

ROLES = get_args(Role)
WHICH = "the mail address that was invited, or the invitation's id"


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs to those of `user`."""
    inviting = _verb(verbs, "invite", invite, "invite somebody by mail")
    inviting.add_argument("email", metavar="ADDRESS")
    inviting.add_argument("role", metavar="ROLE", choices=ROLES, help=", ".join(ROLES))
    _verb(verbs, "invitations", show_all, "list the invitations that are open, newest first")
    resending = _verb(verbs, "resend", resend, "send an invitation again, with a new link; the one before ends")
    revoking = _verb(verbs, "revoke", revoke, "revoke an invitation: its link ends at once")
    for parser in (resending, revoking):
        parser.add_argument("invitation", metavar="WHICH", help=WHICH)


def _verb(verbs: Any, name: str, run: Callable[[argparse.Namespace], Any], words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=words)
    if name != "revoke":
        each = "each as a line of JSON" if name == "invitations" else "it as JSON"
        parser.add_argument("--json", action="store_true", help=f"print {each}")
    add_options(parser)
    parser.set_defaults(run=run)
    return parser


def invite(arguments: argparse.Namespace) -> None:
    """Invite somebody."""
    with connect(arguments) as client:
        invited = client.people.invite(arguments.email, arguments.role)
    _print(invited, "invited", arguments)


def show_all(arguments: argparse.Namespace) -> None:
    """List the invitations that are open."""
    with connect(arguments) as client:
        found = client.people.list_invitations()
    if arguments.json:
        for one in found:
            print_json_line(one)
        return
    rows = [(one.email, one.role, one.sent_at, "expired" if one.expired else one.expires_at, one.id) for one in found]
    print_table(("ADDRESS", "ROLE", "SENT", "UNTIL", "ID"), rows)


def resend(arguments: argparse.Namespace) -> None:
    """Send an invitation again."""
    with connect(arguments) as client:
        sent = client.people.resend_invitation(_find(client, arguments.invitation))
    _print(sent, "sent again to", arguments)


def revoke(arguments: argparse.Namespace) -> None:
    """Revoke an invitation."""
    with connect(arguments) as client:
        found = _find(client, arguments.invitation)
        client.people.revoke_invitation(found)
    print(f"revoked the invitation of {found.email}")


def _find(client: Client, which: str) -> Invitation:
    """Return an open invitation, which is named by its id or by the address. Raises UsageError where there is none."""
    if "@" not in which:
        try:
            UUID(which)
        except ValueError:
            raise UsageError(f"argument WHICH: {which!r} is neither a mail address nor an id") from None
    for one in client.people.list_invitations():
        if which.lower() in {one.email, str(one.id)}:
            return one
    raise UsageError(f"argument WHICH: there is no open invitation of {which}")


def _print(invitation: Invitation, what: str, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print_json(invitation)
        return
    facts = {what: invitation.email, "role": invitation.role, "until": invitation.expires_at, "id": invitation.id}
    print_facts(facts)
