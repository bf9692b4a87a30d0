"""The fixtures of bellhop-local, as the tests of a project use them."""

from datetime import date
from uuid import UUID

import psycopg2
import pytest
import tasks
from pydantic import ValidationError
from sqlalchemy import text

from bellhop.errors import Permanent
from bellhop_client import Client, Invalid, JobFailed, JobRequest
from bellhop_ledger.api import Job, transaction


@pytest.fixture(scope="session")
def bellhop_settings():
    return {"BELLHOP_PLUGINS": "tasks"}


@pytest.fixture(scope="session", autouse=True)
def names(bellhop_servers):
    connection = psycopg2.connect(bellhop_servers.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.names (name text)")
    connection.close()


def written():
    with transaction() as db:
        return list(db.scalars(text("SELECT name FROM public.names ORDER BY name")))


def test_a_body_writes_in_a_real_session(run_task):
    assert run_task(tasks.write, name="Ada") == 3
    assert "Ada" in written()


def test_what_a_body_raises_is_raised_and_what_it_wrote_is_undone(run_task):
    before = written()

    with pytest.raises(ValueError, match="must not be empty"):
        run_task(tasks.write, name="")
    with pytest.raises(Permanent, match="never"):
        run_task(tasks.refuse)

    assert written() == before


def test_a_run_is_that_of_a_job_in_the_ledger(run_task):
    result = run_task("shop.describe", day=date(2037, 1, 31), pin="4711")

    assert (result["day"], result["pin"], result["attempt"]) == ("2037-01-31", "4711", 1)
    with transaction() as db:
        job = db.get_one(Job, UUID(result["key"]))
    assert (job.state, job.result) == ("succeeded", result)
    assert "4711" not in str(job.args)


def test_a_coroutine_runs(run_task):
    assert run_task(tasks.wait, seconds=0.01) == "waited"


def test_wrong_arguments_and_results_are_refused(run_task):
    with pytest.raises(ValidationError, match="day"):
        run_task(tasks.describe, day="tomorrow")
    with pytest.raises(Exception, match="valid integer"):
        run_task(tasks.wrong)
    with pytest.raises(LookupError, match=r"there is no task 'shop\.writ'"):
        run_task("shop.writ", name="Ada")


def test_eager_jobs_have_ended_when_they_are_submitted(bellhop_eager):
    with Client("http://127.0.0.1:1", "token") as client:
        job = client.submit("shop.describe", {"day": "2037-01-31"})
        assert (job.state, client.wait(job).result["day"]) == ("succeeded", "2037-01-31")

        client.submit_many([JobRequest("shop.write", {"name": name}) for name in ("Bea", "Cem")])
        assert {"Bea", "Cem"} <= set(written())
    assert bellhop_eager.submitted("shop.write", name="Bea")


def test_an_eager_job_that_fails_has_failed_and_one_that_is_wrong_is_refused(bellhop_eager):
    with Client("http://127.0.0.1:1", "token") as client:
        with pytest.raises(JobFailed, match="ValueError: a name must not be empty"):
            client.wait(client.submit("shop.write", {"name": ""})).raise_for_state()
        with pytest.raises(Invalid) as refused:
            client.submit("shop.describe", {"day": "tomorrow"})
        with pytest.raises(Invalid, match=r"task: there is no task 'shop\.writ'"):
            client.submit("shop.writ")

    assert list(refused.value.errors) == ["args.day"]
    assert len(bellhop_eager) == 1


def test_a_whole_bellhop_runs_the_tasks_of_the_project(bellhop_stack):
    job = bellhop_stack.client.submit("shop.write", {"name": "Dot"})

    assert bellhop_stack.client.wait(job, timeout=60).raise_for_state().result == 3


def test_a_task_runs_here_also_beside_a_whole_bellhop(bellhop_stack, run_task):
    for number in range(20):
        assert run_task(tasks.write, name=f"name {number:02}") == 7
