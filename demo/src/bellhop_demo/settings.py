"""Where the demo finds Bellhop, the mails and the feed, and where it serves its own slow pages."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bellhop_demo.errors import DemoError


@dataclass(frozen=True)
class DemoSettings:
    """What the environment says; an empty variable counts as one that is not set."""

    url: str
    token: str
    operator_email: str
    operator_password: str
    bind: tuple[str, int]
    pages_url: str
    maildev_url: str | None
    feed_url: str

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read them; a DemoError names the variable that is wrong."""
        return cls(
            url=(environment.get("BELLHOP_URL") or "http://127.0.0.1:8000").rstrip("/"),
            token=_secret(environment, "ADMIN_TOKEN") or "dev-only-admin-token",
            operator_email=environment.get("ADMIN_EMAIL") or "operator@localhost",
            operator_password=_secret(environment, "ADMIN_PASSWORD") or "dev-only-operator",
            bind=_address(environment.get("DEMO_BIND") or "127.0.0.1:9000"),
            pages_url=(environment.get("DEMO_PAGES_URL") or "http://127.0.0.1:9000").rstrip("/"),
            maildev_url=environment.get("MAILDEV_URL", "").rstrip("/") or None,
            feed_url=environment.get("PRICES_FEED_URL", ""),
        )


def _secret(environment: Mapping[str, str], name: str) -> str:
    path = environment.get(f"{name}_FILE")
    if path and not environment.get(name):
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    return environment.get(name, "")


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (host and port.isdecimal()):
        raise DemoError(f"DEMO_BIND must look like 127.0.0.1:9000, not '{text}'")
    return host, int(port)
