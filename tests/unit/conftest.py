"""Fixtures: an environment without our variables, and registries that forget what a test declares."""

import os
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from bellhop.signature import registry
from bellhop_ledger.platform.settings import Settings
from bellhop_web.settings import WebSettings
from bellhop_worker.engine.binding import bind_all, bodies
from bellhop_worker.settings import WorkerSettings
from tests.site import Site

OURS = {name.upper() for settings in (WebSettings, WorkerSettings) for name in settings.model_fields} | {"ADMIN_TOKEN"}

bind_all(
    WorkerSettings(
        database_url=SecretStr("postgresql://nowhere/none"),
        redis_url=SecretStr("redis://nowhere"),
        bellhop_plugins="tests.tasks",
    )
)
"""All modules that declare something are imported from here on: none of them is forgotten with a test."""


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An environment with the two addresses that every service needs, and nothing else of ours."""
    for name in OURS & os.environ.keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:password@db/bellhop")
    monkeypatch.setenv("REDIS_URL", "redis://redis:6379/0")
    Settings.load.cache_clear()
    yield monkeypatch
    Settings.load.cache_clear()


@pytest.fixture
def reachable(env: pytest.MonkeyPatch) -> None:
    """Let requests reach the sites of this machine."""
    env.setenv("FETCH_ALLOW", "127.0.0.0/8")


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server."""
    made = Site()
    yield made
    made.close()


@pytest.fixture
def other() -> Iterator[Site]:
    """Another web server: the same host, another port."""
    made = Site()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Forget the signatures and bodies that a test has declared."""
    signatures, functions = dict(registry), dict(bodies)
    yield
    registry.clear()
    registry.update(signatures)
    bodies.clear()
    bodies.update(functions)
