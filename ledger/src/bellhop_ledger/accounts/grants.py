"""Grants: what somebody may do who may not do everything, by patterns of names."""

from dataclasses import dataclass

from bellhop_ledger.accounts.patterns import EVERY


@dataclass(frozen=True)
class Grant:
    """Which tasks somebody may submit, in which queues, and which schedules they may manage."""

    tasks: tuple[str, ...] = ()
    queues: tuple[str, ...] = (EVERY,)
    schedules: tuple[str, ...] = ()
