"""Pairs of numbers that people compare: the same, or it is said what each of them counts."""

import re

from tests.stack import Stack, wait_until

FIGURE = re.compile(r"<dt>(\w+)</dt><dd>(?:<a [^>]+>)?([\d,]+|more than [\d,]+)")
HOUR = re.compile(r'<li class="failed">(?:<a [^>]+>)?([\d,]+) failed')


def numbers(stack: Stack) -> tuple[int, int]:
    """How many jobs are failed, and how often one failed in the last hour, as the dashboard says."""
    page = stack.http.get("/dashboard").text
    return int(dict(FIGURE.findall(page))["Failed"]), int(HOUR.findall(page)[0])


def test_a_job_that_fails_again_is_one_failed_job_and_two_failures_which_is_said(stack: Stack) -> None:
    failed, failures = numbers(stack)
    job = stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])

    stack.http.post(f"/api/jobs/{job['id']}/retry")
    stack.ended(job["id"])

    wait_until(lambda: numbers(stack)[1] >= failures + 2)  # what others failed before may be counted late
    assert numbers(stack)[0] == failed + 1
    page = stack.http.get("/dashboard").text
    assert "The jobs there are, by their state now." in page
    assert "A job that somebody retries counts with each of its ends" in page


def test_the_number_of_a_state_is_that_of_the_list_behind_it(stack: Stack) -> None:
    stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])
    job = stack.submit("test.noop", delay=3600)["id"]
    shown = stack.http.get("/dashboard")
    assert shown.status_code == 200, shown.text
    figures = dict(FIGURE.findall(shown.text))

    for state in ("scheduled", "failed", "cancelled"):
        listed = stack.sql("SELECT count(*) FROM jobs WHERE state = %s", state)[0][0]
        more, counted = figures[state.capitalize()].rpartition("more than ")[1:]  # other tests may leave many
        assert int(counted.replace(",", "")) < listed if more else int(counted.replace(",", "")) == listed
    stack.http.post(f"/api/jobs/{job}/cancel")
