"""Fixtures: servers and services that live as long as a test or as all of them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import hypothesis
import pytest
from hypothesis import HealthCheck
from structlog.contextvars import clear_contextvars

from bellhop_ledger.accounts.tokens import set_first
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.secrets import EncryptionSettings
from bellhop_ledger.platform.settings import Settings
from bellhop_web.app import create_app
from bellhop_web.settings import WebSettings
from bellhop_worker.settings import WorkerSettings
from tests.listener import Listener
from tests.postbox import Postbox
from tests.site import Site
from tests.stack import TOKEN, Stack

# How quick the machine is decides nothing; and a fixture that many examples share is one that they may share.
hypothesis.settings.register_profile(
    "bellhop", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
hypothesis.settings.load_profile("bellhop")

OF_THE_INTERPRETER = {
    "test_arrival",
    "test_async_bodies",
    "test_binding",
    "test_body_limits",
    "test_conduct",
    "test_django",
    "test_djangos_own_tests",
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
"""Modules about locks, threads, signals, exceptions and limits, which differ between releases of Python, and about
Django, of which each has another release."""


OURS = {name.upper() for settings in (WebSettings, WorkerSettings) for name in settings.model_fields} | {"ADMIN_TOKEN"}

MOST = 7
"""Unfinished jobs that a user of the bounded system may have."""


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


@pytest.fixture(scope="session")
def bounded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system without a worker in which nobody may have much unfinished."""
    made = Stack(tmp_path_factory.mktemp("bounded"), USER_UNFINISHED_JOBS=str(MOST), RATE_LIMIT_TARGET="20/hour")
    try:
        yield made.start("web")
    finally:
        made.stop()


@pytest.fixture(scope="session")
def calling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole system that may call servers of this machine."""
    made = Stack(tmp_path_factory.mktemp("calling"), FETCH_ALLOW="127.0.0.0/8", LOG_LEVEL="DEBUG")
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


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    """Open streams that are closed at the end."""
    made: list[Listener] = []

    def open_one(*args: Any, **kwargs: Any) -> Listener:
        made.append(Listener(*args, **kwargs))
        return made[-1]

    yield open_one
    for one in made:
        one.socket.close()


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
    """An empty ledger, and a process that answers no request."""
    clear_contextvars()
    jobs = "jobs, job_keys, job_events, live_jobs, holds, job_logs, mails, effects"
    ours = f"{jobs}, audit, bulk_actions, invitations, users, notification_rules, notification_failures_seen"
    servers.sql(f"TRUNCATE {ours} CASCADE")
    return servers


def app_of_ledger(ledger: Stack, monkeypatch: pytest.MonkeyPatch, **settings: str) -> flask.Flask:
    """Make the web application in this process, on the servers of the ledger and with a valid ADMIN_TOKEN."""
    for name, value in (ledger.env | settings).items():
        monkeypatch.setenv(name, value)
    with transaction() as db:
        set_first(db, TOKEN)
    return create_app(WebSettings())  # type: ignore[call-arg]


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
        EncryptionSettings.load.cache_clear()

    with pytest.MonkeyPatch.context() as patch:
        yield change
    EncryptionSettings.load.cache_clear()


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
