"""`bellhop forward`: the outbox of an application's database is carried over, until a signal or once."""

import argparse
import signal

from bellhop_client.client import Client
from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.errors import CommandError, Exit, UsageError
from bellhop_client.errors import BellhopError
from bellhop_client.outbox import Forwarder

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
    parser.add_argument("--once", action="store_true", help="carry over what is there, and end; 1: jobs were refused")
    parser.add_argument("--batch", type=int, metavar="N", default=500, help="jobs that go together (%(default)s)")
    parser.add_argument(
        "--poll", type=float, metavar="SECONDS", default=0.2, help="between two looks at an empty outbox (%(default)s)"
    )
    add_options(parser)
    parser.set_defaults(run=forward)


def forward(arguments: argparse.Namespace) -> int:
    """Forward until a signal, or once. Raises UsageError, and CommandError where the database cannot be used."""
    with connect(arguments) as client:
        forwarder = _forwarder(client, arguments)
        return drain(forwarder) if arguments.once else run(forwarder)


def _forwarder(client: Client, arguments: argparse.Namespace) -> Forwarder:
    try:
        return Forwarder(client, arguments.dsn, batch=arguments.batch, poll=arguments.poll)
    except ImportError as error:
        raise UsageError(str(error)) from None
    except ValueError as error:
        name, _, rest = str(error).partition(": ")
        raise UsageError(f"{OPTIONS[name]}: {rest}") from None


def run(forwarder: Forwarder) -> int:
    """Run a forwarder until a signal."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    with forwarder:
        signal.sigwait(ENDING)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)  # who sends a second one does not want to wait for the batch
    return Exit.DONE


def drain(forwarder: Forwarder) -> int:
    """Carry over what is there, and return the exit code. Raises CommandError, and BellhopError."""
    try:
        carried = forwarder.drain()
    except BellhopError:
        raise
    except Exception as error:  # of whichever driver
        raise CommandError(f"{type(error).__name__}: {error}") from error
    print(f"{carried.accepted} accepted, {carried.refused} refused")
    return Exit.FAILED if carried.refused else Exit.DONE
