"""The command bellhop-web."""

import sys

from bellhop.metrics import exposition
from bellhop.settings import entry_point, modules_of
from bellhop.signatures import load
from bellhop_web.settings import WebSettings


@entry_point
def main() -> None:
    """Serve the API with gunicorn."""
    settings = WebSettings.load()  # a wrong setting ends us here, with a clear line
    load(modules_of(settings.extra_signatures))
    exposition.expose(settings.metrics_port)
    from gunicorn.app.wsgiapp import run

    sys.argv = ["bellhop-web", "--config", "python:bellhop_web.gunicorn_conf", "bellhop_web.wsgi:app"]
    run()
