"""How gunicorn serves the application."""

import os
from typing import Any

from bellhop_ledger.ledger.outbox_sender import outbox_sender
from bellhop_ledger.platform import gc_tuning, tracing
from bellhop_ledger.platform import log as logs
from bellhop_ledger.platform.metrics import exposition
from bellhop_web.server import connections
from bellhop_web.settings import WebSettings

SHARED_MEMORY = "/dev/shm"  # noqa: S108
_settings = WebSettings.load()

bind = _settings.bind
workers = _settings.web_workers
worker_class = "bellhop_web.server.worker.Worker"
threads = _settings.web_threads
worker_tmp_dir = SHARED_MEMORY if os.path.isdir(SHARED_MEMORY) else None
control_socket_disable = True  # it would want to write to the file system
max_requests = 50_000
max_requests_jitter = 5_000
timeout = 60
graceful_timeout = 20  # for requests that are being answered; those that only wait are let go at once
keepalive = 75
sendfile = False  # a slow reader of a file would hold a thread
worker_connections = connections.most(_settings)
limit_request_line = 8190  # a query of filters in any script
logger_class = "bellhop_web.server.log.Logger"


def on_starting(server: Any) -> None:
    """Set up logging before the first line."""
    logs.configure("web", _settings)


def post_fork(server: Any, worker: Any) -> None:
    """Set up logging and tracing in each process."""
    logs.configure("web", _settings)
    tracing.start("web")


def post_worker_init(worker: Any) -> None:
    """Begin to serve: all modules are there."""
    exposition.serve()
    gc_tuning.freeze_gc()


def worker_exit(server: Any, worker: Any) -> None:
    """Send what is still to be sent; what is not, the scheduler sends."""
    outbox_sender().flush(2)
    tracing.stop()
