"""How many attempts a job has: what its task's own rule says, and that none follows where none would help."""

import pytest

from bellhop.builtins import http_requests, mail
from bellhop.signature import Retry, Signature
from tests.stack import Stack
from tests.tasks import signatures as test_signatures

URL = "http://127.0.0.1:9/"


@pytest.mark.parametrize(
    ("signature", "args", "attempts"),
    [
        (http_requests.request, {"retries": 0}, 1),
        (http_requests.request, {"retries": 3}, 4),
        (http_requests.request, {"retries": 9}, 10),
        (http_requests.request, {}, 4),
        (http_requests.request, {"retries": 99}, 10),
        (http_requests.request, {"retries": -1}, 10),
        (http_requests.request, {"retries": "0"}, 10),
        (http_requests.request, {"retries": True}, 10),
        (mail.send, {"retries": 0}, 8),
        (test_signatures.give, {}, 1),
    ],
    ids=lambda one: getattr(one, "name", None) or str(one),
)
def test_a_job_has_as_many_attempts_as_its_own_rule_says(
    signature: Signature[..., object], args: dict[str, object], attempts: int
) -> None:
    assert signature.attempts_of(args) == attempts


def test_a_rule_that_names_an_argument_keeps_its_most() -> None:
    assert Retry(attempts=4, argument="retries").attempts == 4


def test_a_request_without_retries_has_one_attempt_and_says_so(stack: Stack) -> None:
    job = stack.submit("http.request", args={"url": "https://no-such-host.invalid/", "retries": 0})

    ended = stack.ended(job["id"])

    assert (job["max_attempts"], ended["attempt"], ended["max_attempts"], ended["state"]) == (1, 1, 1, "failed")
    page = stack.http.get(f"/jobs/{job['id']}").text
    assert "The only attempt began" in page
    assert "of 10" not in page
    assert "1 of 1" in stack.http.get("/jobs", params={"task": "http.request"}).text


def test_a_refused_request_is_not_tried_again_and_says_so(stack: Stack) -> None:
    ended = stack.ended(stack.submit("http.request", args={"url": URL, "retries": 5})["id"])

    assert (ended["state"], ended["attempt"], ended["max_attempts"]) == ("failed", 1, 6)
    page = stack.http.get(f"/jobs/{ended['id']}").text
    assert "Failed, and is not tried again" in page
    assert "of 6" not in page
    listed = stack.http.get("/jobs", params={"task": "http.request", "state": "failed"}).text
    assert '<span title="Not tried again">1 only</span>' in listed


def test_a_permanent_failure_of_any_task_is_not_tried_again_and_says_so(stack: Stack) -> None:
    ended = stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])

    page = stack.http.get(f"/jobs/{ended['id']}").text
    assert "Failed, and is not tried again" in page
    assert "of 3" not in page
