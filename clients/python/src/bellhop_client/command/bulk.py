"""`bellhop jobs retry` and `bellhop jobs cancel`: all jobs that a query finds, after a question with their number."""

import argparse
from typing import get_args

from bellhop_client.bulk_actions import BulkAction, Verb
from bellhop_client.client import Client
from bellhop_client.command import values
from bellhop_client.command.asking import confirmed, counted
from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.errors import Exit
from bellhop_client.command.output import complain, print_json

WORDS = {"retry": "queue all failed jobs again that a query finds", "cancel": "cancel all unfinished jobs it finds"}
DONE = {"retry": "queued again", "cancel": "cancelled"}


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `retry` and `cancel` to `jobs`."""
    for verb in get_args(Verb):
        parser = verbs.add_parser(verb, help=WORDS[verb])
        parser.add_argument(
            "--q", required=True, metavar="QUERY", help="as on the page of jobs: 'task:http.* since:2h'"
        )
        parser.add_argument(
            "--count", type=values.count, metavar="N", help="how many you expect; without it, you are asked"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--json", action="store_true", help="print what was done as JSON")
        add_options(parser)
        parser.set_defaults(run=run, bulk_verb=verb)


def run(arguments: argparse.Namespace) -> int:
    """Do it to exactly the jobs that were counted; where their number has changed, nothing is done."""
    verb: Verb = arguments.bulk_verb
    with connect(arguments) as client:
        number = arguments.count or client.bulk.count(verb, arguments.q)
        if number and not confirmed(f"{verb} {counted(number)}?", yes=arguments.yes or arguments.count is not None):
            complain("nothing was done")
            return Exit.FAILED
        done = ask(client, verb, arguments.q, number) if number else None
    return report(verb, done, arguments)


def ask(client: Client, verb: Verb, q: str, number: int) -> BulkAction:
    """Ask for the action and wait for its end."""
    act = client.bulk.retry if verb == "retry" else client.bulk.cancel
    return client.bulk.wait(act(q, number))


def report(verb: Verb, done: BulkAction | None, arguments: argparse.Namespace) -> int:
    """Print what was done, and return the exit code."""
    if arguments.json and done:
        print_json(done)
    elif done is None:
        print(f"there is no job to {verb}")
    else:
        print(f"{done.changed:,} of {counted(done.number)} {DONE[verb]}")
    if done and done.error:
        complain(done.error)
    return Exit.FAILED if done and done.state != "done" else Exit.DONE
