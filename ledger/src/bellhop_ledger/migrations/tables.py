"""Every table that the migrations make: the platform's, and those of the workloads that are installed."""

from importlib import import_module
from importlib.metadata import entry_points

from bellhop.plugin import WORKLOADS_GROUP
from bellhop_ledger.platform.database import Base

for module in (
    "bellhop_ledger.accounts.tokens",
    "bellhop_ledger.accounts.users",
    "bellhop_ledger.budgets",
    "bellhop_ledger.files",
    "bellhop_ledger.ledger.heartbeats",
    "bellhop_ledger.ledger.tables",
    "bellhop_ledger.mail",
    "bellhop_ledger.schedules.tables",
    "bellhop_ledger.tasks.table",
):
    import_module(module)
for workload in entry_points(group=WORKLOADS_GROUP):
    import_module(f"{workload.value}.tables")

metadata = Base.metadata
