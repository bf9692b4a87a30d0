"""Retrying and cancelling all jobs that a query finds: by the API and by pages."""

import html
import os
import re
import subprocess
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bellhop_ledger.platform.database import transaction
from tests.documents import blocks
from tests.fixtures import app_of_ledger
from tests.integration.test_bulk_actions_executed import MANY
from tests.integration.test_pages_forms import browser_of
from tests.problems import LATER, fields_of
from tests.stack import BIN, TOKEN, Stack, wait_until

DOCUMENT = "docs/bulk-actions.md"
FAILING = {"task": "test.fail", "args": {"times": 9, "permanent": True}}


def failed(stack: Stack, count: int) -> tuple[str, list[str]]:
    """Failed jobs, and the query that finds them."""
    tag = uuid4().hex
    ids = [stack.submit(**FAILING, tags=[tag])["id"] for _ in range(count)]
    for id in ids:
        stack.ended(id)
    return f"tag:{tag}", ids


def ended(stack: Stack, id: str) -> dict[str, Any]:
    """Wait for the end of a bulk action."""
    look = lambda: stack.http.get(f"/api/bulk-actions/{id}").json()  # noqa: E731
    wait_until(lambda: look()["state"] not in {"waiting", "running"})
    return dict(look())


def test_exactly_the_jobs_that_the_query_finds_are_retried(stack: Stack) -> None:
    q, ids = failed(stack, 3)
    _, [other] = failed(stack, 1)
    seen = stack.http.get("/api/bulk-actions/preview", params={"verb": "retry", "q": q}).json()

    answer = stack.http.post("/api/jobs/retry", json={"q": q, "count": 3})

    assert seen == {"verb": "retry", "q": q, "count": 3}
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/api/bulk-actions/{answer.json()['id']}"
    done = ended(stack, answer.json()["id"])
    assert (done["state"], done["number"], done["handled"], done["changed"]) == ("done", 3, 3, 3)
    for id in ids:
        [event] = stack.http.get(f"/api/jobs/{id}/events").json()["events"]
        assert (event["action"], event["request_id"]) == ("retried", answer.headers["X-Request-Id"])
    assert stack.http.get(f"/api/jobs/{other}/events").json()["events"] == []
    assert stack.http.get("/api/bulk-actions", params={"limit": 200}).json()["bulk_actions"].count(done) == 1


def test_where_the_number_has_changed_nothing_is_done_and_the_present_one_is_named(stack: Stack) -> None:
    q, ids = failed(stack, 2)

    answer = stack.http.post("/api/jobs/retry", json={"q": q, "count": 3})

    assert fields_of(answer, 409) == ["count"]
    assert answer.json()["count"] == 2
    assert "2 jobs can be retried by now, and not 3" in answer.json()["detail"]
    assert stack.http.get(f"/api/jobs/{ids[0]}/events").json()["events"] == []


def test_what_has_not_begun_is_undone_and_never_begins(stack: Stack) -> None:
    q, ids = failed(stack, 1)
    made = stack.http.post("/api/jobs/retry", json={"q": q, "count": 1, "delay": 3600}).json()

    undone = [stack.http.post(f"/api/bulk-actions/{made['id']}/undo") for _ in range(2)]

    assert {answer.status_code for answer in undone} == {200}
    assert undone[0].json()["state"] == "undone"
    assert undone[0].json() == undone[1].json()
    assert stack.job(ids[0])["state"] == "failed"


def test_what_has_been_done_cannot_be_undone(stack: Stack) -> None:
    q, _ = failed(stack, 1)
    id = stack.http.post("/api/jobs/retry", json={"q": q, "count": 1}).json()["id"]
    ended(stack, id)

    answer = stack.http.post(f"/api/bulk-actions/{id}/undo")

    assert fields_of(answer, 409) == []
    assert answer.json()["state"] == "done"


def test_only_what_has_not_ended_is_cancelled(stack: Stack) -> None:
    q, [id] = failed(stack, 1)
    later = stack.submit(**LATER, tags=[q.removeprefix("tag:")])["id"]

    done = stack.http.post("/api/jobs/cancel", json={"q": q, "count": 1}).json()

    assert ended(stack, done["id"])["changed"] == 1
    assert [stack.job(one)["state"] for one in (later, id)] == ["cancelled", "failed"]


def test_what_was_cancelled_is_retried_only_where_the_query_says_so(stack: Stack) -> None:
    q, _ = failed(stack, 1)
    later = stack.submit(**LATER, tags=[q.removeprefix("tag:")])["id"]
    stack.http.post(f"/api/jobs/{later}/cancel")

    counts = [
        stack.http.get("/api/bulk-actions/preview", params={"verb": "retry", "q": one}).json()["count"]
        for one in (q, f"{q} state:cancelled", f"{q} state:failed,cancelled")
    ]

    assert counts == [1, 1, 2]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"count": 1}, "q"),
        ({"q": "tag:x"}, "count"),
        ({"q": "", "count": 1}, "q"),
        ({"q": "no-such-term:x", "count": 1}, "q"),
        ({"q": "tag:x", "count": 10_001}, "count"),
        ({"q": "tag:x", "count": 0}, "count"),
        ({"q": "tag:x", "count": 1, "delay": -1}, "delay"),
        ({"q": "x\0", "count": 1}, "q"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_by_field(stack: Stack, body: dict[str, Any], field: str) -> None:
    assert fields_of(stack.http.post("/api/jobs/retry", json=body)) == [field]


def test_more_jobs_than_one_action_takes_are_refused_with_what_to_do(
    ledger: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.sql(MANY, 10_001)
    client = app_of_ledger(ledger, monkeypatch).test_client()

    answer = client.post(
        "/api/jobs/retry",
        json={"q": "task:test.noop", "count": 10_000},
        headers={"Authorization": f"Bearer {TOKEN}"},
    )

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "q")
    assert "more than 10,000 jobs; narrow it" in answer.json["detail"]
    with transaction() as db:
        assert db.connection().exec_driver_sql("SELECT count(*) FROM bulk_actions").scalar_one() == 0


@pytest.fixture
def browser(stack: Stack) -> httpx.Client:
    """A browser in which an operator is signed in."""
    return browser_of(stack, stack.user("operator"))


def form_of(page: str, path: str) -> dict[str, str]:
    """Return the fields of the form that is sent to a path."""
    [form] = re.findall(rf'<form method="post" action="{path}">.*?</form>', page, re.DOTALL)
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in fields}


def test_what_a_button_of_a_page_does_can_be_undone_for_ten_seconds(stack: Stack, browser: httpx.Client) -> None:
    q, [id] = failed(stack, 1)
    page = browser.get("/bulk-actions/new", params={"verb": "retry", "q": q}).text
    fields = form_of(page, "/bulk-actions")

    sent = [browser.post("/bulk-actions", data=fields) for _ in range(2)]
    shown = browser.get(sent[0].headers["Location"]).text
    undone = browser.post(f"{sent[0].headers['Location']}/undo", data=form_of(shown, r"[^\"]*/undo"))

    assert "Retry this job" in page
    assert [answer.status_code for answer in sent] == [303, 303]
    assert sent[0].headers["Location"] == sent[1].headers["Location"], "a double click is one action"
    assert "1 job is queued again" in shown
    assert undone.status_code == 303
    assert "Nothing was done to the job" in browser.get(undone.headers["Location"]).text
    assert stack.job(id)["state"] == "failed"


def test_a_list_in_which_all_have_failed_or_none_has_ended_has_a_button_with_their_number(
    stack: Stack, browser: httpx.Client
) -> None:
    q, [id, _] = failed(stack, 2)
    later = stack.submit(**LATER, tags=[q.removeprefix("tag:")])["id"]
    lists = [browser.get("/jobs", params={"q": f"{q} {more}"}).text for more in ("state:failed", "state:scheduled", "")]

    sent = browser.post("/bulk-actions", data=form_of(lists[0], "/bulk-actions"))
    form_of(lists[1], "/bulk-actions")

    assert "Retry these 2 jobs" in lists[0]
    assert "Cancel this job" in lists[1]
    assert 'action="/bulk-actions"' not in lists[2]
    assert stack.client().get("/jobs", params={"q": q}).status_code == 303
    stack.sql("UPDATE bulk_actions SET runs_at = now() WHERE id = %s", sent.headers["Location"].rpartition("/")[2])
    ended(stack, sent.headers["Location"].rpartition("/")[2])
    assert len(stack.ended(id)["past_attempts"]) == 1
    assert stack.job(later)["state"] == "scheduled"


def test_a_button_whose_number_is_old_asks_again_with_the_present_one(stack: Stack, browser: httpx.Client) -> None:
    q, _ = failed(stack, 2)
    fields = form_of(browser.get("/bulk-actions/new", params={"q": q}).text, "/bulk-actions")

    answer = browser.post("/bulk-actions", data=fields | {"count": "5"})

    assert answer.status_code == 409
    assert "2 jobs can be retried by now, and not 5" in answer.text
    assert form_of(answer.text, "/bulk-actions")["count"] == "2"


def test_a_query_that_cannot_be_read_is_named_on_the_page(browser: httpx.Client) -> None:
    answer = browser.get("/bulk-actions/new", params={"q": "no-such-term:x"})

    assert answer.status_code == 422
    assert "q: " in answer.text


def test_the_list_says_who_did_what(stack: Stack, browser: httpx.Client) -> None:
    q, _ = failed(stack, 1)
    ended(stack, stack.http.post("/api/jobs/retry", json={"q": q, "count": 1}).json()["id"])

    page = browser.get("/bulk-actions").text

    assert f"<code>{q}</code>" in page
    assert "by token admin" in page


def test_the_examples_of_the_page_run(stack: Stack) -> None:
    commands, requests = (block.code for block in blocks() if (block.document, block.language) == (DOCUMENT, "sh"))
    path = {"PATH": f"{BIN}:{os.environ['PATH']}"}
    env = {**os.environ, **path, "BELLHOP_URL": stack.url, "BELLHOP_TOKEN": TOKEN}
    done = []

    for script in (commands, requests):
        for _ in range(2):
            stack.ended(stack.submit(**FAILING, tags=["customer:42"])["id"])
        run = ["bash", "-c", f"set -euo pipefail\n{script}"]
        done.append(subprocess.run(run, env=env, capture_output=True, text=True, timeout=120, check=False))

    assert [(one.returncode, one.stderr) for one in done] == [(0, ""), (0, "")]
    assert re.search(r"^(\d+) of \1 jobs queued again$", done[0].stdout, re.MULTILINE)
    assert "there is no job to cancel" in done[0].stdout
    assert '"state":"waiting"' in done[1].stdout
