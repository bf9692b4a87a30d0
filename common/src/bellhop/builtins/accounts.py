"""Accounts: delete what has ended; see `bellhop_ledger.accounts`."""

from datetime import timedelta

from bellhop.signature import Every, Mode, signature


@signature("accounts.tidy", mode=Mode.ATOMIC, keep=timedelta(days=1), schedules=Every(seconds=3600), quiet=True)
def tidy() -> int:
    """Delete sessions, tokens and invitations that have ended, and accounts that were never confirmed.

    Safe to repeat: what is gone is gone."""
