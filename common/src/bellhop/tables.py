"""Every table, for the migrations."""

from bellhop import accounts, fetches, jobs, mail, polls, schedules, timer, tokens
from bellhop.database import Base

metadata = Base.metadata
__all__ = ["accounts", "fetches", "jobs", "mail", "metadata", "polls", "schedules", "timer", "tokens"]
from bellhop import (
    accounts,
    fetches,
    files,
    jobs,
    mail,
    polls,
    products,
    timer,
    tokens,
)
from bellhop.database import Base

metadata = Base.metadata
__all__ = [
    "accounts",
    "fetches",
    "files",
    "jobs",
    "mail",
    "metadata",
    "polls",
    "products",
    "timer",
    "tokens",
]
