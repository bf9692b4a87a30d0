"""Stand-ins for the fixtures of bellhop-local where that is not installed: they say what is missing."""

from typing import NoReturn

import pytest

NEEDED = (
    "needs a Bellhop beside the client: run the tests by its environment ($BELLHOP/.venv/bin/python -m pytest), "
    "or install its packages: uv pip install '$BELLHOP/local[testing]', where $BELLHOP is a clone of it"
)


def _fail(fixture: str) -> NoReturn:
    pytest.fail(f"the fixture {fixture} {NEEDED}", pytrace=False)


@pytest.fixture
def run_task() -> NoReturn:
    """Fail: no worker is installed."""
    _fail("run_task")


@pytest.fixture
def bellhop_eager() -> NoReturn:
    """Fail: no worker is installed."""
    _fail("bellhop_eager")


@pytest.fixture(scope="session")
def bellhop_stack() -> NoReturn:
    """Fail: no Bellhop is installed."""
    _fail("bellhop_stack")
