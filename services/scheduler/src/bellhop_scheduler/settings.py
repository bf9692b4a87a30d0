"""The settings of the scheduler."""

from bellhop_ledger.export.settings import ExportSettings
from bellhop_ledger.platform.direct import DirectSettings


class SchedulerSettings(DirectSettings, ExportSettings):
    """How it reaches Postgres, and whether ended jobs are exported before they are forgotten."""
