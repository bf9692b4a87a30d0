"""What the developer's environment says about the local stack."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bellhop_local.errors import UsageError
from bellhop_local.ports import HOST

ROOT = Path(__file__).parents[3]
"""The checkout: this package is only ever installed from it, as an editable one."""

DEVELOPMENT_TOKEN = "dev-only-admin-token"  # noqa: S105  it is no secret, and production refuses it


@dataclass(frozen=True)
class LocalSettings:
    """The settings of one local stack; an empty variable counts as one that is not set."""

    directory: Path
    backups: Path
    web_port: int
    flower_port: int
    demo_port: int
    metrics_port: int
    """That of web; worker and scheduler have the next two. 0: none."""
    patience: float
    """Seconds that each part may take to become ready."""
    worker_stop_timeout: float
    admin_token: str
    admin_email: str
    admin_password: str | None
    flower_user: str
    flower_password: str | None
    secret_key: str | None
    database_url: str | None
    redis_url: str | None
    public_url: str | None
    feed_url: str | None

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read them; a LocalError names the variable that is wrong."""
        web_port = _port(environment, "WEB_PORT", 8000)
        return cls(
            directory=Path(environment.get("LOCAL_DIR") or ".local").absolute(),
            backups=Path(environment.get("BACKUP_DIR") or "backups").absolute(),
            web_port=web_port,
            flower_port=_port(environment, "FLOWER_PORT", 5555),
            demo_port=_port(environment, "DEMO_PORT", web_port + 1000),
            metrics_port=_port(environment, "METRICS_PORT", 0, least=0),
            patience=_number(environment, "LOCAL_PATIENCE", 120),
            worker_stop_timeout=_number(environment, "WORKER_STOP_TIMEOUT", 25),
            admin_token=_secret(environment, "ADMIN_TOKEN") or DEVELOPMENT_TOKEN,
            admin_email=environment.get("ADMIN_EMAIL") or "operator@localhost",
            admin_password=_secret(environment, "ADMIN_PASSWORD"),
            flower_user=environment.get("FLOWER_USER") or "admin",
            flower_password=_secret(environment, "FLOWER_PASSWORD"),
            secret_key=_secret(environment, "SECRET_KEY"),
            database_url=_secret(environment, "DATABASE_URL"),
            redis_url=_secret(environment, "REDIS_URL"),
            public_url=environment.get("PUBLIC_URL") or None,
            feed_url=environment.get("PRICES_FEED_URL") or None,
        )

    @property
    def web_url(self) -> str:
        """Where the API and the pages are."""
        return f"http://{HOST}:{self.web_port}"

    @property
    def flower_url(self) -> str:
        """Where Flower is."""
        return f"http://{HOST}:{self.flower_port}"


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name) or str(default)
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{name} must be a number, not '{text}'") from None


def _port(environment: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    text = environment.get(name) or str(default)
    if not (text.isdecimal() and least <= int(text) < 65536):
        raise UsageError(f"{name} must be a port from {least} to 65535, not '{text}'")
    return int(text)


def _secret(environment: Mapping[str, str], name: str) -> str | None:
    """The variable, or the text of the file that NAME_FILE points at, as the services read it."""
    path = environment.get(f"{name}_FILE")
    if environment.get(name) or not path:
        return environment.get(name) or None
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n") or None
    except OSError as error:
        raise UsageError(f"{name}_FILE: cannot read {path}: {error.strerror}") from error
