"""Connections: how many one process may hold, for which it needs as many files."""

import resource

from bellhop_web.settings import WebSettings

WANTED_FILES = 65_536
LEAST = 100
OTHERS = 200
"""Files that are no clients: the database, Redis, logs, modules."""


def most(settings: WebSettings) -> int:
    """Raise the limit of open files as far as this process may, and give how many clients fit into it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    fitting = max(soft, wanted) - settings.web_live_streams - OTHERS
    return settings.web_threads + min(settings.web_connections, max(fitting, LEAST))
