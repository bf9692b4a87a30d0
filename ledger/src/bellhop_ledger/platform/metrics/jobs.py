"""What is counted of jobs, where the ledger has committed it: so the counts and the ledger agree.

docs/metrics.md names every metric; a test compares it with what a stack exposes.
"""

from collections import Counter as Tally
from collections.abc import Iterable
from functools import cache

from prometheus_client import Counter, Histogram

from bellhop_ledger.platform.metrics.registry import REGISTRY
from bellhop_ledger.platform.policies import policies

UNKNOWN = "unknown"
"""Instead of the name of a task that this release does not know: anybody may make names up."""

SUBMITTED = Counter("bellhop_jobs_submitted_total", "Jobs that were accepted.", ["task"], registry=REGISTRY)
STARTED = Counter(
    "bellhop_jobs_started_total", "Runs of jobs that were begun, repeated ones too.", ["task"], registry=REGISTRY
)
FINISHED = Counter("bellhop_jobs_finished_total", "Jobs that have ended, by how.", ["task", "state"], registry=REGISTRY)
RETRIED = Counter(
    "bellhop_jobs_retried_total", "Runs that failed and are tried again later.", ["task"], registry=REGISTRY
)
LOST = Counter("bellhop_leases_lost_total", "Runs whose process died or fell silent.", ["task"], registry=REGISTRY)
DISCARDED = Counter(
    "bellhop_runs_discarded_total", "Runs that ended when somebody else had their job.", registry=REGISTRY
)
SECONDS = Histogram(
    "bellhop_job_run_seconds",
    "How long a task's body took.",
    ["task"],
    buckets=(0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800),
    registry=REGISTRY,
)
PUBLISHED = Histogram(
    "bellhop_publish_delay_seconds",
    "How long after its commit the oldest job of each batch was announced to Redis.",
    buckets=(0.01, 0.05, 0.25, 1, 5, 15, 60),
    registry=REGISTRY,
)


def known(task: str) -> str:
    """Return a task's name as a label."""
    return task if task in policies else UNKNOWN


@cache
def counter(metric: Counter, *labels: str) -> Counter:
    """Return a metric for these labels; looking for it takes the library longer than counting."""
    return metric.labels(*labels)


@cache
def submissions(task: str) -> Counter:
    """Return the count of a task's jobs that were accepted."""
    return SUBMITTED.labels(known(task))


def started(task: str) -> None:
    """Count a run that begins."""
    counter(STARTED, known(task)).inc()


def ended(runs: Iterable[tuple[str, str, float]]) -> None:
    """Count runs by their task, the state that they left their job in, and how long they took."""
    states: Tally[tuple[str, str]] = Tally()
    for task, state, seconds in runs:
        states[task, state] += 1
        timer(known(task)).observe(seconds)
    for (task, state), number in states.items():
        if state == "scheduled":
            counter(RETRIED, known(task)).inc(number)
        else:
            counter(FINISHED, known(task), state).inc(number)


@cache
def timer(task: str) -> Histogram:
    """Return the clock of a task."""
    return SECONDS.labels(task)


def ended_unrun(jobs: list[tuple[str, str]]) -> None:
    """Count jobs that ended without a run of theirs having come to its end, by task and state."""
    for (task, state), number in Tally(jobs).items():
        counter(FINISHED, known(task), state).inc(number)


def lost(tasks: list[str]) -> None:
    """Count runs whose lease was lost."""
    for task, number in Tally(tasks).items():
        counter(LOST, known(task)).inc(number)


def begin() -> None:
    """Begin at nothing for every task: a rate needs a number before the first one."""
    for task in policies:
        counter(LOST, task), counter(RETRIED, task), counter(STARTED, task)
        for state in ("succeeded", "failed"):
            counter(FINISHED, task, state)
