"""The processes of the system besides its two servers: how each is started and when it is ready."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from bellhop_local.settings import ROOT, LocalSettings

PROGRAMS = Path(sys.executable).parent
HEARTBEAT_AGE = 10.0
"""Seconds; twice the longest pause between two touches of a heartbeat file."""


@dataclass(frozen=True)
class Service:
    """One process: its command, the variables of its own, and how to see that it is ready."""

    name: str
    argv: list[str]
    is_ready: Callable[[], bool]
    grace: float = 10.0
    environment: Mapping[str, str] = field(default_factory=dict)
    needs_schema: bool = True
    """Whether it looks at the database before it is asked to: then it is started after the migration."""


def migration() -> list[str]:
    """The command that brings the schema up to date and ends."""
    return [str(PROGRAMS / "bellhop-migrate")]


def all_services(settings: LocalSettings, run: Path) -> list[Service]:
    """All services; `run` holds the heartbeat files."""
    return [
        _web(settings),
        _with_heartbeat("worker", run, settings.worker_stop_timeout + 10, _metrics(settings, 1)),
        _with_heartbeat("scheduler", run, 10, _metrics(settings, 2)),
        _flower(settings),
    ]


def _web(settings: LocalSettings) -> Service:
    ready = f"{settings.web_url}/readyz"
    own = _metrics(settings, 0)
    return Service("web", [str(PROGRAMS / "bellhop-web")], lambda: answers(ready), environment=own, needs_schema=False)


def _metrics(settings: LocalSettings, place: int) -> dict[str, str]:
    """Return each service on this one machine a port of its own."""
    return {"METRICS_PORT": str(settings.metrics_port + place)} if settings.metrics_port else {}


def _flower(settings: LocalSettings) -> Service:
    config = ROOT / "services" / "flower" / "flowerconfig.py"
    command = [str(PROGRAMS / "celery"), "-A", "bellhop_ledger.broker.celery_app", "flower"]
    argv = [*command, f"--conf={config}", "--logging=warning"]
    return Service("flower", argv, lambda: answers(f"{settings.flower_url}/healthcheck"), needs_schema=False)


def _with_heartbeat(name: str, run: Path, grace: float, environment: Mapping[str, str]) -> Service:
    heartbeat = run / f"{name}.heartbeat"
    heartbeat.unlink(missing_ok=True)
    argv = [str(PROGRAMS / f"bellhop-{name}")]
    return Service(name, argv, lambda: is_fresh(heartbeat), grace, {"HEARTBEAT_FILE": str(heartbeat), **environment})


def is_fresh(heartbeat: Path) -> bool:
    """Whether the file was touched a moment ago."""
    try:
        return time.time() - os.stat(heartbeat).st_mtime < HEARTBEAT_AGE
    except OSError:
        return False


def answers(url: str, timeout: float = 2) -> bool:
    """Whether the address answers with success. A proxy of the environment is not asked."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=timeout) as response:
            return bool(response.status < 300)
    except (URLError, OSError):
        return False
