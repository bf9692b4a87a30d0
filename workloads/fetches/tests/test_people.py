"""Fetches of plain users: they leave room for others, and have bounds."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from tests.cast import Person, TestUser
from tests.fixtures import MOST
from tests.problems import fields_of
from tests.site import Site
from tests.stack import Stack, wait_until
from tests.workers import WithWorker
from workloads.fetches.tests.samples import host

SOON = 5.0
"""Seconds within which a bystander's job has begun."""


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


def test_hanging_fetches_of_people_hold_nobody_up(with_worker: WithWorker, silent: str) -> None:
    stack = with_worker(FETCH_ALLOW="127.0.0.0/8")
    people, site = [stack.user() for _ in range(5)], Site()
    for user in people:
        assert user.http.post("/api/fetches", json={"urls": [silent] * 100}).status_code == 202
    wait_until(lambda: stack.sql("SELECT 1 FROM jobs WHERE queue = 'people' AND state = 'running'"))

    call = stack.submit("http.request", args={"url": site.url()})
    Person(stack.client(), "bystander@example.org").sign_up()
    mail = "SELECT j.id::text FROM mails m JOIN jobs j ON j.id = m.job_id WHERE m.recipient = 'bystander@example.org'"

    for id in (call["id"], stack.sql(mail)[0][0]):
        job = stack.ended(id)
        waited = datetime.fromisoformat(job["started_at"]) - datetime.fromisoformat(job["created_at"])
        assert job["state"] == "succeeded"
        assert waited < timedelta(seconds=SOON)
    [[running]] = stack.sql("SELECT count(*) FROM jobs WHERE queue = 'people' AND state = 'running'")
    assert running == 1
    site.close()


@pytest.mark.long
def test_people_have_their_work_done_one_after_another_without_a_scheduler(
    make_stack: Callable[..., Stack],
) -> None:
    stack, site = make_stack("web", "worker", FETCH_ALLOW="127.0.0.0/8"), Site()
    user = stack.user().http

    made = user.post("/api/fetches", json={"urls": [site.url()] * 20})
    done = user.get(made.headers["Location"], params={"wait": 60}).json()

    assert done["state"] == "done"
    assert {page["status"] for page in done["pages"]} == {200}
    assert stack.sql("SELECT DISTINCT queue FROM jobs WHERE task = 'fetches.fetch_url'") == [("people",)]
    site.close()


def unfinished(stack: Stack, user: TestUser) -> int:
    return int(stack.sql("SELECT count(*) FROM jobs WHERE user_id = %s", str(user.id))[0][0])


def test_what_is_too_much_is_refused_as_a_whole(bounded: Stack) -> None:
    user = bounded.user()

    answer = user.http.post("/api/fetches", json={"urls": [host() for _ in range(MOST + 1)]})

    assert fields_of(answer, 429) == []
    assert answer.headers["Retry-After"]
    assert unfinished(bounded, user) == 0


def test_requests_at_the_same_moment_do_not_pass_the_bound(bounded: Stack) -> None:
    user = bounded.user()

    with ThreadPoolExecutor(8) as threads:
        urls = [host() for _ in range(MOST - 1)]
        answers = list(threads.map(lambda _: user.http.post("/api/fetches", json={"urls": urls}), range(8)))

    assert sorted(answer.status_code for answer in answers) == [202] + [429] * 7
    assert unfinished(bounded, user) == MOST - 1


def test_a_request_that_is_sent_again_is_answered_at_the_bound(bounded: Stack) -> None:
    user, key = bounded.user(), {"Idempotency-Key": uuid4().hex}
    body = {"urls": [host() for _ in range(MOST)]}

    first, again = (user.http.post("/api/fetches", json=body, headers=key) for _ in range(2))

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]


def test_operators_have_no_bound_and_no_queue_of_their_own(bounded: Stack) -> None:
    operator = bounded.user("operator")
    urls = ["https://one.example/"] * (3 * MOST)

    answer = operator.http.post("/api/fetches", json={"urls": urls})

    [[queue, number]] = bounded.sql(
        "SELECT queue, count(*) FROM jobs WHERE submitter = %s GROUP BY queue", f"token:{operator.id}"
    )
    assert (answer.status_code, queue, number) == (202, "default", 3 * MOST)


@pytest.mark.parametrize("spelling", ["https://{}/x", "http://{}:8080/", "HTTPS://{}/".lower(), "https://{}./"])
def test_one_host_is_fetched_for_people_only_so_often(bounded: Stack, spelling: str) -> None:
    name = f"{uuid4().hex}.example"
    people = [bounded.user().http for _ in range(5)]
    for http in people[:4]:
        assert http.post("/api/fetches", json={"urls": [f"https://{name.upper()}/"] * 5}).status_code == 202

    answer = people[4].post("/api/fetches", json={"urls": [spelling.format(name)]})

    assert fields_of(answer, 429) == []
    assert int(answer.headers["Retry-After"]) > 0
    assert people[4].post("/api/fetches", json={"urls": [host()]}).status_code == 202


def test_the_user_of_a_job_sees_what_happened_and_nothing_of_our_machines(stack: Stack) -> None:
    user = stack.user().http
    made = user.post("/api/fetches", json={"urls": ["http://127.0.0.1:1/"]}).json()

    job = user.get(f"/api/jobs/{made['pages'][0]['job_id']}", params={"wait": 20}).json()

    assert (job["state"], job["error"]["type"]) == ("failed", "Permanent")
    assert (job["error"]["traceback"], job["worker"]) == ("", None)
    assert user.get(f"/api/jobs/{uuid4()}").status_code == 404
    for path in ("cancel", "retry"):
        assert user.post(f"/api/jobs/{job['id']}/{path}").status_code == 403
    assert user.get("/api/jobs").json()["jobs"]
