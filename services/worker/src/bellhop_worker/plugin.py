"""The door for plug-ins: what the bodies of their tasks may use of the worker. It changes with notice only."""

from bellhop_ledger.budgets import CallBudget, TooSoon
from bellhop_worker.engine.binding import body
from bellhop_worker.engine.run import Run
from bellhop_worker.fetching import fetch
from bellhop_worker.http import AllowList, FetchFailed, FetchRefused, Limits, Unreachable

__all__ = [  # noqa: RUF022  grouped, and not by the alphabet alone
    # Bodies
    "Run",
    "body",
    # Fetching
    "AllowList",
    "FetchFailed",
    "FetchRefused",
    "Limits",
    "Unreachable",
    "fetch",
    # Budgets of sources outside
    "CallBudget",
    "TooSoon",
]
