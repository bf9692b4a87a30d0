"""Workers die around an answer 202: no work is lost, and none that goes on elsewhere is begun again."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.endpoints import ACCEPTED, calls, complete, outside, put
from tests.locks import someone_waits, uncommitted
from tests.site import Asked, Says, Site
from tests.stack import Stack, wait_until

MakeStack = Callable[..., Stack]
END_THOSE_THAT_WAIT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query LIKE '%INTO outside_jobs%'
"""


def test_a_worker_that_dies_between_a_202_and_its_note_loses_the_attempt_and_its_token(
    make_stack: MakeStack, site: Site
) -> None:
    stack = make_stack("web", "worker", "scheduler", FETCH_ALLOW="127.0.0.0/8")
    put(stack, "outside.killed", site.url("/work"))
    site.answers["/work"] = ACCEPTED

    with uncommitted(stack, "LOCK TABLE outside_jobs IN ACCESS EXCLUSIVE MODE"):
        id = stack.submit("outside.killed", args={"amount": 1})["id"]
        someone_waits(stack, "%INTO outside_jobs%")
        stack.kill("worker")
        stack.sql(END_THOSE_THAT_WAIT)
    stack.start_service("worker")
    wait_until(lambda: len(calls(site, id)) == 2)
    first, second = calls(site, id)

    assert (first.headers["bellhop-attempt"], second.headers["bellhop-attempt"]) == ("1", "2")
    assert complete(first, result="first").status_code == 409
    outside(stack, id)
    assert complete(second, result="second").status_code == 200
    job = stack.ended(id)
    assert (job["result"], [one["outcome"] for one in job["past_attempts"]]) == ("second", ["lost"])


@pytest.mark.long
def test_work_that_goes_on_outside_survives_its_worker_and_web_and_scheduler(make_stack: MakeStack, site: Site) -> None:
    stack = make_stack("web", "worker", "scheduler", FETCH_ALLOW="127.0.0.0/8", LEASE_SECONDS="1")
    site.answers["/work"] = ACCEPTED
    put(stack, "outside.survives", site.url("/work"))
    id = stack.submit("outside.survives", args={"amount": 1})["id"]
    outside(stack, id)

    for name in ("worker", "scheduler", "web"):
        stack.kill(name)
    for name in ("web", "scheduler", "worker"):
        stack.start_service(name)
        stack.wait_ready(name)
    stack.ended(stack.submit("test.noop")["id"])

    assert stack.job(id)["state"] == "running"
    assert complete(calls(site, id)[0], result="done").status_code == 200
    assert (stack.job(id)["result"], len(calls(site, id))) == ("done", 1)


@pytest.mark.long
def test_a_worker_that_stops_during_a_call_hands_the_job_back_without_an_attempt(
    make_stack: MakeStack, site: Site
) -> None:
    stack = make_stack("web", "worker", "scheduler", FETCH_ALLOW="127.0.0.0/8", WORKER_STOP_TIMEOUT="0")
    asked_again = False

    def answer(asked: Asked) -> Says:
        nonlocal asked_again
        if not asked_again:
            asked_again = True
            stack.services["worker"].stop(15)
        return Says(200, b'"done"')

    site.answers["/stopped"] = answer
    put(stack, "calls.stopped", site.url("/stopped"))

    id = stack.submit("calls.stopped", args={"amount": 1})["id"]
    wait_until(lambda: asked_again and stack.services["worker"].exit_code is not None)
    with suppress(AssertionError):
        wait_until(lambda: stack.job(id)["state"] == "queued", 5)
    stack.start_service("worker")

    job = stack.ended(id)
    assert (job["result"], job["attempt"]) == ("done", 1)
    assert [one["outcome"] for one in job["past_attempts"]] == ["interrupted"]
