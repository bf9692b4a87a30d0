"""`make schedules-export` and `make schedules-import`: `bellhop schedules` in YAML, for the stack that runs here."""

import os

from bellhop_client.command.main import run
from bellhop_local.errors import LocalError
from bellhop_local.settings import LocalSettings
from bellhop_local.state import published


def export_schedules(settings: LocalSettings) -> int:
    """Write the schedules of people to the standard output, as YAML."""
    return _run(settings, "export")


def import_schedules(settings: LocalSettings) -> int:
    """Store the schedules of the YAML on the standard input: all of them, or none when one is wrong."""
    return _run(settings, "import", "-")


def _run(settings: LocalSettings, *argv: str) -> int:
    url, token = _stack(settings)
    os.environ.pop("BELLHOP_TOKEN_FILE", None)
    os.environ.update(BELLHOP_URL=url, BELLHOP_TOKEN=token)
    return run(["schedules", *argv, "--format", "yaml"])


def _stack(settings: LocalSettings) -> tuple[str, str]:
    """Return the address of the stack to call, and a token for it: that of BELLHOP_URL, else the one in LOCAL_DIR."""
    if url := os.environ.get("BELLHOP_URL"):
        return url, settings.admin_token
    stack = published(settings.directory)
    if stack is None:
        raise LocalError(
            f"no local stack runs in {settings.directory}: start one with `make local`, or set BELLHOP_URL"
        )
    return stack["BELLHOP_URL"], os.environ.get("ADMIN_TOKEN") or stack["ADMIN_TOKEN"]
