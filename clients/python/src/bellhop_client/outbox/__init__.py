"""The outbox: jobs that are written into a table of the application's own, and carried over to Bellhop.

`Outbox` and `AsyncOutbox` write, `Forwarder` carries over. `sql`, `create`, `drop` and `run_sql` make the table.
"""

from bellhop_client.outbox.forwarder import Carried, Forwarder
from bellhop_client.outbox.outbox import AsyncOutbox, Outbox
from bellhop_client.outbox.rows import OutboxJob
from bellhop_client.outbox.table import create, drop, run_sql, sql

__all__ = ["AsyncOutbox", "Carried", "Forwarder", "Outbox", "OutboxJob", "create", "drop", "run_sql", "sql"]
