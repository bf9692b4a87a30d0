"""Tying this process to a Bellhop: its settings are in the environment for as long as a block lasts."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bellhop_ledger.platform.database import engine
from bellhop_ledger.platform.settings import Settings
from bellhop_local.testing.running import TaskRunner
from bellhop_local.testing.stack import StackForTests


@contextmanager
def tied_to(stack: StackForTests) -> Iterator[TaskRunner]:
    """Yield what runs tasks with the settings of this stack."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in stack.environment.items():
            patch.setenv(name, value)
        Settings.load.cache_clear()
        engine.cache_clear()
        with TaskRunner() as runner:
            yield runner
    Settings.load.cache_clear()
    engine.cache_clear()
