"""Failures by their reason: GET /api/failures, the page Why, and what the dashboard shows of it."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bellhop_ledger.accounts.roles import Role
from bellhop_web.failures import pages
from tests.documents import blocks
from tests.stack import TOKEN, Stack, wait_until

FAILED = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, attempt, run_at, state, started_at, finished_at,
                      limit_key, error, reason, tier, forget_on)
    SELECT gen_random_uuid(), f.task, '{}', f.queue, 5, 3, 1, now(), f.state, at, at, f.host, error,
           failure_reason_id(error), 2, CURRENT_DATE + 7
    FROM jsonb_to_record(%s) AS f(task text, queue text, state text, host text, number int, minutes int, type text,
                                  message text),
         generate_series(1, f.number) AS n, LATERAL (SELECT now() - make_interval(mins => f.minutes + n) AS at) AS t,
         LATERAL (SELECT jsonb_build_object('type', f.type, 'message', replace(f.message, '$n', n::text),
                                            'traceback', 'Traceback of ' || n) AS error) AS e
"""
RETRYING = """
    INSERT INTO unfinished_jobs (id, task, args, queue, priority, max_attempts, attempt, run_at, state, started_at,
                                 error, reason)
    SELECT gen_random_uuid(), %s, '{}', 'default', 5, 9, 1, now() + interval '1 hour', 'scheduled', now(), error,
           failure_reason_id(error)
    FROM generate_series(1, %s) AS n,
         LATERAL (SELECT jsonb_build_object('type', 'OutOfStock', 'message', 'order ' || n || ' is out of stock',
                                            'traceback', '') AS error) AS e
"""


def fail(stack: Stack, task: str, number: int, message: str, **others: Any) -> None:
    """Let jobs of a task have failed, one a minute, the latest some minutes ago."""
    facts = {"queue": "default", "state": "failed", "host": None, "type": "OutOfStock", "minutes": 0}
    facts |= {"task": task, "number": number, "message": message, **others}
    stack.sql(FAILED, json.dumps(facts))


def groups(stack: Stack, **query: Any) -> dict[str, Any]:
    answer = stack.http.get("/api/failures", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
def task(stack: Stack) -> Iterator[str]:
    """A task of which nothing else has failed; its jobs are gone after the test."""
    name = f"test.{uuid4().hex}"
    yield name
    stack.sql("DELETE FROM jobs WHERE task = %s", name)


def test_failures_and_retries_are_grouped_by_what_they_have_in_common(stack: Stack, task: str) -> None:
    fail(stack, task, 60, "order $n is out of stock")
    fail(stack, task, 3, "api$n.example refused the connection", type="Unexpected", host="host:api.example")
    stack.sql(RETRYING, task, 12)

    found = groups(stack, task=task)

    assert (found["count"], found["reasons"], found["ungrouped"], found["withheld"]) == (75, 2, False, [])
    stock, refused = found["failures"]
    assert stock["words"] == "OutOfStock: order # is out of stock"
    assert {name: stock[name] for name in ("count", "failed", "retrying", "cancelled")} == {
        "count": 72, "failed": 60, "retrying": 12, "cancelled": 0,
    }  # fmt: skip
    assert (stock["tasks"], stock["hosts"]) == ([{"task": task, "count": 72}], [])
    assert sum(stock["bars"]) == 72
    assert stock["bars"][:-2] == [0] * 22
    assert stock["sample"]["error"]["message"].startswith("order ")
    assert re.fullmatch("[0-9a-f]{12}", stock["reason"])
    assert refused["words"] == "{host} refused the connection"
    assert refused["hosts"] == [{"host": "api.example", "count": 3}]
    assert stock["first_at"] < refused["first_at"] < stock["last_at"]


def test_a_window_a_state_a_queue_and_a_limit_leave_others_out(stack: Stack, task: str) -> None:
    fail(stack, task, 2, "late", minutes=0)
    fail(stack, task, 3, "of the night", minutes=120)
    fail(stack, task, 4, "of the week", minutes=4 * 1440)
    fail(stack, task, 5, "of the month", minutes=20 * 1440, queue="slow", state="cancelled")

    counts = {since: groups(stack, task=task, since=since)["count"] for since in ("1h", "24h", "7d", "all")}

    assert counts == {"1h": 2, "24h": 5, "7d": 9, "all": 14}
    everything = {"task": task, "since": "all"}
    assert groups(stack, **everything, state="cancelled")["count"] == 5
    assert groups(stack, **everything, queue="slow")["count"] == 5
    assert groups(stack, **everything, state="retrying")["failures"] == []
    few = groups(stack, **everything, limit=1)
    assert (len(few["failures"]), few["reasons"], few["count"]) == (1, 4, 14)


def test_a_query_that_is_wrong_names_the_field(stack: Stack) -> None:
    answer = stack.http.get("/api/failures", params={"since": "2y", "state": "queued"})

    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["errors"]} == {"since", "state"}


def test_what_failed_before_there_were_reasons_is_said_to_be_left_out(stack: Stack, task: str) -> None:
    fail(stack, task, 1, "of the release before", minutes=30 * 1440)
    stack.sql("UPDATE jobs SET reason = NULL, created_at = finished_at WHERE task = %s", task)
    fail(stack, task, 1, "of this one")

    found = groups(stack, since="all", task=task)
    assert (found["ungrouped"], found["ungrouped_count"]) == (True, 1)
    page = stack.http.get("/failures", params={"since": "all"}).text
    sentence = re.search('<a href="([^"]+)">1 failure</a> from before the upgrade is not grouped', page)
    assert sentence
    assert stack.http.get(unescape(sentence[1])).text.count('id="job-') == 1


def test_who_may_not_see_payloads_sees_the_types_alone(stack: Stack, task: str) -> None:
    fail(stack, task, 2, "the patient is called Ada")
    viewer = stack.user(Role.VIEWER)
    stack.sql("UPDATE users SET sees_payloads = false WHERE id = %s", str(viewer.id))

    shown = viewer.http.get("/api/failures", params={"task": task})

    assert "Ada" not in shown.text
    [one] = shown.json()["failures"]
    assert (one["words"], one["sample"]["error"]) == (
        "OutOfStock", {"type": "OutOfStock", "message": "withheld", "traceback": ""},
    )  # fmt: skip
    assert shown.json()["withheld"] == ["words", "sample"]


def test_a_job_that_somebody_retries_counts_no_more(stack: Stack) -> None:
    words = f"key {uuid4()} is held by {uuid4()}"
    job = stack.ended(stack.submit("test.say_and_fail", args={"words": words})["id"])
    found = groups(stack, task="test.say_and_fail")
    [reason] = [one for one in found["failures"] if one["words"] == "ValueError: key {id} is held by {id}"]
    number = reason["failed"]

    stack.sql("UPDATE jobs SET task = 'test.noop', args = '{}' WHERE id = %s", job["id"])
    stack.http.post(f"/api/jobs/{job['id']}/retry")
    wait_until(lambda: stack.job(job["id"])["state"] == "succeeded")

    after = groups(stack, task="test.say_and_fail")["failures"]
    assert sum(one["failed"] for one in after if one["reason"] == reason["reason"]) == number - 1


def test_the_page_shows_each_reason_with_its_sample_and_what_can_be_done(stack: Stack, task: str) -> None:
    fail(stack, task, 60, "api$n.example refused the connection", type="Unexpected", host="host:api.example")

    page = stack.http.get("/failures", params={"task": task})

    assert page.status_code == 200, page.text
    for words in ("{host} refused the connection", "60 jobs", "60 failed", "Pause api.example", f"Pause {task}"):
        assert words in page.text, words
    assert "Traceback of " in page.text
    assert "Retry these 60 jobs" in page.text
    [q] = re.findall(r'name="q" value="(reason:[^"]+)"', page.text)
    found = stack.http.get("/api/bulk-actions/preview", params={"verb": "retry", "q": q})
    assert (found.status_code, found.json()["count"]) == (200, 60)
    assert "kind=host&amp;name=api.example" in page.text
    form = stack.http.get("/holds", params={"kind": "host", "name": "api.example", "reason": "It is down"}).text
    assert 'value="api.example"' in form
    assert 'value="It is down"' in form


def test_the_dashboard_shows_the_reasons_of_the_most_jobs(stack: Stack, task: str) -> None:
    fail(stack, task, 90, "disk $n is full", type="DiskFull")

    page = stack.http.get("/dashboard").text

    assert "DiskFull: disk # is full" in page.partition('id="why-title"')[2]


@pytest.mark.parametrize(("many", "seen"), [(1, [2, 2, 3]), (9, [2, 3, 3])])
def test_very_many_failures_are_grouped_for_the_dashboard_every_ten_seconds(
    ledger: Stack, monkeypatch: pytest.MonkeyPatch, many: int, seen: list[int]
) -> None:
    monkeypatch.setattr(pages, "MANY", many)
    top = pages._Top()

    fail(ledger, "test.noop", 2, "in the night")
    counts = [top.facts()["found"].count]
    fail(ledger, "test.noop", 1, "just now")
    counts.append(top.facts()["found"].count)
    monkeypatch.setattr(pages, "FRESH", 0)
    counts.append(top.facts()["found"].count)

    assert counts == seen
    ledger.sql("DELETE FROM jobs WHERE task = 'test.noop'")


def test_the_examples_of_the_page_run(stack: Stack, tmp_path: Path, task: str) -> None:
    fail(stack, task, 1, "out of stock")
    script = "\n".join(block.code for block in blocks() if (block.document, block.language) == ("docs/why.md", "sh"))
    env = {**os.environ, "BELLHOP_URL": stack.url, "BELLHOP_TOKEN": TOKEN}

    subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=env, cwd=tmp_path, timeout=60, check=True)

    assert json.loads((tmp_path / "status.json").read_text())["parts"]
    assert json.loads((tmp_path / "failures.json").read_text())["failures"]
