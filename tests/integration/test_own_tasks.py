"""A task is added by deploying a worker: web and scheduler learn of it while they run, and never see its code."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bellhop.manifest import Manifest, Policy
from tests.problems import fields_of
from tests.published import publish_release
from tests.stack import Stack, wait_until

INVOICES = '''
"""Invoices."""

from typing import Annotated

from bellhop import task
from bellhop.secret import Secret
from bellhop.signature import Every


@task("invoices.render", queue="printer", schedules={"often": Every(seconds=1, args={"invoice_id": 1})})
def render(*, invoice_id: int, pin: Annotated[str, Secret()] = "none") -> str:
    """Render an invoice. Safe to repeat: it is always the same."""
    return f"invoice-{invoice_id}.pdf for {pin}"
'''


@pytest.fixture
def system(make_stack: Callable[..., Stack], tmp_path: Path) -> Stack:
    """A system whose services run, and a module that none of them can import."""
    (tmp_path / "acme_invoices.py").write_text(INVOICES)
    return make_stack("web", "scheduler")


def refused_field(system: Stack) -> str:
    """The field for which a job without arguments is refused."""
    return str(system.http.post("/api/jobs", json={"task": "invoices.render"}).json()["errors"][0]["field"])


def publish_also(system: Stack, name: str, *more: str) -> None:
    """Publish a release that has this task besides, with the arguments `a` and those."""
    schema = {"type": "object", "properties": {one: {"type": "integer"} for one in ("a", *more)}}
    task = Manifest(
        name=name,
        plugin="test",
        description="",
        queue="default",
        policy=Policy(),
        arguments=schema | {"additionalProperties": False},
        result={},
    )
    publish_release(system.postgres.url, f"with {name} {more}", [task])


def start_worker(system: Stack, folder: Path, *options: str, **settings: str) -> None:
    own = {"PYTHONPATH": f"{folder}:{system.env['PYTHONPATH']}", "BELLHOP_PLUGINS": "acme_invoices"}
    system.start_command("worker-acme", "bellhop-worker", *options, **own, **settings)


def test_a_task_that_a_worker_brings_along_is_taken_and_run(system: Stack, tmp_path: Path) -> None:
    assert refused_field(system) == "task"

    start_worker(system, tmp_path, WORKER_QUEUES="default,printer")
    wait_until(
        lambda: (
            system.http.post("/api/jobs", json={"task": "invoices.render"}).json()["errors"][0]["field"]
            == "args.invoice_id"
        )
    )
    job = system.submit("invoices.render", args={"invoice_id": 7, "pin": "4711"})

    assert job["args"] == {"invoice_id": 7, "pin": "***"}
    assert system.ended(job["id"])["result"] == "invoice-7.pdf for 4711"
    assert "4711" not in str(system.sql("SELECT args FROM jobs"))
    fired = "SELECT count(*) FROM jobs WHERE schedule IS NOT NULL AND task = 'invoices.render' AND state = 'succeeded'"
    wait_until(lambda: system.sql(fired)[0][0] >= 2)


def test_a_deploy_publishes_before_anything_runs_and_a_job_says_that_nobody_serves_its_queue(
    system: Stack, tmp_path: Path
) -> None:
    start_worker(system, tmp_path, "--publish", BELLHOP_RELEASE="1.0-acme.1")
    wait_until(lambda: system.services["worker-acme"].exit_code == 0)

    job = wait_until(lambda: system.http.post("/api/jobs", json={"task": "invoices.render", "args": {"invoice_id": 7}}))
    assert job.status_code == 202, job.text
    assert job.json()["notice"] == "No worker takes jobs from the queue printer at the moment"
    [task] = [one for one in system.http.get("/api/tasks").json()["tasks"] if one["name"] == "invoices.render"]
    assert (task["plugin"], task["release"], task["secrets"]) == ("acme_invoices", "1.0-acme.1", ["pin"])
    assert [one["key"] for one in task["schedules"]] == ["often"]


def test_a_task_is_taken_at_once_after_it_was_published_however_often_it_was_asked_for_in_vain(system: Stack) -> None:
    for turn in range(5):
        name = f"later.task_{turn}"
        wanted = {"task": name, "args": {"a": turn}}
        assert system.http.post("/api/jobs", json=wanted).status_code == 422

        publish_also(system, name)
        assert system.http.post("/api/jobs", json=wanted).status_code == 202


def test_arguments_that_only_the_new_release_knows_are_taken_at_once(system: Stack) -> None:
    publish_also(system, "later.task")
    wanted = {"task": "later.task", "args": {"a": 1, "b": 2}}
    assert system.http.post("/api/jobs", json=wanted).status_code == 422

    publish_also(system, "later.task", "b")
    assert system.http.post("/api/jobs", json=wanted).status_code == 202


def test_before_anything_is_published_a_submission_is_told_to_come_back(system: Stack) -> None:
    system.sql("DELETE FROM task_releases")
    ready = wait_until(lambda: (answer := system.http.get("/readyz")).json()["tasks"] == "unknown" and answer)
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")

    for path, body in (("jobs", {}), ("schedules", {"name": "x", "interval_seconds": 60})):
        answer = system.http.post(f"/api/{path}", json={"task": "test.noop", **body})
        assert fields_of(answer, 503) == []
        assert "No worker has published its tasks yet" in answer.json()["detail"]
        assert int(answer.headers["Retry-After"]) > 0

    system.publish()
    assert system.submit("test.noop")["state"] == "queued"


@pytest.mark.parametrize("wrong", [{"invoice_id": "7"}, {"invoice_id": 7.0}, {"invoice_id": 7, "pin": 5}, {"id": 7}])
def test_what_the_schema_does_not_allow_is_refused_at_the_door(stack: Stack, wrong: dict[str, object]) -> None:
    answer = stack.http.post("/api/jobs", json={"task": "products.very_slow_add", "args": wrong})

    assert answer.status_code == 422
    assert all(error["field"].startswith("args.") for error in answer.json()["errors"])
