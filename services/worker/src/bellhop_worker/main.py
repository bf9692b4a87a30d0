"""The command bellhop-worker."""

import sys
import warnings

from celery.exceptions import CPendingDeprecationWarning

from bellhop.metrics import exposition
from bellhop.settings import entry_point
from bellhop_worker.settings import WorkerSettings


@entry_point
def main() -> None:
    """Run a Celery worker on our queues; SIGTERM ends it warmly."""
    settings = WorkerSettings.load()
    exposition.expose(settings.metrics_port)
    # Celery warns of root because of pickle, which we do not accept; `make local` may run as root.
    warnings.filterwarnings("ignore", "You're running the worker with superuser privileges", append=False)
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)  # said at each lost connection to Redis
    from bellhop_worker.binding import BindingError

    try:
        from bellhop_worker.app import app  # after the settings, which it reads when it is imported

        app.worker_main(
            [
                "--quiet",
                "worker",
                "--pool=prefork",
                f"--concurrency={settings.worker_concurrency}",
                f"--queues={settings.worker_queues}",
                f"--loglevel={settings.log_level}",
                "--hostname=worker@%h",
                "--without-gossip",
                "--without-mingle",
                "--task-events",
            ]
        )
    except BindingError as error:
        sys.exit(f"bellhop: {error}")
