"""The backend of django.tasks: what stands in django_project/backend_contract.py is run in a project of its own."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.applications import PROJECT, Applications
from tests.inside import failures_in, names_in


@pytest.fixture(scope="module")
def failures(applications: Applications, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """What was wrong with each of them."""
    report = tmp_path_factory.mktemp("django") / "report.xml"
    return failures_in(applications.project / "backend_contract.py", report, applications.env)


@pytest.mark.long
@pytest.mark.parametrize("name", names_in(PROJECT / "backend_contract.py"))
def test_in_a_project(name: str, failures: Mapping[str, list[str]]) -> None:
    assert failures[name] == []


@pytest.mark.long
def test_workers_say_whose_the_tasks_are(applications: Applications) -> None:
    listed = {one["name"]: one for one in applications.stack.http.get("/api/tasks").json()["tasks"]}

    assert listed["contract.tasks.add"]["plugin"] == "django"
    assert listed["contract.tasks.add"]["description"] == "Add two numbers."
    assert listed["contract.tasks.count_invoices"]["queue"] == "slow"


def test_a_worker_without_the_settings_of_a_project_names_what_is_missing(applications: Applications) -> None:
    env = {name: value for name, value in applications.stack.env.items() if name != "DJANGO_SETTINGS_MODULE"}
    worker = [Path(sys.executable).parent / "bellhop-worker", "--publish"]

    done = subprocess.run(worker, env=env, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert "bellhop_client.django.worker cannot be imported: ImproperlyConfigured" in done.stderr
    assert "DJANGO_SETTINGS_MODULE" in done.stderr
