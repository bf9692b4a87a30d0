"""`bellhop logs`: what a job has logged and printed, and with -f what it does now."""

import argparse

from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.output import clean, complain, print_json_line, shown
from bellhop_client.errors import Withheld
from bellhop_client.views import ENDED, LogEntry


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `logs [-f] ID`."""
    parser = commands.add_parser("logs", help="print what a job has logged and printed")
    parser.add_argument("id", metavar="ID")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the job has ended")
    parser.add_argument("--after", type=int, metavar="N", default=0, help="begin after the line of this number")
    parser.add_argument("--json", action="store_true", help="print each line as a line of JSON")
    add_options(parser)
    parser.set_defaults(run=show)


def show(arguments: argparse.Namespace) -> None:
    """Print the log of a job."""
    with connect(arguments) as client:
        log = client.logs(arguments.id, after=arguments.after)
        if log.withheld:
            raise Withheld("the log")
        if log.truncated:
            complain(f"the oldest {log.truncated:,} lines are no longer kept")
        for entry in log.entries:
            print_entry(entry, arguments)
        if arguments.follow and log.state not in ENDED:
            for entry in client.follow_logs(arguments.id, after=max(arguments.after, log.last)):
                print_entry(entry, arguments)


def print_entry(entry: LogEntry, arguments: argparse.Namespace) -> None:
    """Print a line of the log, at once."""
    if arguments.json:
        print_json_line(entry)
        return
    text = "\n".join(filter(None, (entry.message, entry.traceback)))
    print(f"{shown(entry.at)} {entry.level:<7} {clean(entry.logger)}: {clean(text, lines=True)}", flush=True)
