"""The fixtures of the pytest plug-in that need this client alone; those of `bellhop-local` run tasks.

Pytest loads this wherever bellhop-client is installed, so nothing is imported before a fixture is asked for.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bellhop_client.testing.recorded import RecordedJobs


def pytest_configure(config: pytest.Config) -> None:
    """Where no Bellhop is installed, have its fixtures say what they need."""
    if find_spec("bellhop_local") is None:
        from bellhop_client.testing import missing

        config.pluginmanager.register(missing, "bellhop-missing")


@pytest.fixture
def bellhop_jobs(monkeypatch: pytest.MonkeyPatch) -> "RecordedJobs":
    """The jobs that the test has submitted: `bellhop_jobs.submitted("invoices.render", invoice_id=7)`.

    Every client of this process, and `client.on(connection)`, is answered without a server, and nothing runs. Which
    tasks there are and what they take is not known here. A job of a transaction counts when it is submitted, and not
    when that commits.
    """
    from bellhop_client.testing.recorded import RecordedJobs
    from bellhop_client.testing.replacing import answer_by

    recorded = RecordedJobs()
    answer_by(recorded, monkeypatch)
    return recorded
