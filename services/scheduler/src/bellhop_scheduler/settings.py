"""The settings of the scheduler."""

from pydantic import Field

from bellhop_ledger.export.settings import ExportSettings
from bellhop_ledger.platform.direct import DirectSettings


class SchedulerSettings(DirectSettings, ExportSettings):
    """How it reaches Postgres, whether ended jobs are exported before they are forgotten, and what else is."""

    audit_days: int = Field(default=400, ge=1, le=36_500)
    """For so long it is kept who did what."""
