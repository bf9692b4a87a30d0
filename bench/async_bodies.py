"""How long jobs take that do nothing but wait: a thousand, each for a second, in a worker with its usual slots."""

from bench.figures import Claim, Figures, Plan
from bench.ground import Ground
from tests.stack import wait_until

TASK, JOBS, SECONDS = "test.wait", 1_000, 1.0
UNIT, AT_MOST = "s", 8.0
NAME = f"{JOBS:,} jobs that each wait {SECONDS:g} s, 200 slots"
PLUGINS = "tests.tasks,tests.tasks.waits"
PATIENCE = 120.0


def measure(ground: Ground, plan: Plan) -> Figures:
    """Measure from the submission to the last end, as whoever waits for all of them sees it."""
    figures = Figures("Async bodies, one process")
    with ground.running("scheduler", "worker", "web", BELLHOP_PLUGINS=PLUGINS):
        for _ in range(plan.rounds):
            figures.add(NAME, UNIT, run(ground))
    figures.claims.append(Claim("a thousand of one second each", figures.median(NAME, UNIT), UNIT, at_most=AT_MOST))
    return figures


def run(ground: Ground) -> float:
    """Return the seconds from the first job's submission to the last one's end."""
    ground.sql("TRUNCATE jobs CASCADE")
    ground.submit_many([{"task": TASK, "args": {"seconds": SECONDS}}] * JOBS)
    wait_until(lambda: ground.all_ended(TASK), PATIENCE)
    assert ground.states(TASK) == {"succeeded": JOBS}
    [(seconds,)] = ground.sql(
        "SELECT extract(epoch FROM max(finished_at) - min(created_at))::float FROM jobs WHERE task = %s", TASK
    )
    return float(seconds)
