"""`bellhop doctor`: what is wrong, and what to do about it."""

import argparse
from datetime import UTC, datetime

from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.errors import Exit
from bellhop_client.command.output import clean, print_json_line
from bellhop_client.system_views import Finding

MOST_APART = 5.0
"""Seconds between this clock and the server's, beyond which `--run-at` and its like mean something else there."""
MARKS = {"ok": "ok", "warning": "warning", "wrong": "WRONG", "unknown": "unknown"}


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `doctor`."""
    parser = commands.add_parser("doctor", help="find out what is wrong, and exit with 1 where something is")
    parser.add_argument("--quiet", action="store_true", help="only print what is not ok")
    parser.add_argument("--json", action="store_true", help="print each finding as a line of JSON")
    add_options(parser)
    parser.set_defaults(run=examine)


def examine(arguments: argparse.Namespace) -> int:
    """Print what the server finds out, and whether this clock differs from its own."""
    with connect(arguments) as client:
        asked = datetime.now(UTC)
        found = client.diagnose()
        answered = datetime.now(UTC)
    findings = [*found.findings, compare_clocks(asked, found.at, answered)]
    for one in findings:
        if one.state != "ok" or not arguments.quiet:
            _print(one, arguments)
    return Exit.FAILED if any(one.state == "wrong" for one in findings) else Exit.DONE


def _print(finding: Finding, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print_json_line(finding)
        return
    print(f"{MARKS[finding.state]:<8} {clean(finding.check)}: {clean(finding.message)}")
    if finding.advice and finding.state != "ok":
        print(f"{'':<8} -> {clean(finding.advice)}")


def compare_clocks(asked: datetime, there: datetime, answered: datetime) -> Finding:
    """Return how far this clock is from the server's, which answered in between."""
    apart = max((asked - there).total_seconds(), (there - answered).total_seconds(), 0.0)
    is_near = apart <= MOST_APART
    return Finding(
        check="own_clock",
        state="ok" if is_near else "warning",
        message=f"this machine's clock is {apart:.0f} s from the server's",
        advice=None if is_near else "set this machine's clock; dates that are given here mean another moment there",
    )
