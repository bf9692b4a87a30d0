"""The pytest plug-in of the client: what a test of an application sees of its jobs."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bellhop_client import Client, JobRequest
from bellhop_client.testing import RecordedJobs
from bellhop_client.testing.recorded import NotRecorded
from tests.applications import BLOCKS, code_of
from tests.inside import failures_in

NOWHERE = "http://127.0.0.1:1"
WITHOUT_SERVER = """
import sys
import pytest

sys.modules["bellhop_local"] = None
sys.exit(pytest.main(["-p", "bellhop_client.testing.plugin", "-p", "no:cacheprovider", "test_tasks.py"]))
"""


@pytest.fixture
def submit(bellhop_jobs: RecordedJobs, connect: Callable[..., Any]) -> Callable[..., Any]:
    """Submit by a client whose server is not there."""
    submit: Callable[..., Any] = connect(NOWHERE).submit
    return submit


def test_a_submission_is_recorded_and_answered(bellhop_jobs: RecordedJobs, submit: Callable[..., Any]) -> None:
    answer = submit("invoices.render", {"invoice_id": 7, "pages": [1, 2]}, delay=timedelta(minutes=1), tags=["urgent"])

    job = bellhop_jobs.submitted("invoices.render", invoice_id=7)
    assert (answer.id, answer.task, answer.state, answer.tags) == (job.id, "invoices.render", "queued", ("urgent",))
    assert (job.args, job.wanted) == ({"invoice_id": 7, "pages": [1, 2]}, {"delay": 60, "tags": ["urgent"]})
    assert list(bellhop_jobs) == bellhop_jobs.of("invoices.render") == [job]


def test_what_was_not_submitted_fails_with_what_was(bellhop_jobs: RecordedJobs, submit: Callable[..., Any]) -> None:
    submit("invoices.render", {"invoice_id": 7})

    with pytest.raises(AssertionError) as failed:
        bellhop_jobs.submitted("invoices.render", invoice_id=8)
    assert str(failed.value) == (
        "invoices.render(invoice_id=8) was not submitted, but:\n  invoices.render(invoice_id=7)"
    )
    assert bellhop_jobs.of("mail.send") == []


def test_a_key_makes_one_job(bellhop_jobs: RecordedJobs, submit: Callable[..., Any]) -> None:
    first, second = (submit("invoices.render", {"invoice_id": 7}, key="invoice-7") for _ in range(2))

    assert first.id == second.id
    assert len(bellhop_jobs) == 1


def test_many_and_those_of_a_transaction_are_recorded_too(
    bellhop_jobs: RecordedJobs, connect: Callable[..., Any]
) -> None:
    connect(NOWHERE).submit_many(JobRequest("invoices.render", {"invoice_id": n}) for n in range(3))
    with Client(NOWHERE, "token") as client:
        transaction = client.on(Session())
    id = transaction.submit("invoices.send", {"to": 'a "friend"'}, delay=90, tags=['a"b', "c"], priority=9)
    transaction.submit_many([JobRequest("invoices.close", priority=1)])

    assert [job.task for job in bellhop_jobs] == ["invoices.render"] * 3 + ["invoices.send", "invoices.close"]
    sent = bellhop_jobs.submitted("invoices.send", to='a "friend"')
    assert (sent.id, sent.wanted) == (id, {"delay": 90.0, "tags": ['a"b', "c"], "priority": 9})


def test_a_job_can_be_looked_at_and_all_else_needs_a_server(
    bellhop_jobs: RecordedJobs, connect: Callable[..., Any]
) -> None:
    client = connect(NOWHERE)
    job = client.submit("invoices.render", {"invoice_id": 7})

    assert client.job(job).args == {"invoice_id": 7}
    with pytest.raises(NotRecorded, match="bellhop_stack"):
        client.cancel(job)


def test_the_example_of_the_page_passes(tmp_path: Path) -> None:
    (tmp_path / "flask_app.py").write_text(code_of("Flask"))
    test = tmp_path / "test_approve.py"
    test.write_text(BLOCKS["pytest"][0][1])
    env = {"BELLHOP_URL": NOWHERE, "BELLHOP_TOKEN": "token", "BELLHOP_SIGNING_SECRET": "secret"}

    assert failures_in(test, tmp_path / "report.xml", env) == {"test_an_approved_invoice_is_rendered": []}


@pytest.mark.parametrize("fixture", ["run_task", "bellhop_eager", "bellhop_stack"])
def test_a_fixture_that_needs_a_server_says_what_to_install(fixture: str, tmp_path: Path) -> None:
    (tmp_path / "test_tasks.py").write_text(f"def test_it({fixture}): ...\n")
    env = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_SERVER], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1, done.stdout
    assert f"the fixture {fixture} needs a Bellhop beside the client" in done.stdout
