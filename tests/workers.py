"""A system that tests of workers share: each test has workers of its own there, and may do to them what it likes."""

from collections.abc import Callable, Iterator

import pytest

from tests.stack import Stack

WithWorker = Callable[..., Stack]


@pytest.fixture(scope="session")
def without_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers, web and scheduler, which outlast the workers of one test after the other."""
    made = Stack(tmp_path_factory.mktemp("workers"))
    try:
        yield made.start("web", "scheduler")
    finally:
        made.stop()


@pytest.fixture
def with_worker(without_worker: Stack) -> Iterator[WithWorker]:
    """Start a worker beside them: `with_worker(LEASE_SECONDS="1")`. The settings hold for all workers of the test."""
    shared, usual = without_worker, without_worker.settings

    def start(**settings: str) -> Stack:
        shared.settings = usual | settings
        shared.start_service("worker")
        shared.wait_ready("worker")
        return shared

    try:
        yield start
    finally:
        shared.settings = usual
        forget_workers(shared)


def forget_workers(stack: Stack) -> None:
    """Kill the workers, and remove what they have left."""
    for name in [name for name in stack.services if name.startswith("worker")]:
        stack.services.pop(name).stop(0)
        (stack.directory / f"{name}.log").unlink(missing_ok=True)
    for mark in stack.directory.glob("*killed"):  # of bodies that kill their process once
        mark.unlink()
    stack.sql("DELETE FROM jobs WHERE schedule IS NULL OR task LIKE 'test.%'")
    stack.sql("DELETE FROM effects")
    stack.sql("DELETE FROM holds")
    stack.sql("DELETE FROM heartbeats WHERE service = 'worker'")  # their processes would count as free for others
