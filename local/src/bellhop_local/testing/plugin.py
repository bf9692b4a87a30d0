"""The fixtures of the pytest plug-in that run tasks. Nothing is imported or started before one is asked for."""

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bellhop_client.testing import RecordedJobs
    from bellhop_local.testing.running import TaskRunner
    from bellhop_local.testing.stack import StackForTests


@pytest.fixture(scope="session")
def bellhop_settings() -> Mapping[str, str]:
    """Settings of Bellhop for the tests. Override it, such as with {"BELLHOP_PLUGINS": "acme.tasks"}."""
    return {}


@pytest.fixture(scope="session")
def bellhop_servers(
    tmp_path_factory: pytest.TempPathFactory, bellhop_settings: Mapping[str, str], pytestconfig: pytest.Config
) -> Iterator["StackForTests"]:
    """A Bellhop without services: Postgres with all tables, and Redis. It is thrown away after the last test."""
    from bellhop_local.testing.stack import StackForTests

    path = os.pathsep.join(filter(None, [str(pytestconfig.rootpath), os.environ.get("PYTHONPATH")]))
    made = StackForTests(tmp_path_factory.mktemp("bellhop"), {"PYTHONPATH": path} | dict(bellhop_settings))
    try:
        made.start_servers()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def bellhop_stack(bellhop_servers: "StackForTests") -> "StackForTests":
    """A whole Bellhop with the tasks of the project: `bellhop_stack.client`, `url`, `token`, `database_url`."""
    bellhop_servers.start_services()
    return bellhop_servers


@pytest.fixture(scope="session")
def run_task(bellhop_servers: "StackForTests") -> Iterator["TaskRunner"]:
    """Run a task in this process with a real session: `run_task(render, invoice_id=7)` returns its result."""
    from bellhop_local.testing.binding import tied_to

    with tied_to(bellhop_servers) as runner:
        yield runner


@pytest.fixture
def bellhop_eager(run_task: "TaskRunner", monkeypatch: pytest.MonkeyPatch) -> "RecordedJobs":
    """As `bellhop_jobs`, and each job runs in this process as soon as it is submitted."""
    from bellhop_client.testing import RecordedJobs
    from bellhop_client.testing.replacing import answer_by
    from bellhop_local.testing.eager import Eager

    recorded = RecordedJobs(Eager(run_task).run)
    answer_by(recorded, monkeypatch)
    return recorded
