"""Operators' pages without a browser: what they answer, to whom, and without JavaScript."""

import re
from html import unescape
from uuid import uuid4

import pytest

from bellhop_ledger.accounts.roles import Role
from tests.integration.test_payloads import without_right
from tests.stack import Stack

PAGES = ["/dashboard", "/jobs", "/jobs?state=failed&queue=default"]


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("path", PAGES)
def test_operators_pages_are_for_operators(stack: Stack, path: str) -> None:
    nobody, user = stack.client().get(path), stack.user().http.get(path)

    assert (nobody.status_code, nobody.headers["Location"][:14]) == (303, "/sign-in?next=")
    assert user.status_code == 403
    assert "You do not have access to this" in user.text
    assert stack.http.get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_page_allows_no_inline_script_or_style(stack: Stack, path: str) -> None:
    answer = stack.http.get(path)

    assert "script-src 'self'; style-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)", answer.text)


def test_static_files_may_be_kept_for_good_under_their_version(stack: Stack) -> None:
    address = re.search(r'href="(/static/v-[0-9a-f]+/style.css)"', stack.client().get("/").text)
    assert address

    kept = stack.client().get(address[1])
    other = stack.client().get("/static/v-000000000000/style.css")

    assert "immutable" in kept.headers["Cache-Control"]
    assert (other.status_code, other.headers["Cache-Control"]) == (200, "no-cache")


def test_a_quiet_task_is_listed_only_where_it_is_asked_for(stack: Stack) -> None:
    stack.ended(stack.submit("files.prune")["id"])

    assert ">files.prune</a>" not in stack.http.get("/jobs").text
    assert ">files.prune</a>" in stack.http.get("/jobs", params={"task": "files.prune"}).text
    assert ">files.prune</a>" in stack.http.get("/jobs", params={"quiet": "true"}).text


@pytest.mark.parametrize("query", ["state=lost", "limit=0", "cursor=x", "no_such=1", "task=%20"])
def test_a_filter_that_makes_no_sense_is_named(stack: Stack, query: str) -> None:
    answer = stack.http.get(f"/jobs?{query}")

    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.text


def test_the_count_of_newer_jobs_without_a_first_one_is_refused_and_not_looked_for_forever(stack: Stack) -> None:
    answer = stack.http.get("/jobs/newer")

    assert answer.status_code == 422
    assert "first: is required" in answer.text


def test_a_job_is_cancelled_by_a_form(stack: Stack) -> None:
    operator = stack.user("operator")
    job = stack.submit("test.noop", delay=3600)
    browser = stack.client()
    browser.cookies.update(operator.cookies)
    token = csrf_of(browser.get(f"/jobs/{job['id']}").text)

    answer = browser.post(f"/jobs/{job['id']}/cancel", data={"csrf_token": token})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/jobs/{job['id']}")
    assert stack.job(job["id"])["state"] == "cancelled"
    assert "The job is cancelled." in browser.get(f"/jobs/{job['id']}").text
    assert "The job is cancelled." not in browser.get(f"/jobs/{job['id']}").text


def test_a_form_of_another_site_changes_nothing(stack: Stack) -> None:
    browser = stack.client()
    browser.cookies.update(stack.user("operator").cookies)
    job = stack.submit("test.noop", delay=3600)

    assert browser.post(f"/jobs/{job['id']}/cancel").status_code == 403
    assert stack.job(job["id"])["state"] == "scheduled"


def test_a_job_that_does_not_exist_is_a_page_that_says_so(stack: Stack) -> None:
    answer = stack.http.get(f"/jobs/{uuid4()}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing here" in answer.text


def test_the_story_of_a_retried_job_counts_its_attempts(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.fail", args={"times": 2})["id"])

    page = stack.http.get(f"/jobs/{job['id']}").text

    assert "Attempt 1 of 3 failed" in page
    assert "Attempt 2 of 3 failed" in page
    assert "Attempt 3 of 3 began" in page
    assert "Succeeded" in page


def cells(page: str, id: str) -> str:
    """Return the row of a job in a list, as one line of text."""
    [row] = [one for one in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if f'id="job-{id}"' in one]
    return " ".join(re.sub(r"<[^>]*>", " ", row).split())


def test_a_row_tells_a_job_from_others_of_its_task_and_who_wants_it(stack: Stack) -> None:
    wants = {"url": "https://example.org/" + "x" * 80, "headers": {"X-Key": "open-sesame"}, "method": "GET"}
    job = stack.submit("http.request", args=wants | {"timeout": 5.0}, delay=3600)
    labelled = stack.submit("test.flexible", label="The invoice of Ada", delay=3600)
    page = stack.http.get("/jobs").text

    assert f"http.request url=https://example.org/{'x' * 39}…, method=GET" in unescape(cells(page, job["id"]))
    assert "open-sesame" not in page
    assert " token " in cells(page, job["id"])
    assert "The invoice of Ada" in cells(page, labelled["id"])


def test_a_row_shows_no_arguments_to_whom_payloads_are_withheld(stack: Stack) -> None:
    job = stack.submit("test.add", args={"a": 5, "b": 7}, delay=3600)

    assert "a=5, b=7" in cells(stack.http.get("/jobs").text, job["id"])
    assert "a=5" not in without_right(stack, Role.VIEWER).http.get("/jobs").text


def test_a_running_job_says_where_it_runs(stack: Stack) -> None:
    job = stack.in_state(stack.submit("test.sleep", args={"seconds": 60})["id"], "running")

    row = cells(stack.http.get("/jobs").text, job["id"])
    stack.http.post(f"/api/jobs/{job['id']}/cancel")

    assert f"on {job['worker']}, began" in row


def test_the_page_of_a_job_is_titled_by_what_it_is_for_and_names_its_schedule(stack: Stack) -> None:
    name = f"sums {uuid4().hex}"
    wanted = {"name": name, "task": "test.add", "args": {"a": 5, "b": 7}, "crontab": "0 3 * * *"}
    schedule = stack.http.post("/api/schedules", json=wanted).json()
    job = stack.http.post(f"/api/schedules/{schedule['id']}/run").json()

    page = stack.http.get(f"/jobs/{job['id']}").text

    assert re.search("<title>(⚠ [^<]* · )?test.add a=5, b=7 · Bellhop</title>", page)
    assert f'<a href="/schedules/{schedule["id"]}">{name}</a>' in page
    stack.http.delete(f"/api/schedules/{schedule['id']}")
