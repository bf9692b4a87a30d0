"""The page of a job: what it tells beyond its story, and samples that submit one like it."""

import html
import os
import re
import subprocess
import sys
from typing import Any

import pytest

from bellhop_ledger.accounts.roles import Role
from tests.problems import LATER
from tests.stack import TOKEN, Stack

SPECIAL = {"what": 'it\'s "quoted" $HOME `id` \\ {braces}\nJSON\n<b>', "more": [True, None, 1.5, {"ü": "☃"}]}


def page_of(stack: Stack, id: str) -> str:
    answer = stack.http.get(f"/jobs/{id}")
    assert answer.status_code == 200, answer.text
    return answer.text


def sample_of(page: str, language: str) -> str:
    """Return a sample as somebody copies it."""
    [found] = re.findall(rf'id="code-{language}"><code>(.*?)</code></pre>', page, re.DOTALL)
    return html.unescape(found)


def text_of(page: str) -> str:
    """Return what a page says, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.mark.parametrize(("language", "command"), [("curl", ["bash", "-c"]), ("python", [sys.executable, "-c"])])
def test_a_sample_submits_a_job_like_the_one_on_the_page(stack: Stack, language: str, command: list[str]) -> None:
    said: dict[str, Any] = {"priority": 9, "label": "It's one", "tags": ["sample", "a:b"]}
    first = stack.submit("test.note_down", args={"what": SPECIAL}, **said)
    code = sample_of(page_of(stack, first["id"]), language)
    env = {**os.environ, "BELLHOP_TOKEN": TOKEN}

    done = subprocess.run([*command, code], env=env, capture_output=True, text=True, timeout=120, check=False)

    assert (done.returncode, TOKEN in code) == (0, False), done.stderr
    second = stack.http.get("/api/jobs", params={"tag": "sample", "limit": 1}).json()["jobs"][0]
    assert second["id"] != first["id"]
    alike = (*said, "task", "args")
    assert {name: second[name] for name in alike} == {name: first[name] for name in alike}


def test_a_sample_has_no_secret_and_says_where_one_belongs(stack: Stack) -> None:
    job = stack.submit(
        "http.request", args={"url": "https://example.org/", "headers": {"authorization": "Bearer hush"}}, delay=3600
    )

    page = page_of(stack, job["id"])

    assert "hush" not in page
    assert '"authorization": "***"' in sample_of(page, "curl")
    assert "Write each secret in the place of its ***" in text_of(page)
    stored = stack.sql("SELECT args -> 'headers' ->> 'authorization' FROM jobs WHERE id = %s", job["id"])[0][0]
    assert stored not in page


def test_arguments_that_nobody_copies_have_no_sample(stack: Stack) -> None:
    job = stack.submit("test.give", args={"what": "x" * 30_000}, delay=3600)

    assert "code-curl" not in page_of(stack, job["id"])


def test_an_answer_that_is_an_error_is_no_plain_success(calling: Stack) -> None:
    request = {"url": f"{calling.url}/nothing", "expect": "200-499"}
    job = calling.ended(calling.submit("http.request", args=request)["id"])

    page = text_of(page_of(calling, job["id"]))

    assert job["state"] == "succeeded"
    assert "answered 404 Not Found" in page


def test_the_type_of_an_error_of_ours_is_explained(calling: Stack) -> None:
    job = calling.ended(calling.submit("http.request", args={"url": f"{calling.url}/nothing"})["id"])

    page = text_of(page_of(calling, job["id"]))

    assert job["error"]["type"] == "Unexpected"
    assert "The answer was not what the job expects" in page
    assert "frames of Bellhop" in page


def test_a_body_s_own_frames_stand_open_and_those_around_them_are_folded(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])

    page = page_of(stack, job["id"])

    [outcome] = re.findall(r'<div class="traceback" id="traceback">.*?</div>', page, re.DOTALL)
    opened = re.sub(r"<details.*?</details>", "", outcome, flags=re.DOTALL)
    assert "tests/tasks/bodies.py" in opened
    assert "bellhop_worker" not in opened
    assert re.search(r"<summary>\d+ frames of Bellhop</summary>", outcome)


def test_who_did_something_is_named_with_the_request(stack: Stack) -> None:
    ann = stack.user(Role.OPERATOR)
    id = stack.submit(**LATER)["id"]
    cancelled = ann.http.post(f"/api/jobs/{id}/cancel")
    retried = ann.http.post(f"/api/jobs/{id}/retry")

    page = text_of(page_of(stack, id))

    for answer in (cancelled, retried):
        assert f"request {answer.headers['X-Request-Id']}" in page
    assert page.count("by token test") == 2


def test_a_job_leads_to_what_it_submitted_and_back(stack: Stack) -> None:
    parent = stack.submit(**LATER, label="The whole")["id"]
    children = [stack.submit(**LATER, label=f"Part {number}")["id"] for number in range(12)]
    stack.sql("UPDATE jobs SET parent = %s WHERE id = ANY(%s::uuid[])", parent, children)
    lost = stack.submit(**LATER)["id"]
    stack.sql("UPDATE jobs SET parent = gen_random_uuid() WHERE id = %s", lost)

    of_parent, of_child = page_of(stack, parent), page_of(stack, children[3])

    assert [id in of_parent for id in children] == [True] * 10 + [False] * 2
    assert "All of them, there are more" in of_parent
    assert f'<a href="/jobs/{parent}">The whole</a>' in of_child
    assert "which is forgotten" in page_of(stack, lost)


def test_an_attempt_says_how_long_it_has_waited_and_run_and_where(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.fail", args={"times": 9})["id"])

    page = page_of(stack, job["id"])
    [attempts] = re.findall(r'<ol class="attempts">.*?</ol>', page, re.DOTALL)

    said = re.findall(
        r"Attempt (\d) · .*? Waited in the queue ([\d.]+ m?s) Ran ([\d.]+ m?s) Worker (\S+)", text_of(attempts)
    )
    assert [one[0] for one in said] == ["1", "2", "3"]
    assert {one[3] for one in said} == {job["worker"]}
    assert attempts.count("asked to fail") >= 3


def test_a_viewer_without_the_right_sees_neither_payload_nor_sample(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])
    viewer = stack.user(Role.VIEWER)
    stack.sql("UPDATE users SET sees_payloads = false WHERE id = %s", str(viewer.id))

    page = viewer.http.get(f"/jobs/{job['id']}").text

    assert "asked to fail" not in page
    assert "code-curl" not in page
    assert text_of(page).count("Withheld: you have no right to see payloads.") == 2


def test_what_returned_nothing_and_takes_nothing_says_so(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.noop")["id"])

    page = text_of(page_of(stack, job["id"]))

    assert "It returned nothing." in page
    assert "Arguments None." in page
