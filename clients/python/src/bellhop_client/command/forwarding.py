"""`bellhop forward`: the outbox of an application's database is carried over, until a signal or once."""

import argparse
import signal
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

from bellhop_client.client import Client
from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.errors import CommandError, DatabaseAway, Exit, UsageError
from bellhop_client.command.output import print_json_line, print_table
from bellhop_client.errors import BellhopError
from bellhop_client.outbox import Forwarder, rows
from bellhop_client.outbox.database import Database, connector

EPILOG = """\
The login of the database must be allowed to SELECT, UPDATE and DELETE in the table bellhop_outbox. Its password may
be in PGPASSWORD, so that no list of processes shows it.
"""
ENDING = {signal.SIGTERM, signal.SIGINT}
OPTIONS = {"dsn": "argument DSN", "batch": "argument --batch", "poll": "argument --poll"}
"""The parameters of a forwarder, and how a person gives them."""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `forward DSN`."""
    parser = commands.add_parser("forward", help="carry jobs from the outbox of an application over", epilog=EPILOG)
    parser.add_argument("dsn", metavar="DSN", help="the database: postgresql://user@host/name")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--once", action="store_true", help="carry over what is there, and end; 1: jobs were set aside")
    what.add_argument("--refused", action="store_true", help="list the jobs that were set aside, with the reason")
    what.add_argument("--release", action="store_true", help="let the jobs that were set aside be submitted again")
    parser.add_argument("--json", action="store_true", help="with --refused, print each as a line of JSON")
    parser.add_argument("--batch", type=int, metavar="N", default=500, help="jobs that go together (%(default)s)")
    parser.add_argument(
        "--poll", type=float, metavar="SECONDS", default=0.2, help="between two looks at an empty outbox (%(default)s)"
    )
    add_options(parser)
    parser.set_defaults(run=forward)


def forward(arguments: argparse.Namespace) -> int:
    """Forward until a signal, or once. Raises UsageError, and CommandError where the database cannot be used."""
    if arguments.refused or arguments.release:
        return look_after(arguments)
    with connect(arguments) as client:
        forwarder = _forwarder(client, arguments)
        return drain(forwarder) if arguments.once else run(forwarder)


def _forwarder(client: Client, arguments: argparse.Namespace) -> Forwarder:
    with _named():
        return Forwarder(client, arguments.dsn, batch=arguments.batch, poll=arguments.poll)


@contextmanager
def _named() -> Iterator[None]:
    """Name what is wrong with an argument as a person has given it."""
    try:
        yield
    except ImportError as error:
        raise UsageError(str(error)) from None
    except ValueError as error:
        name, _, rest = str(error).partition(": ")
        raise UsageError(f"{OPTIONS[name]}: {rest}") from None


@contextmanager
def _database() -> Iterator[None]:
    """Report what is wrong with the database in one line."""
    try:
        yield
    except BellhopError:
        raise
    except Exception as error:  # of whichever driver
        away = type(error).__name__ in {"OperationalError", "InterfaceError"}  # PEP 249: the server, not the statement
        raise (DatabaseAway if away else CommandError)(f"{type(error).__name__}: {str(error).strip()}") from error


def run(forwarder: Forwarder) -> int:
    """Run a forwarder until a signal."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    with forwarder:
        signal.sigwait(ENDING)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)  # who sends a second one does not want to wait for the batch
    return Exit.DONE


def drain(forwarder: Forwarder) -> int:
    """Carry over what is there, and return the exit code. Raises CommandError, and BellhopError."""
    with _database():
        carried = forwarder.drain()
    print(f"{carried.accepted} accepted, {carried.refused} refused, {carried.postponed} postponed")
    return Exit.FAILED if carried.refused or carried.postponed else Exit.DONE


def look_after(arguments: argparse.Namespace) -> int:
    """List the jobs that were set aside, or release them. Raises UsageError and CommandError."""
    with _named():
        connect_to = connector(arguments.dsn)
    with _database(), closing(Database(connect_to)) as database, database.transaction() as outbox:
        if arguments.release:
            print(f"{outbox.run(rows.release())} released")
        else:
            _list(outbox.run(rows.refused()), as_json=arguments.json)
    return Exit.DONE


def _list(found: Iterable[rows.OutboxJob], *, as_json: bool) -> None:
    if as_json:
        for one in found:
            print_json_line(one)
        return
    lines = [(one.key, one.task, one.refused_at, one.retry_at, one.refusal) for one in found]
    print_table(("KEY", "TASK", "SET ASIDE", "TRIED AGAIN", "REASON"), lines)
