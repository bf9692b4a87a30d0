"""The command bellhop-scheduler."""

from typing import Any

from celery import signals

from bellhop_ledger.platform import log as logs
from bellhop_ledger.platform import tracing
from bellhop_ledger.platform.metrics import exposition
from bellhop_ledger.platform.settings import Settings, entry_point
from bellhop_scheduler.settings import SchedulerSettings

SCHEDULER = "bellhop_scheduler.scheduler:LedgerScheduler"


@signals.setup_logging.connect
def set_up_logging(**_: Any) -> None:
    """Keep Celery from setting up logging of its own."""
    logs.configure("scheduler", Settings.load())


@entry_point
def main() -> None:
    """Run celery beat with the ledger's scheduler."""
    settings = SchedulerSettings.load()
    exposition.expose(settings.metrics_port)
    settings.connect_directly()
    from bellhop_ledger.broker.celery_app import app  # after the settings, which it reads when it is imported

    with tracing.recording("scheduler"):
        app.start(["--quiet", "beat", f"--loglevel={settings.log_level}", "--pidfile=", f"--scheduler={SCHEDULER}"])
