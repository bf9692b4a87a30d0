"""Jobs: export those that ended before they are forgotten; see `bellhop_ledger.export`."""

from datetime import timedelta

from bellhop.signature import Every, Retry, signature


@signature(
    "jobs.export",
    queue="slow",
    soft_limit=1800,
    hard_limit=1860,
    retry=Retry(attempts=1),
    keep=timedelta(days=1),
    schedules=Every(seconds=900),
    quiet=True,
)
def export() -> int:
    """Write the ended jobs of days that are over to EXPORT_ENDED_JOBS_TO, and return how many days these were.

    Safe to repeat: a day that was exported is not exported again, and one that was not quite is written anew."""
