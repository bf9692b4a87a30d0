"""Gunicorn's log lines in the shape of all others."""

import logging
from typing import Any

from gunicorn.glogging import Logger as GunicornLogger


class Logger(GunicornLogger):  # type: ignore[misc]
    """Hands gunicorn's lines on to the root logger. Requests are logged by the application."""

    def setup(self, cfg: Any) -> None:
        """Add no handler."""
        self.error_log = logging.getLogger("gunicorn.error")
        self.access_log = logging.getLogger("gunicorn.access")

    def access(self, *args: Any, **kwargs: Any) -> None:
        """Leave it to the application."""
