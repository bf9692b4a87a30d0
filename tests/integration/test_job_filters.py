"""Lists of jobs by where they come from and what they are called: what each filter finds, page by page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest

from bellhop_ledger.platform.database import transaction
from bellhop_web.jobs import listing
from bellhop_web.jobs.listing import JobQuery
from tests.plans import plan_of
from tests.problems import LATER, fields_of
from tests.stack import Stack

MANY = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, attempt, run_at, state, created_at, finished_at,
                      tier, forget_on, submitter, schedule, due_at, parent, tags, request_id, error)
    SELECT gen_random_uuid(), 'test.noop', '{}', 'default', 5, 3, CASE n % 100 WHEN 0 THEN 0 ELSE 1 END, now(),
           CASE n % 100 WHEN 0 THEN 'cancelled' ELSE 'succeeded' END,
           now() - n * interval '1 second', now() - (20000 - n) * interval '1 second', 2, CURRENT_DATE + 7,
           'token:' || n % 1000, CASE n % 10 WHEN 0 THEN '019c1e6c-e0fc-7e0f-a76d-98e69dc2' || (n % 100 + 7000) END,
           CASE n % 10 WHEN 0 THEN now() - n * interval '1 s' END,
           CASE n % 10 WHEN 0 THEN CAST('019c1e6c-e0fc-7e0f-a76d-98e69dc2' || (n % 100 + 7000) AS uuid) END,
           CASE n % 10 WHEN 0 THEN ARRAY['all', 'tag-' || n % 500] END, 'request-' || n,
           CASE n % 1000 WHEN 0 THEN '{"type": "Expired", "message": "", "traceback": ""}'::jsonb END
    FROM generate_series(1, 20000) AS n
"""
OF = UUID("019c1e6c-e0fc-7e0f-a76d-98e69dc27010")
PLANS = {
    "submitter": ({"submitter": "token:7"}, "kept_jobs_submitter_idx", 20),
    "schedule": ({"schedule": OF}, "kept_jobs_schedule_idx", 200),
    "parent": ({"parent": OF}, "kept_jobs_parent_idx", 200),
    "tags": ({"tag": ["all", "tag-10"]}, "kept_jobs_tags_idx", 40),
    "request": ({"request_id": "request-4711"}, "kept_jobs_request_idx", 1),
    "expired": ({"expired": True}, "kept_jobs_expired_idx", 20),
}


@pytest.fixture
def past(ledger: Stack) -> Stack:
    """Twenty thousand jobs that ended."""
    ledger.sql(MANY)
    ledger.sql("VACUUM ANALYZE jobs")
    return ledger


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize("name", PLANS)
def test_a_filter_reads_what_fits_from_its_index(name: str) -> None:
    given, index, number = PLANS[name]
    query = JobQuery.model_validate({**given, "limit": 200})

    with transaction() as db:
        found = listing.page(db, query).jobs

    assert len(found) == number
    assert index in re.findall(r"\w+_idx", plan_of(query))


@pytest.mark.usefixtures("past")
def test_what_is_not_what_was_asked_for_is_not_found() -> None:
    with transaction() as db:
        not_expired = listing.count(db, JobQuery(expired=False), most=100_000)
        without_tag = listing.page(db, JobQuery(tag=["tag-10", "tag-20"])).jobs

    assert not_expired == 20_000 - 20
    assert without_tag == []


def test_the_pages_of_a_tag_are_complete_and_in_order(stack: Stack) -> None:
    tag = uuid4().hex
    made = [stack.submit(**LATER, tags=[tag, f"number:{n}"])["id"] for n in range(7)]
    stack.submit(**LATER, tags=[tag.upper()])

    seen: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next_cursor": None}
    while not seen or page["next_cursor"]:
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
        page = stack.http.get("/api/jobs", params={"tag": tag, "limit": 3, **cursor}).json()
        seen += page["jobs"]

    assert [job["id"] for job in seen] == made[::-1]
    assert all(one["created_at"] >= two["created_at"] for one, two in pairwise(seen))
    both = stack.http.get("/api/jobs", params={"tag": [tag, "number:3"]}).json()["jobs"]
    assert [job["id"] for job in both] == [made[3]]


def test_a_cursor_belongs_to_its_filters(stack: Stack) -> None:
    tag = uuid4().hex
    for _ in range(2):
        stack.submit(**LATER, tags=[tag, "other"])
    cursor = stack.http.get("/api/jobs", params={"tag": tag, "limit": 1}).json()["next_cursor"]

    answer = stack.http.get("/api/jobs", params={"tag": [tag, "other"], "cursor": cursor})

    assert fields_of(answer) == ["cursor"]


def test_a_job_is_found_by_who_submitted_it_and_by_its_request(stack: Stack) -> None:
    request, operator = uuid4().hex, stack.user("operator")
    sent = operator.http.post("/api/jobs", json=LATER, headers={"X-Request-Id": request}).json()
    assert sent["submitter"].startswith(("user:", "token:"))

    for given in ({"submitter": sent["submitter"]}, {"request_id": request}):
        found = stack.http.get("/api/jobs", params=given).json()["jobs"]
        assert [job["id"] for job in found] == [sent["id"]]


def test_a_job_of_a_schedule_is_found_by_it(stack: Stack) -> None:
    at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    body = {"name": uuid4().hex, "task": "test.noop", "once_at": at}
    schedule = stack.http.post("/api/schedules", json=body).json()
    made = stack.http.post(f"/api/schedules/{schedule['id']}/run").json()

    found = stack.http.get("/api/jobs", params={"schedule": schedule["id"]}).json()["jobs"]

    assert [(job["id"], job["schedule"]) for job in found] == [(made["id"], schedule["id"])]
    assert f"/jobs?schedule={schedule['id']}" in stack.http.get(f"/jobs/{made['id']}").text


WRONG: dict[str, Callable[[], Any]] = {
    "submitter": lambda: "somebody else",
    "schedule": lambda: "nightly",
    "parent": lambda: "x",
    "tag": lambda: "two words",
    "request_id": lambda: "x" * 201,
    "expired": lambda: "yes",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_filter_that_cannot_be_is_refused_by_name(stack: Stack, name: str) -> None:
    fields = fields_of(stack.http.get("/api/jobs", params={name: WRONG[name]()}))

    assert [field.partition(".")[0] for field in fields] == [name]
    assert fields_of(stack.http.get("/api/jobs", params={name: ""})) != []
    assert fields_of(stack.http.get("/api/jobs", params={name: "\0"})) != []


def test_only_tags_may_be_given_again_and_only_so_many(stack: Stack) -> None:
    assert fields_of(stack.http.get("/api/jobs", params={"parent": [str(OF)] * 2})) == ["parent"]
    assert fields_of(stack.http.get("/api/jobs", params={"tag": ["fine", "\0"]})) == ["tag"]
    assert fields_of(stack.http.get("/api/jobs", params={"tag": [f"tag-{n}" for n in range(21)]})) == ["tag"]


def test_a_plain_user_lists_nothing_by_any_filter(stack: Stack) -> None:
    job = stack.submit(**LATER, tags=["any"])

    for given in ({"tag": "any"}, {"submitter": job["submitter"]}, {"task": job["task"]}):
        assert stack.user().http.get("/api/jobs", params=given).json()["jobs"] == []


def test_the_page_takes_several_tags_in_one_field_and_keeps_what_it_was_given(stack: Stack) -> None:
    tag, label = uuid4().hex, f"Label of {uuid4().hex} <b>"
    job = stack.submit(**LATER, tags=[tag, "b"], label=label)
    stack.submit(**LATER, tags=[tag])

    page = stack.http.get("/jobs", params={"tag": f"{tag} b", "submitter": job["submitter"]}).text

    assert page.count('id="job-') == 1
    assert label.replace("<b>", "&lt;b&gt;") in page
    assert f'value="submitter:{job["submitter"]} tag:{tag} tag:b"' in page
