"""`make shell`: connects a Python prompt to a running stack."""

import os

from bellhop_local.errors import LocalError
from bellhop_local.settings import LocalSettings
from bellhop_local.state import published


def run_shell(settings: LocalSettings) -> int:
    """Open a Python prompt on the running stack.

    The addresses come from the environment, and what is missing there from the stack.
    """
    stack = published(settings.directory) or {}
    given = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    os.environ.update({**stack, **{name: value for name, value in given.items() if value}})
    for name in given:
        os.environ.pop(f"{name}_FILE", None)
        if not os.environ.get(name):
            raise LocalError(
                f"no local stack runs in {settings.directory}: start one with `make local`, "
                "or set DATABASE_URL and REDIS_URL"
            )
    from bellhop_local.shell.prompt import run_prompt

    return run_prompt(settings.directory / "shell-history")
