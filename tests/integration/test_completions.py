"""Work that goes on after a 202: what its service says of it, what it does not say, and what others do meanwhile."""

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bellhop_ledger.ledger.completion_tokens import PREFIX
from tests.endpoints import ACCEPTED, calls, complete, outside, put
from tests.listener import Listener
from tests.problems import fields_of
from tests.site import Asked, Says, Site
from tests.stack import Stack, wait_until

DENIED: dict[str, Any] = {"type": "CardDeclined", "message": "The card was declined"}


def begin(stack: Stack, site: Site, task: str, **policy: Any) -> tuple[str, Asked]:
    """Submit a job whose work goes on, and return its id and the call."""
    site.answers["/work"] = ACCEPTED
    put(stack, task, site.url("/work"), **policy)
    id = stack.submit(task, args={"amount": 1})["id"]
    outside(stack, id)
    return id, calls(site, id)[-1]


def test_work_goes_on_without_a_process_until_its_result_is_sent(
    calling: Stack, site: Site, listen: Callable[..., Listener]
) -> None:
    begun = [begin(calling, site, "outside.many") for _ in range(4)]  # of two processes
    id, asked = begun[0]

    told = complete(asked, progress={"current": 3, "total": 10, "message": "Page 3"})

    assert (told.status_code, told.json()["state"]) == (200, "running")
    job = calling.job(id)
    assert (job["state"], job["progress"]) == ("running", {"current": 3, "total": 10, "message": "Page 3"})
    assert job["worker"] == "endpoint@127.0.0.1"
    assert told.json()["heartbeat_by"] > job["started_at"]
    assert complete(asked, heartbeat=True).status_code == 200
    assert calling.ended(calling.submit("test.add", args={"a": 1, "b": 2})["id"])["result"] == 3
    for number, (_, call) in enumerate(begun):
        assert complete(call, result={"number": number}).json()["state"] == "succeeded"
    assert [calling.ended(one)["result"] for one, _ in begun] == [{"number": number} for number in range(4)]


@pytest.mark.parametrize("result", [None, 0, [], {"error": "no"}])
def test_any_json_is_a_result(calling: Stack, site: Site, result: Any) -> None:
    id, asked = begin(calling, site, "outside.results")

    assert complete(asked, result=result).status_code == 200

    assert (calling.job(id)["state"], calling.job(id)["result"]) == ("succeeded", result)


def test_an_error_ends_the_job_unless_another_attempt_may_help(calling: Stack, site: Site) -> None:
    id, asked = begin(calling, site, "outside.errors")

    again = complete(asked, error=DENIED, retry=True)
    wait_until(lambda: len(calls(site, id)) == 2)
    outside(calling, id)
    final = complete(calls(site, id)[1], error=DENIED | {"message": "For good"})

    assert (again.json()["state"], final.json()["state"]) == ("scheduled", "failed")
    job = calling.job(id)
    assert (job["state"], job["attempt"], job["error"]["message"]) == ("failed", 2, "For good")
    assert [(one["outcome"], one["error"]["type"]) for one in job["past_attempts"]] == [("failed", "CardDeclined")]


def test_a_retry_without_an_attempt_left_is_the_end(calling: Stack, site: Site) -> None:
    _, asked = begin(calling, site, "outside.last", max_attempts=1)

    assert complete(asked, error=DENIED, retry=True).json()["state"] == "failed"


def test_a_service_that_falls_silent_loses_the_attempt_and_its_token(calling: Stack, site: Site) -> None:
    id, first = begin(calling, site, "outside.silent", heartbeat_timeout=1)

    wait_until(lambda: len(calls(site, id)) == 2)
    second = calls(site, id)[1]
    late = complete(first, result="late")

    assert (second.headers["bellhop-attempt"], late.status_code) == ("2", 409)
    outside(calling, id)
    assert complete(second, result="in time").status_code == 200
    job = calling.job(id)
    assert (job["state"], job["result"]) == ("succeeded", "in time")
    [lost] = job["past_attempts"]
    assert (lost["outcome"], lost["error"]["type"], lost["worker"]) == ("lost", "CompletionLost", "endpoint@127.0.0.1")


def test_heartbeats_keep_an_attempt_until_its_time_is_up(calling: Stack, site: Site) -> None:
    id, asked = begin(calling, site, "outside.slow", heartbeat_timeout=1.5, completion_timeout=4, max_attempts=1)

    wait_until(lambda: complete(asked, heartbeat=True).status_code == 409)

    job = calling.ended(id)
    assert (job["state"], job["attempt"], job["error"]["type"]) == ("failed", 1, "CompletionLost")
    assert "before its completion_timeout" in job["error"]["message"]
    attempts = calling.http.get(f"/api/jobs/{id}/attempts").json()["attempts"]
    assert [one["outcome"] for one in attempts] == ["timed_out"]


def test_nothing_more_can_be_said_of_an_attempt_that_is_over(calling: Stack, site: Site) -> None:
    id, asked = begin(calling, site, "outside.over")
    complete(asked, result=1)

    for said in ({"result": 2}, {"error": DENIED}, {"heartbeat": True}, {"progress": {"current": 1}}):
        refused = complete(asked, **said)
        assert fields_of(refused, 409) == []
        assert refused.json()["state"] == "succeeded"

    assert calling.job(id)["result"] == 1
    assert calling.job(id)["progress"] is None


def test_a_cancelled_job_ends_and_its_service_hears_of_it_with_its_next_word(calling: Stack, site: Site) -> None:
    id, asked = begin(calling, site, "outside.cancelled")

    calling.http.post(f"/api/jobs/{id}/cancel")

    assert calling.ended(id)["state"] == "cancelled"
    assert calling.job(id)["error"] is None
    assert [complete(asked, **said).status_code for said in ({"heartbeat": True}, {"result": 1})] == [409, 409]
    assert calling.job(id)["state"] == "cancelled"
    assert calling.http.post(f"/api/jobs/{id}/retry").status_code == 202
    wait_until(lambda: len(calls(site, id)) == 2)
    assert complete(asked, result=1).status_code == 409


def test_what_comes_before_the_202_counts(calling: Stack, site: Site) -> None:
    answers: list[int] = []

    def quick(asked: Asked) -> Says:
        answers.extend(
            complete(asked, **said).status_code for said in ({"progress": {"current": 1}}, {"result": "now"})
        )
        return ACCEPTED

    site.answers["/quick"] = quick
    put(calling, "outside.quick", site.url("/quick"))

    job = calling.ended(calling.submit("outside.quick", args={"amount": 1})["id"])

    wait_until(lambda: len(answers) == 2)  # the job has ended a moment before the endpoint knows
    assert (answers, job["state"], job["attempt"], job["result"]) == ([200, 200], "succeeded", 1, "now")
    wait_until(lambda: "job_over_before_it_went_outside" in calling.log("worker"))


def test_of_many_ends_at_once_one_counts(calling: Stack, site: Site) -> None:
    id, asked = begin(calling, site, "outside.race")
    statuses: list[int] = []
    senders = [
        threading.Thread(target=lambda n=n: statuses.append(complete(asked, result=n).status_code)) for n in range(5)
    ]

    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert sorted(statuses) == [200, 409, 409, 409, 409]
    assert calling.job(id)["state"] == "succeeded"


@pytest.mark.parametrize("token", ["", PREFIX, "x" * 64, f"{PREFIX}{'A' * 64}", "é", "a/b"])
def test_a_token_that_we_have_not_made_is_unknown(calling: Stack, token: str) -> None:
    answer = httpx.post(f"{calling.url}/api/completions/{token}", json={"heartbeat": True}, timeout=30)

    assert answer.status_code == 404


def test_a_token_with_one_sign_changed_is_unknown(calling: Stack, site: Site) -> None:
    _, asked = begin(calling, site, "outside.forged")
    url = asked.headers["bellhop-completion-url"]
    place = url.index(PREFIX) + 20
    forged = url[:place] + ("A" if url[place] != "A" else "B") + url[place + 1 :]

    assert httpx.post(forged, json={"result": 1}, timeout=30).status_code == 404
    assert complete(asked, result=1).status_code == 200


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "body"),
        ({"result": 1, "heartbeat": True}, "body"),
        ({"heartbeat": False}, "heartbeat"),
        ({"heartbeat": True, "retry": True}, "body"),
        ({"error": {"type": "x"}}, "error.message"),
        ({"error": DENIED, "retry": "yes"}, "retry"),
        ({"progress": {"current": "3"}}, "progress.current"),
        ({"results": 1}, "results"),
    ],
)
def test_what_is_wrong_with_a_completion_is_named(calling: Stack, said: dict[str, Any], field: str) -> None:
    answer = httpx.post(f"{calling.url}/api/completions/{PREFIX}x", json=said, timeout=30)

    assert fields_of(answer, 422)[0] == field


def test_a_result_that_is_too_large_or_cannot_be_stored_is_refused_and_the_work_goes_on(
    calling: Stack, site: Site
) -> None:
    id, asked = begin(calling, site, "outside.large")

    assert complete(asked, result="x" * 1_000_001).status_code == 413
    assert fields_of(complete(asked, result={"a": ["\0"]}), 422) == ["result.a.0"]

    assert calling.job(id)["state"] == "running"
    assert complete(asked, result=1).status_code == 200
