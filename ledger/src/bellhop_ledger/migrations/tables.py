"""Every table that the platform's migrations make."""

from importlib import import_module

from bellhop_ledger.platform.database import Base

for module in (
    "bellhop_ledger.accounts.identities",
    "bellhop_ledger.accounts.invitations",
    "bellhop_ledger.accounts.service_tokens",
    "bellhop_ledger.accounts.tokens",
    "bellhop_ledger.accounts.users",
    "bellhop_ledger.audit",
    "bellhop_ledger.budgets",
    "bellhop_ledger.bulk_actions.tables",
    "bellhop_ledger.files",
    "bellhop_ledger.ledger.counting.counts",
    "bellhop_ledger.ledger.events",
    "bellhop_ledger.ledger.retention.exported_days",
    "bellhop_ledger.ledger.heartbeats",
    "bellhop_ledger.ledger.holds",
    "bellhop_ledger.ledger.job_logs",
    "bellhop_ledger.ledger.outside",
    "bellhop_ledger.ledger.service_events",
    "bellhop_ledger.ledger.retention.tiers",
    "bellhop_ledger.mail",
    "bellhop_ledger.notifications.tables",
    "bellhop_ledger.schedules.tables",
    "bellhop_ledger.tasks.table",
):
    import_module(module)

metadata = Base.metadata
