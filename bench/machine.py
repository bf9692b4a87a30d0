"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from bench.ground import Ground

PACKAGES = ("celery", "kombu", "redis", "flower", "gunicorn", "Flask", "SQLAlchemy", "psycopg2-binary")
POSTGRES_SETTINGS = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
REDIS_SETTINGS = ("appendonly", "appendfsync", "maxmemory-policy")


def describe(ground: Ground) -> dict[str, object]:
    """Name the machine, the servers with the settings that matter, and the versions of what runs."""
    return {
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "load before": round(os.getloadavg()[0], 2),
        "memory GB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "system": f"{platform.system()} {platform.release()}",
        "file system": _file_system(ground.directory),
        "python": platform.python_version(),
        "postgres": {name: ground.sql(f"SHOW {name}")[0][0] for name in POSTGRES_SETTINGS},
        "valkey": {"version": _server_version(ground), **_redis_settings(ground)},
        "packages": {name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _file_system(directory: Path) -> str:
    """Name the kind of file system: on one that is memory only, fsync costs nothing and the figures say little."""
    import psutil

    mounts = {part.mountpoint: part.fstype for part in psutil.disk_partitions(all=True)}
    return next((mounts[str(place)] for place in [directory, *directory.parents] if str(place) in mounts), "unknown")


def _server_version(ground: Ground) -> str:
    facts: dict[str, str] = ground.broker.info("server")  # type: ignore[assignment]
    return facts.get("valkey_version") or facts["redis_version"]


def _redis_settings(ground: Ground) -> dict[str, str]:
    return {name: dict(ground.broker.config_get(name))[name] for name in REDIS_SETTINGS}  # type: ignore[arg-type]
