"""The command bellhop-web."""

import sys

from bellhop.settings import entry_point
from bellhop_web.settings import WebSettings


@entry_point
def main() -> None:
    """Serve the API with gunicorn."""
    WebSettings.load()  # a wrong setting ends us here, with a clear line
    from gunicorn.app.wsgiapp import run

    sys.argv = ["bellhop-web", "--config", "python:bellhop_web.gunicorn_conf", "bellhop_web.wsgi:app"]
    run()
