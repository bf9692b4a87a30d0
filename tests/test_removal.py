"""A workload is one folder: without it the rest of the repository is whole."""

from pathlib import Path

import pytest

from tests.copies import Copy
from tests.stack import ROOT

WORKLOADS = sorted(path.parent.name for path in ROOT.glob("workloads/*/pyproject.toml"))
CONTRACTS = ("tests/test_contract.py", "tests/test_deployments.py", "tests/test_schema.py")
OFTEN_REMOVED = "polls"
"""The one that every run removes; the others take as long each."""
ONE_START = "tests/integration/test_first_job.py"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name == OFTEN_REMOVED else pytest.mark.long) for name in WORKLOADS]
)
def test_the_rest_holds_its_contracts_and_starts_without(tmp_path: Path, name: str) -> None:
    copy = Copy(tmp_path)

    copy.remove_workload(name)

    copy.install()
    copy.run("lint-imports")
    copy.run("pytest", "-q", *CONTRACTS, ONE_START)


@pytest.mark.long
def test_all_checks_pass_without_any(tmp_path: Path) -> None:
    copy = Copy(tmp_path)

    for name in WORKLOADS:
        copy.remove_workload(name)

    copy.install()
    copy.run("scripts/check.sh")
    copy.run("pytest", "-q", *CONTRACTS, ONE_START)
