"""Run a drill: `make chaos JOBS=3000 SEED=12 MINUTES=1`. The exit status is 1 when a promise was broken."""

import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.drill import Drill, make_stack
from tests.chaos.plan import Plan

MOST_SHOWN = 20


def number(name: str, usual: float) -> float:
    """Return a variable of the environment as a number above zero; exit with its name when it is none."""
    given = os.environ.get(name) or str(usual)
    try:
        if (value := float(given)) > 0:
            return value
    except ValueError:
        pass
    sys.exit(f"{name} must be a number above 0, not {given!r}")


def report(drill: Drill, directory: Path) -> int:
    """Print what came of the drill and return the exit status."""
    plan, journal = drill.plan, drill.journal
    verdict = drill.run()
    print(
        f"\n{len(journal.accepted):,} jobs and {verdict.accepted - len(journal.accepted):,} runs of schedules accepted"
        f" under {len(plan.faults)} faults (SEED={plan.seed})\n"
        f"  {journal.repeated:,} requests were sent again because their answer was lost\n"
        f"  {len(journal.cancels):,} jobs were to be cancelled, {len(journal.retries):,} to be retried\n"
        f"  {verdict.begun_again:,} runs outside of a transaction had to begin again\n\n"
        f"lost     {len(verdict.lost)}\ndoubled  {len(verdict.doubled)}\nunended  {len(verdict.unended)}\n"
        f"wrong    {len(verdict.wrong)}\n"
        f"the backlog was worked off {drill.backlog_seconds:.1f} s after the last fault"
    )
    if not verdict.broken:
        return 0
    print(f"\nbroken promises (the logs are in {directory}):", *verdict.broken[:MOST_SHOWN], sep="\n  ")
    return 1


def main() -> int:
    """Make the plan and the stack, and run the one on the other."""
    seed, jobs = int(number("SEED", random.randrange(1, 1_000_000))), int(number("JOBS", 3000))
    plan = Plan.of(seed, jobs, 60 * number("MINUTES", 1))
    directory = Path(tempfile.mkdtemp(prefix="bellhop-chaos-"))
    print(f"SEED={seed} JOBS={jobs}: {len(plan.submissions)} requests and {len(plan.faults)} faults", flush=True)
    stack = make_stack(directory)
    try:
        status = report(Drill(stack, plan), directory)
    finally:
        stack.stop()
    if not status:
        shutil.rmtree(directory)
    return status


if __name__ == "__main__":
    sys.exit(main())
