"""Files: delete those whose time is over; see `bellhop_ledger.files`."""

from bellhop.signature import Every, Mode, signature


@signature("files.prune", mode=Mode.ATOMIC, soft_limit=60, hard_limit=90, schedules=Every(seconds=60), quiet=True)
def prune() -> int:
    """Delete files past their time and give their number. Safe to repeat: a file that is gone stays gone."""
