"""Run the benchmarks: `python -m bench [names] [--json FILE] [--write FILE] [--quick]`."""

import argparse
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from bench import (
    async_bodies,
    batch,
    capacity,
    drain,
    history,
    in_sql,
    latency,
    machine,
    page,
    report,
    schedules,
    serving,
    submit,
    waiting,
)
from bench.figures import QUICK, Figures, Plan
from bench.ground import Ground

BENCHMARKS: dict[str, Callable[[Ground, Plan], Figures]] = {
    "drain": drain.measure,
    "submit": submit.measure,
    "latency": latency.measure,
    "in-sql": in_sql.measure,
    "batch": batch.measure,
    "schedules": schedules.measure,
    "waiting": waiting.measure,
    "capacity": capacity.measure,
    "serving": serving.measure,
    "history": history.measure,
    "async": async_bodies.measure,
}


CHOICES = ("rounds", "ended")
"""What of the plan can be chosen."""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure Bellhop beside plain Celery.")
    parser.add_argument("names", nargs="*", help=f"which of {', '.join(BENCHMARKS)}; none: all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures of every round to a file")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into the marked places of a page")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it works")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often each contender is measured")
    parser.add_argument("--ended", type=int, metavar="N", help="jobs that ended in the past, for `history`")
    given = parser.parse_args()
    if unknown := set(given.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    return given


def plan_of(given: argparse.Namespace) -> Plan:
    """Return how much is measured."""
    wanted = {name: value for name in CHOICES if (value := getattr(given, name)) is not None}
    return replace(QUICK if given.quick else Plan(), **wanted)


def main() -> None:
    """Start the servers, measure, and report."""
    given = arguments()
    directory = Path(tempfile.mkdtemp(prefix="bellhop-bench-"))
    ground = Ground(directory)
    try:
        ground.start()
        facts = machine.describe(ground)
        plan = plan_of(given)
        measured: dict[str, Figures] = {}
        for name in given.names or BENCHMARKS:
            measured[name] = BENCHMARKS[name](ground, plan)
            publish(measured, name, facts, given)  # at once: the next one may take half an hour, and break off
    finally:
        ground.stop()
        shutil.rmtree(directory, ignore_errors=True)


def publish(measured: dict[str, Figures], name: str, facts: Mapping[str, object], given: argparse.Namespace) -> None:
    """Print the figures of the benchmark that was measured last, and write all of this run to where they are wanted."""
    report.show({name: measured[name]}, facts)
    if given.write:
        page.write(given.write, measured, facts)
    if given.json:
        report.write(measured, facts, given.json)


if __name__ == "__main__":
    main()
