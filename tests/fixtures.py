"""Fixtures: servers and services that live as long as a test or as all of them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck

from bellhop_ledger.platform.secrets import SealingSettings
from bellhop_ledger.platform.settings import Settings
from tests.postbox import Postbox
from tests.stack import Stack

# How quick the machine is decides nothing; and a fixture that many examples share is one that they may share.
hypothesis.settings.register_profile(
    "bellhop", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
hypothesis.settings.load_profile("bellhop")

OF_THE_INTERPRETER = {
    "test_arrival",
    "test_binding",
    "test_body_limits",
    "test_conduct",
    "test_envelopes",
    "test_execution",
    "test_exit_codes",
    "test_failures",
    "test_first_job",
    "test_gunicorn_worker",
    "test_importing",
    "test_jsontext",
    "test_live_turns",
    "test_results",
    "test_runner",
    "test_slow_clients",
}
"""Modules about locks, threads, signals, exceptions and limits, which differ between releases of Python."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what depends on the interpreter."""
    for item in items:
        if item.path.stem in OF_THE_INTERPRETER:
            item.add_marker(pytest.mark.interpreter)


@pytest.fixture(scope="session")
def postbox() -> Iterator[Postbox]:
    """An SMTP server: the mails of the shared stack arrive there."""
    made = Postbox().start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, postbox: Postbox) -> Iterator[Stack]:
    """A whole system that many tests share; none of them hurts it."""
    made = Stack(tmp_path_factory.mktemp("stack"), **postbox.settings)
    try:
        yield made.start("web", "worker", "scheduler")
    finally:
        made.stop()


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    """Make a system of one's own, to hurt it: `make_stack("web", LEASE_SECONDS="1")`."""
    made: list[Stack] = []

    def make(*services: str, **settings: str) -> Stack:
        directory = tmp_path / f"stack-{len(made)}"
        directory.mkdir()
        made.append(Stack(directory, **settings))
        return made[-1].start(*services)

    try:
        yield make
    finally:
        for one in made:
            one.stop()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers and a migrated database without services, to which the code in this process is tied."""
    made = Stack(tmp_path_factory.mktemp("servers")).start()
    os.environ |= {"DATABASE_URL": made.application_url, "REDIS_URL": made.redis.url, "APP_ENV": "test"}
    Settings.load.cache_clear()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def ledger(servers: Stack) -> Stack:
    """An empty ledger and an empty Redis."""
    servers.sql("TRUNCATE jobs, timers, ticks, effects, users CASCADE")
    return servers


@pytest.fixture
def no_schedules(ledger: Stack) -> Iterator[None]:
    """An empty ledger without schedules, before the test and after it."""
    ledger.sql("TRUNCATE schedules, schedule_runs, schedule_changes")
    yield
    ledger.sql("TRUNCATE schedules, schedule_runs, schedule_changes")


@pytest.fixture
def set_keys() -> Iterator[Callable[[str], None]]:
    """Change ENCRYPTION_KEY of this process for one test."""

    def change(keys: str) -> None:
        patch.setenv("ENCRYPTION_KEY", keys)
        SealingSettings.load.cache_clear()

    with pytest.MonkeyPatch.context() as patch:
        yield change
    SealingSettings.load.cache_clear()
