"""The timer's task: what web and worker share of it."""

from datetime import timedelta

from bellhop.policy import Every
from bellhop.signature import Mode, Retry, signature


@signature(
    "timer.tick",
    mode=Mode.ATOMIC,
    retry=Retry(first=1, factor=1),
    batch=100,
    soft_limit=5,
    hard_limit=10,
    keep=timedelta(hours=1),
    schedules=Every(seconds=1),
    quiet=True,
)
def tick() -> int:
    """Count one second. Safe to repeat: the count and the job's end are one transaction."""
