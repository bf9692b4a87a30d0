"""/api/fetches: many URLs at once, and one summary of them."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from signal import SIGCONT, SIGSTOP
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any
from uuid import uuid4

import pytest

from tests.problems import fields_of
from tests.stack import Stack, wait_until

PAGES = {"/small": (200, b"x" * 10), "/large": (200, b"x" * 70_000), "/lost": (404, b"not here"), "/meet": (200, b"")}


class World(ThreadingHTTPServer):
    """The world outside: a few pages, two of which answer only when they are asked for at the same time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.meeting = Barrier(2)

    @property
    def origin(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def url(self, path: str) -> str:
        return f"http://{self.origin}{path}"


class Handler(BaseHTTPRequestHandler):
    server: World

    def do_GET(self) -> None:
        if self.path == "/meet":
            with suppress(BrokenBarrierError):
                self.server.meeting.wait(timeout=20)
        status, body = PAGES[self.path]
        self.send_response(500 if self.server.meeting.broken else status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as made:
        thread = Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def open_stack(tmp_path_factory: pytest.TempPathFactory, world: World) -> Iterator[Stack]:
    """A system that may reach our world, although it is on a private address; what fails there is not tried again."""
    made = Stack(tmp_path_factory.mktemp("open"), FETCH_ALLOW=world.origin)
    try:
        yield made.start("web", "worker")
    finally:
        made.stop()


@contextmanager
def nobody_works(stack: Stack) -> Iterator[None]:
    """Let no job begin during the block."""
    stack.signal_all("worker", SIGSTOP)
    yield
    stack.signal_all("worker", SIGCONT)


def fetch(stack: Stack, urls: list[str]) -> dict[str, Any]:
    answer = stack.http.post("/api/fetches", json={"urls": urls})
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/api/fetches/{answer.json()['id']}"
    return dict(stack.http.get(f"{answer.headers['Location']}?wait=60").json())


def test_pages_are_fetched_at_the_same_time_and_added_up(open_stack: Stack, world: World) -> None:
    urls = [world.url(path) for path in ("/meet", "/meet", "/small", "/large", "/lost")]

    done = fetch(open_stack, urls)

    assert done["state"] == "done"
    assert [page["url"] for page in done["pages"]] == urls
    assert [page["status"] for page in done["pages"]] == [200, 200, 200, 200, 404]
    assert [page["bytes"] for page in done["pages"]] == [0, 0, 10, 70_000, 8]
    assert_added_up(open_stack, done)


def assert_added_up(stack: Stack, done: dict[str, Any]) -> None:
    jobs = [stack.job(page["job_id"]) for page in done["pages"]]
    began = min(datetime.fromisoformat(job["started_at"]) for job in jobs)
    ended = max(datetime.fromisoformat(job["finished_at"]) for job in jobs)
    total, one_by_one = (ended - began).total_seconds(), sum(page["seconds"] or 0 for page in done["pages"])
    assert done["total_seconds"] == pytest.approx(total, abs=0.001)
    assert done["sum_seconds"] == pytest.approx(one_by_one, abs=0.001)
    assert done["speed_up"] == pytest.approx(one_by_one / total, abs=0.01)


def test_a_page_that_fails_is_told_and_does_not_hold_up_the_others(open_stack: Stack, world: World) -> None:
    done = fetch(open_stack, [world.url("/small"), "http://127.0.0.1:9/"])

    good, bad = done["pages"]
    assert (done["state"], good["state"], bad["state"]) == ("done", "succeeded", "failed")
    assert (bad["status"], bad["bytes"], bad["seconds"]) == (None, None, None)
    assert bad["error"].startswith("Permanent: ")
    assert_added_up(open_stack, done)


@pytest.mark.parametrize(
    ("status", "ok"), [(200, True), (204, True), (304, True), (399, True), (400, False), (599, False)]
)
def test_a_page_is_ok_by_its_status(stack: Stack, status: int, ok: bool) -> None:
    user = stack.user()
    made = user.http.post("/api/fetches", json={"urls": ["http://127.0.0.1:1/"]}).json()
    url = f"/api/fetches/{made['id']}"
    user.http.get(url, params={"wait": 20})
    result = json.dumps({"status": status, "bytes": 1, "seconds": 0.1})
    end = "UPDATE jobs SET state = 'succeeded', result = %s, error = NULL WHERE id = %s"
    stack.sql(end, result, made["pages"][0]["job_id"])

    shown = user.http.get(url).json()

    assert (shown["pages"][0]["ok"], shown["failed"]) == (ok, 0 if ok else 1)
    page = user.http.get(f"/fetches/{made['id']}").text
    assert ('badge succeeded"' in page, 'badge failed"' in page) == (ok, not ok)
    listed = user.http.get("/fetches").text
    assert ('badge succeeded"' in listed, 'badge failed"' in listed) == (ok, not ok)


def test_a_page_that_is_tried_again_says_so(open_stack: Stack) -> None:
    user = open_stack.user().http
    with nobody_works(open_stack):
        made = user.post("/api/fetches", json={"urls": ["http://nowhere.invalid/"]}).json()
    assert (made["pages"][0]["ok"], made["pages"][0]["attempt"], made["failed"]) == (None, 0, 0)
    url = f"/api/fetches/{made['id']}"
    wait_until(lambda: user.get(url).json()["pages"][0]["next_attempt_at"])

    page = user.get(url).json()["pages"][0]

    assert (page["state"], page["ok"], page["attempt"], page["max_attempts"]) == ("scheduled", None, 1, 3)
    assert page["error"].startswith("FetchFailed: the address could not be reached")
    shown = user.get(f"/fetches/{made['id']}").text
    assert "Attempt 1 of 3" in shown
    assert "due again" in shown
    assert 'badge retrying"' in shown


def test_a_fetch_that_runs_has_no_numbers_yet(open_stack: Stack, world: World) -> None:
    with nobody_works(open_stack):
        receipt = open_stack.http.post("/api/fetches", json={"urls": [world.url("/meet")]}).json()

    assert (receipt["state"], receipt["pages"][0]["state"]) == ("running", "queued")
    assert [receipt[name] for name in ("total_seconds", "sum_seconds", "speed_up")] == [None] * 3
    world.meeting.abort()
    open_stack.ended(receipt["pages"][0]["job_id"])
    world.meeting.reset()


def test_a_private_address_is_refused_by_default(stack: Stack, world: World) -> None:
    done = fetch(stack, [world.url("/small"), "http://localhost:1/", "http://[::1]/", "http://169.254.169.254/"])

    assert {page["state"] for page in done["pages"]} == {"failed"}
    job = stack.job(done["pages"][0]["job_id"])
    assert (job["attempt"], job["error"]["type"]) == (1, "Permanent")
    assert "127.0.0.1" in job["error"]["message"]


def test_a_url_that_is_none_fails_with_a_clear_error(stack: Stack) -> None:
    done = fetch(stack, ["http://[::1", "http://exa\u202emple.test/", "http://x:99999/"])

    assert {page["state"] for page in done["pages"]} == {"failed"}
    assert all(page["error"].startswith("Permanent: ") for page in done["pages"])


def test_waiting_for_a_fetch_ends_when_the_time_is_up(stack: Stack) -> None:
    busy = [stack.submit("test.sleep", args={"seconds": 60})["id"] for _ in range(2)]
    for id in busy:
        stack.in_state(id, "running")
    receipt = stack.http.post("/api/fetches", json={"urls": ["http://127.0.0.1:1/"] * 3}).json()

    began = time.monotonic()
    shown = stack.http.get(f"/api/fetches/{receipt['id']}?wait=1").json()
    took = time.monotonic() - began
    for id in busy:
        stack.http.post(f"/api/jobs/{id}/cancel")

    assert shown["state"] == "running"
    assert took >= 1
    assert stack.http.get(f"/api/fetches/{receipt['id']}?wait=60").json()["state"] == "done"


def test_a_fetch_that_does_not_exist_is_not_found(stack: Stack) -> None:
    assert fields_of(stack.http.get(f"/api/fetches/{uuid4()}"), 404) == []


def test_a_fetch_is_seen_by_who_asked_for_it_and_by_operators(stack: Stack) -> None:
    owner, other = stack.user().http, stack.user().http

    url = owner.post("/api/fetches", json={"urls": ["http://127.0.0.1:1/"]}).headers["Location"]

    assert [client.get(url).status_code for client in (owner, stack.http, other)] == [200, 200, 404]


def test_a_single_page_is_a_job_like_any_other(stack: Stack) -> None:
    job = stack.ended(stack.submit("fetches.fetch_url", args={"url": "http://127.0.0.1:1/"})["id"])

    assert (job["state"], job["error"]["type"]) == ("failed", "Permanent")


def test_a_fetch_that_is_sent_again_is_the_same_fetch(stack: Stack) -> None:
    body, key = {"urls": ["http://127.0.0.1:1/a", "http://127.0.0.1:1/b"]}, {"Idempotency-Key": uuid4().hex}

    first, second = (stack.http.post("/api/fetches", json=body, headers=key).json() for _ in range(2))

    assert second["id"] == first["id"]
    assert [page["job_id"] for page in second["pages"]] == [page["job_id"] for page in first["pages"]]


def test_those_who_find_no_place_to_wait_are_answered_at_once(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web", WEB_WORKERS="1", WEB_THREADS="4")
    fetch = stack.http.post("/api/fetches", json={"urls": ["http://127.0.0.1:1/"]}).json()

    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(stack.http.get, f"/api/fetches/{fetch['id']}?wait=60") for _ in range(3)]
        first = next(as_completed(waiting)).result().json()
        still_waiting = sum(not one.done() for one in waiting)
        stack.http.post(f"/api/jobs/{fetch['pages'][0]['job_id']}/cancel")

    assert (first["state"], still_waiting) == (fetch["state"], 2)
    assert sorted(one.result().json()["state"] for one in waiting)[:2] == ["done"] * 2
