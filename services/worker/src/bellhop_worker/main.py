"""The command bellhop-worker."""

import sys
import warnings
from argparse import ArgumentParser

from celery.apps.worker import EX_FAILURE
from celery.exceptions import CPendingDeprecationWarning
from celery.utils.nodenames import default_nodename, host_format

from bellhop_ledger.platform.metrics import exposition
from bellhop_ledger.platform.settings import entry_point
from bellhop_worker.settings import WorkerSettings


@entry_point
def main() -> None:
    """Run a Celery worker on our queues; SIGTERM stops it warmly. With --publish, only publish its tasks."""
    parser = ArgumentParser("bellhop-worker", description="Run jobs.")
    parser.add_argument(
        "--publish", action="store_true", help="publish the tasks of this release, which counts from now on"
    )
    wanted = parser.parse_args()
    settings = WorkerSettings.load()
    exposition.expose(settings.metrics_port)
    # Celery warns of root because of pickle, which we do not accept; `make local` may run as root.
    warnings.filterwarnings("ignore", "You're running the worker with superuser privileges", append=False)
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)  # said at each lost connection to Redis
    from bellhop_worker.engine.binding import BindingError

    try:
        if wanted.publish:
            publish(settings)
            return
        from bellhop_ledger.broker.transport import DOOR
        from bellhop_worker.app import app  # after the settings, which it reads when it is imported

        # Not app.worker_main, which forgets the exit code: a supervisor would take a crash for a stop.
        worker = app.Worker(
            hostname=host_format(default_nodename("worker@%h")),
            concurrency=settings.worker_concurrency,
            queues=f"{settings.worker_queues},{DOOR}",
            loglevel=settings.log_level,
            without_gossip=True,
            without_mingle=True,
            task_events=True,
            quiet=True,
        )
        worker.start()
        sys.exit(EX_FAILURE if worker.exitcode is None else worker.exitcode)  # None: it was terminated
    except BindingError as error:
        sys.exit(f"bellhop: {error}")


def publish(settings: WorkerSettings) -> None:
    """Publish the tasks of this release: from now on it is the one that counts."""
    from bellhop_ledger.platform import log
    from bellhop_worker.engine.binding import bind_all
    from bellhop_worker.engine.publishing import Publisher

    log.configure("worker", settings)
    Publisher(settings, bind_all(settings)).publish(deploy=True)
