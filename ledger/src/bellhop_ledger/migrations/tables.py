"""Every table, for the migrations."""

from bellhop_ledger import files, mail, schedules
from bellhop_ledger.accounts import tokens
from bellhop_ledger.ledger import heartbeats
from bellhop_ledger.platform.database import Base

metadata = Base.metadata
__all__ = [
    "accounts",
    "fetches",
    "files",
    "heartbeats",
    "jobs",
    "mail",
    "metadata",
    "polls",
    "prices",
    "products",
    "schedules",
    "timer",
    "tokens",
]
