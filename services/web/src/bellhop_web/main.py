"""The command bellhop-web."""

import sys

from bellhop_ledger.platform import gc_tuning
from bellhop_ledger.platform.metrics import exposition
from bellhop_ledger.platform.settings import entry_point
from bellhop_web.settings import WebSettings


@entry_point
def main() -> None:
    """Serve the API with gunicorn."""
    settings = WebSettings.load()  # a wrong setting ends us here, with a clear line
    exposition.expose(settings.metrics_port)
    from bellhop_web.app import import_domains  # what it imports counts, and counts are shared from here on

    import_domains(settings)  # once: the processes are forked from this one
    gc_tuning.freeze_gc()
    from gunicorn.app.wsgiapp import run

    sys.argv = ["bellhop-web", "--config", "python:bellhop_web.server.conf", "bellhop_web.wsgi:app"]
    run()
