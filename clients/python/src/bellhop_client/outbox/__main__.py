"""The entry point of `python -m bellhop_client.outbox`: forward the outbox of a database until SIGTERM or SIGINT."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence

from bellhop_client.client import Client
from bellhop_client.outbox.forwarder import Forwarder

EPILOG = """\
The login of the database must be allowed to SELECT, UPDATE and DELETE in the table bellhop_outbox. Its password may
be in PGPASSWORD, so that no list of processes shows it.

environment: BELLHOP_URL, BELLHOP_TOKEN
exit codes: 0 done, 1 --once: jobs were refused, or something is wrong, 2 an argument or a setting is wrong
"""

ENDING = {signal.SIGTERM, signal.SIGINT}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments."""
    made = argparse.ArgumentParser(
        prog="python -m bellhop_client.outbox",
        description="Carry jobs from the outbox of an application over to Bellhop.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("dsn", metavar="DSN", help="the database: postgresql://user@host/name")
    made.add_argument("--once", action="store_true", help="carry over what is there, and end")
    made.add_argument("--batch", type=int, default=500, help="jobs that go together (%(default)s)")
    made.add_argument("--poll", type=float, default=0.2, help="seconds between two looks (%(default)s)")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Forward as the arguments say, and return the exit code."""
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    arguments = parser().parse_args(argv)
    try:
        client = Client(os.environ.get("BELLHOP_URL", ""), os.environ.get("BELLHOP_TOKEN", ""))
        forwarder = Forwarder(client, arguments.dsn, batch=arguments.batch, poll=arguments.poll)
    except (ValueError, ImportError) as error:
        parser().error(_named(str(error)))
    with client:
        return forward(forwarder, once=arguments.once)


def _named(words: str) -> str:
    """Return what is wrong with a value under the name by which a person has given it."""
    name, _, rest = words.partition(": ")
    given = {"url": "BELLHOP_URL", "token": "BELLHOP_TOKEN", "dsn": "DSN", "batch": "--batch", "poll": "--poll"}
    return f"{given[name]}: {rest}" if name in given else words


def forward(forwarder: Forwarder, *, once: bool) -> int:
    """Run a forwarder until a signal, or once, and return the exit code."""
    if once:
        return _drain(forwarder)
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    with forwarder:
        signal.sigwait(ENDING)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)  # who sends a second one does not want to wait for the batch
    return 0


def _drain(forwarder: Forwarder) -> int:
    try:
        carried = forwarder.drain()
    except Exception as error:  # of Bellhop, or of whichever driver
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    sys.stdout.write(f"{carried.accepted} accepted, {carried.refused} refused\n")
    return 1 if carried.refused else 0


if __name__ == "__main__":
    sys.exit(main())
