"""Registries that know all tasks, and forget what a test declares."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from bellhop.signature import registry
from bellhop_worker.engine.binding import bind_all, bodies
from bellhop_worker.settings import WorkerSettings

bind_all(
    WorkerSettings(
        database_url=SecretStr("postgresql://nowhere/none"),
        redis_url=SecretStr("redis://nowhere"),
        bellhop_plugins="tests.tasks",
    )
)
"""All modules that declare something are imported from here on: none of them is forgotten with a test."""


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Forget the signatures and bodies that a test has declared."""
    signatures, functions = dict(registry), dict(bodies)
    yield
    registry.clear()
    registry.update(signatures)
    bodies.clear()
    bodies.update(functions)
