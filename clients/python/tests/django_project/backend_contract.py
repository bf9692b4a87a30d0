"""What Django says of a backend, asked of ours: run in the project, beside a Bellhop whose worker has its tasks."""

import json
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from contract import tasks
from django.core.checks import run_checks
from django.db import transaction
from django.test import Client as Browser
from django.test import override_settings
from invoices.models import Invoice
from invoices.tasks import render

from bellhop_client import Invalid
from bellhop_client.django import client
from bellhop_client.django.framework import (
    BaseTaskBackend,
    InvalidTask,
    InvalidTaskBackend,
    Task,
    TaskResult,
    TaskResultDoesNotExist,
    TaskResultStatus,
    normalize_json,
    task_enqueued,
)
from bellhop_client.errors import NotFound
from bellhop_worker.http_requests.secrets import standard_headers

try:
    from django.tasks import task, task_backends
    from django.tasks.exceptions import TaskResultMismatch
except ImportError:
    from django_tasks import task, task_backends
    from django_tasks.exceptions import TaskResultMismatch

LATER = datetime(2037, 1, 31, 9, 30, tzinfo=UTC)
READY, SUCCESSFUL, FAILED = TaskResultStatus.READY, TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED


@pytest.fixture(params=["default", "http"])
def backend(request: pytest.FixtureRequest) -> str:
    """In the transaction of the database, and over HTTP."""
    return request.param


def ended(result: TaskResult) -> TaskResult:
    client().wait(result.id, timeout=60)
    result.refresh()
    return result


def test_the_backend_can_do_all_that_django_knows_of() -> None:
    one = task_backends["default"]

    assert isinstance(one, BaseTaskBackend)
    assert (one.supports_defer, one.supports_async_task) == (True, True)
    assert (one.supports_get_result, one.supports_priority) == (True, True)


def test_an_enqueued_task_is_ready_and_knows_its_call(backend: str) -> None:
    result = tasks.add.using(backend=backend, run_after=LATER).enqueue(1, b=2)

    assert (result.status, result.args, result.kwargs) == (READY, [1], {"b": 2})
    assert (result.started_at, result.finished_at, result.attempts, result.errors) == (None, None, 0, [])
    assert result.enqueued_at is not None
    assert isinstance(result.id, str)
    assert (result.backend, result.task.func) == (backend, tasks.add.func)
    with pytest.raises(ValueError, match="Task has not finished yet"):
        _ = result.return_value


def test_a_task_runs_and_its_result_is_refreshed(backend: str) -> None:
    result = ended(tasks.add.using(backend=backend).enqueue(1, b=2))

    assert (result.status, result.return_value, result.is_finished) == (SUCCESSFUL, 3, True)
    assert result.enqueued_at <= result.started_at <= result.finished_at
    assert (result.attempts, result.errors) == (1, [])


def test_all_of_it_can_be_awaited(backend: str) -> None:
    result = async_to_sync(tasks.add.using(backend=backend).aenqueue)(1, 2)
    client().wait(result.id, timeout=60)
    async_to_sync(result.arefresh)()

    assert result.return_value == 3
    assert async_to_sync(tasks.add.aget_result)(result.id).return_value == 3


def test_defaults_are_those_of_the_function() -> None:
    assert ended(tasks.add.enqueue(1)).return_value == 6


def test_a_coroutine_function_runs() -> None:
    assert ended(tasks.add_async.enqueue(1, b=2)).return_value == 3


def test_a_function_may_take_anything() -> None:
    result = ended(tasks.anything.enqueue(1, "two", three=[3, {"four": None}]))

    assert result.return_value == [[1, "two"], {"three": [3, {"four": None}]}]
    assert tasks.anything.get_result(result.id).args == [1, "two"]


def test_a_failed_task_has_its_error() -> None:
    result = ended(tasks.fail.enqueue())

    assert (result.status, result.attempts) == (FAILED, 1)
    [error] = result.errors
    assert error.exception_class is ValueError
    assert error.traceback.endswith("ValueError: no\n")
    with pytest.raises(ValueError, match="Task failed"):
        _ = result.return_value


def test_a_policy_gives_a_name_and_attempts_and_the_context_counts_them() -> None:
    result = ended(tasks.flaky.enqueue(10))

    assert client().job(result.id).task == "shop.flaky"
    assert result.return_value == [result.id, 20]
    assert (result.attempts, [error.exception_class for error in result.errors]) == (2, [tasks.Flaky])
    assert result.started_at < result.last_attempted_at


def test_the_task_says_where_it_waits_and_using_changes_that() -> None:
    own = client().job(tasks.count_invoices.using(run_after=LATER).enqueue().id)
    other = tasks.count_invoices.using(priority=1, queue_name="default", run_after=LATER + timedelta(1))
    changed = client().job(other.enqueue().id)

    assert (own.queue, own.priority, own.run_at, own.state) == ("slow", 3, LATER, "scheduled")
    assert (changed.queue, changed.priority, changed.run_at) == ("default", 6, LATER + timedelta(1))


@pytest.mark.parametrize(("djangos", "ours"), [(-100, 0), (-1, 4), (0, 5), (1, 6), (25, 6), (26, 7), (100, 9)])
def test_priorities_keep_their_order(djangos: int, ours: int) -> None:
    result = tasks.add.using(backend="http", priority=djangos, run_after=LATER).enqueue(1)

    assert client().job(result.id).priority == ours


def test_a_task_sees_the_database_of_the_project() -> None:
    assert ended(tasks.count_invoices.enqueue()).return_value == Invoice.objects.count()


def test_a_task_and_the_rows_are_committed_together() -> None:
    with transaction.atomic():
        Invoice.objects.filter(pk=7).update(state="sent")
        result = tasks.add.enqueue(1, 2)
        with pytest.raises(NotFound):
            client().job(result.id)

    assert ended(result).return_value == 3
    assert Invoice.objects.get(pk=7).state == "sent"


def test_after_a_rollback_there_is_no_task() -> None:
    with transaction.atomic():
        result = tasks.add.enqueue(1, 2)
        transaction.set_rollback(True)

    with pytest.raises(TaskResultDoesNotExist):
        tasks.add.get_result(result.id)


@pytest.mark.parametrize("id", ["123", str(uuid4())])
def test_a_result_that_is_not_there_does_not_exist(id: str) -> None:
    with pytest.raises(TaskResultDoesNotExist):
        task_backends["default"].get_result(id)
    with pytest.raises(TaskResultDoesNotExist):
        async_to_sync(tasks.add.aget_result)(id)


def test_the_result_of_another_task_does_not_match() -> None:
    result = tasks.add.using(run_after=LATER).enqueue(1)

    with pytest.raises(TaskResultMismatch):
        tasks.fail.get_result(result.id)


def test_a_job_of_something_else_is_no_task_of_the_project() -> None:
    job = client().submit("invoices.render", {"invoice_id": 7}, run_at=LATER)

    with pytest.raises(TaskResultDoesNotExist, match=r"is a job of invoices\.render"):
        task_backends["default"].get_result(str(job.id))


def test_what_json_cannot_carry_is_refused(backend: str) -> None:
    with pytest.raises(TypeError, match="Unsupported type"):
        tasks.add.using(backend=backend).enqueue(datetime.now())


@pytest.mark.parametrize("call", [((), {}), ((1, 2, 3), {}), ((1,), {"c": 3})])
def test_a_call_that_the_function_does_not_take_is_refused(call: tuple) -> None:
    args, kwargs = call

    with pytest.raises(TypeError, match="argument"):
        tasks.add.enqueue(*args, **kwargs)


def test_what_cannot_be_a_task_is_refused() -> None:
    def local() -> None: ...

    for function in (local, any):
        with pytest.raises(InvalidTask, match="must be defined at a module level"):
            task(function)
    with pytest.raises(InvalidTask, match="run_after must be an aware datetime"):
        tasks.add.using(run_after=datetime.now())
    with pytest.raises(InvalidTask, match="priority must be a whole number between -100 and 100"):
        tasks.add.using(priority=101)


def test_a_queue_that_nobody_serves_is_refused_by_bellhop(backend: str) -> None:
    with pytest.raises(Invalid, match="queue"):
        tasks.add.using(backend=backend, queue_name="nowhere").enqueue(1)


def test_two_functions_cannot_have_one_name() -> None:
    with pytest.raises(InvalidTask, match=r"have the same name: shop\.flaky"):
        Task(func=_same_name())


def _same_name():
    function = globals()["another"]
    function._bellhop_policy = {"name": "shop.flaky"}
    return function


def another() -> None:
    """Stand for a second task."""


def test_a_signal_is_sent_when_a_task_is_enqueued(backend: str) -> None:
    seen = []
    task_enqueued.connect(lambda task_result, **_: seen.append(task_result.id), weak=False, dispatch_uid="test")
    try:
        result = tasks.add.using(backend=backend, run_after=LATER).enqueue(1)
    finally:
        task_enqueued.disconnect(dispatch_uid="test")

    assert seen == [result.id]


def test_a_backend_says_which_options_it_has() -> None:
    wrong = {"BACKEND": "bellhop_client.django.BellhopBackend", "OPTIONS": {"DATABSE": "default"}}

    with override_settings(TASKS={"default": wrong}), pytest.raises(InvalidTaskBackend, match="not DATABSE"):
        tasks.add.enqueue(1)


def faults() -> list[str]:
    return [f"{fault.id} {fault.msg}" for fault in task_backends["default"].check()]


def test_the_settings_are_checked() -> None:
    backend = "bellhop_client.django.BellhopBackend"

    assert run_checks() == []
    with override_settings(BELLHOP_URL="bellhop"):
        assert faults()[0].startswith("bellhop.E003 BELLHOP_URL: must be http:// or https://")
    with override_settings(BELLHOP_TOKEN=None):
        assert faults() == ["bellhop.E003 BELLHOP_TOKEN: is not set"]
    with override_settings(INSTALLED_APPS=["invoices"]):
        assert faults() == ["bellhop.W001 INSTALLED_APPS: bellhop_client.django is missing"]
    with override_settings(TASKS={"default": {"BACKEND": backend, "OPTIONS": {"DATABASE": "other"}}}):
        assert faults() == ["bellhop.E001 TASKS: default: OPTIONS: DATABASE: other is not in DATABASES"]


def test_arguments_are_those_of_the_function_for_every_client() -> None:
    job = client().submit("contract.tasks.add", {"a": 1, "b": 2})

    assert client().wait(job, timeout=60).result == 3
    assert tasks.add.get_result(str(job.id)).kwargs == {"a": 1, "b": 2}
    with pytest.raises(Invalid, match=r"args\.a: is required"):
        client().submit("contract.tasks.add", {"b": 2})


def test_the_example_of_the_page_renders_an_approved_invoice() -> None:
    Invoice.objects.filter(pk=7).update(state="draft")

    answer = Browser().post("/invoices/7/approve")
    job = answer.json()["job"]
    client().wait(job, timeout=60)

    assert (answer.status_code, Invoice.objects.get(pk=7).state) == (202, "approved")
    assert Browser().get(f"/jobs/{job}").json() == {"state": "SUCCESSFUL", "result": "invoice-7.pdf"}
    assert (client().job(job).max_attempts, client().job(job).priority) == (5, 6)
    assert render.get_result(job).kwargs == normalize_json({"invoice_id": 7})


def test_a_verified_view_lets_only_signed_requests_in() -> None:
    body = json.dumps({"order": 4711}).encode()
    signed = standard_headers("a secret of mine", str(uuid4()), int(time.time()), body)
    browser = Browser(enforce_csrf_checks=True)

    let_in = browser.post("/rendered", body, content_type="application/json", headers=signed)
    refused = browser.post("/rendered", body + b" ", content_type="application/json", headers=signed)

    assert (let_in.status_code, refused.status_code) == (204, 401)
