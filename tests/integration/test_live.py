"""Live views: one stream of events a page, without a thread or a database connection each."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.listener import Listener
from tests.samples import all_samples
from tests.stack import Stack, wait_until

MANY = 200


def test_a_stream_begins_with_everything_the_topic_shows(stack: Stack, listen: Callable[..., Listener]) -> None:
    job = stack.ended(stack.submit("test.noop")["id"])

    stream = listen(stack, f"job:{job['id']}")

    stream.wait_for("event: fragments")
    assert b"200 OK" in stream.heard
    assert b"text/event-stream" in stream.heard
    stream.wait_for("succeeded")


def test_a_stream_tells_what_changed(stack: Stack, listen: Callable[..., Listener]) -> None:
    job = stack.submit("test.noop", delay=3600)
    stream = listen(stack, f"job:{job['id']}")
    stream.wait_for("scheduled")

    stack.http.post(f"/api/jobs/{job['id']}/cancel")

    stream.wait_for("cancelled")


NOBODY = "0190a0b0-0000-7000-8000-00000000000f"
SPELLINGS = [f"job:{NOBODY.upper()}", f"job:{{{NOBODY}}}", f"job:{NOBODY.replace('-', '')}", "dashboard:", "Dashboard"]
KINDS = ["job", "schedule", *(kind for one in all_samples() for kind in one.topics)]
MALFORMED = [f"{kind}:{key}" for kind in KINDS for key in ("", "7", "x", f"urn:uuid:{NOBODY}")] + ["dashboard:1"]
TOPICS = [
    "",
    "topic=no_such",
    "topic=",
    "&".join(["topic=dashboard"] * 6),
    *(f"topic={one}" for one in MALFORMED + SPELLINGS),
]


def test_the_list_of_jobs_keeps_its_rows_and_counts_what_comes(stack: Stack, listen: Callable[..., Listener]) -> None:
    first = stack.submit("test.noop", delay=3600)["id"]
    stream = listen(stack, f"jobs:{first}")
    stream.wait_for(f"job-{first}")

    job = stack.submit("test.noop", delay=3600)["id"]

    stream.wait_for("newer job")  # or more than one: the schedules of other tests fire at each full minute
    assert f"job-{job}".encode() not in stream.heard


def test_an_empty_list_of_jobs_counts_all_that_come(stack: Stack, listen: Callable[..., Listener]) -> None:
    stack.submit("test.noop", delay=3600)

    listen(stack, "jobs").wait_for("newer job")


@pytest.mark.parametrize("topics", TOPICS)
def test_a_topic_that_does_not_exist_is_refused(stack: Stack, topics: str) -> None:
    assert stack.http.get(f"/live?{topics}").status_code == 422


@pytest.mark.parametrize("kind", ["job", "schedule"])
def test_a_topic_of_nothing_is_not_there(stack: Stack, kind: str) -> None:
    assert stack.http.get(f"/live?topic={kind}:{NOBODY}").status_code == 404


def test_who_may_not_see_a_topic_is_not_told_of_it(stack: Stack) -> None:
    user = stack.user()

    assert user.http.get("/live", params={"topic": "dashboard"}).status_code == 403
    assert stack.client().get("/live", params={"topic": "dashboard"}).status_code == 401


def test_a_stream_ends_soon_after_the_token_that_opened_it(stack: Stack, listen: Callable[..., Listener]) -> None:
    operator = stack.user("operator")
    stream = listen(stack, "dashboard", token=operator.http.headers["Authorization"].removeprefix("Bearer "))
    stream.wait_for("event: fragments")

    stack.sql("UPDATE tokens SET revoked_at = now() WHERE user_id = %s", str(operator.id))

    stream.wait_for("<end>")


def threads_of(stack: Stack) -> int:
    """How many threads the processes of the web service have together."""
    main = stack.services["web"].pid
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return sum(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in children)


def connections_of(stack: Stack) -> int:
    """How many connections the database has."""
    return int(stack.sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")[0][0])


@contextmanager
def knocking(stack: Stack) -> Iterator[list[int]]:
    """Ask the API one thing after the other meanwhile, and give what it answered."""
    statuses: list[int] = []
    enough = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=stack.url, headers=dict(stack.http.headers), timeout=30) as client:
            while not enough.is_set():
                statuses.append(client.get("/api/tasks").status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    yield statuses
    enough.set()
    thread.join()


@pytest.mark.long
def test_two_hundred_open_pages_cost_no_thread_and_no_connection_each(
    make_stack: Callable[..., Stack], listen: Callable[..., Listener]
) -> None:
    stack = make_stack("web", "worker", "scheduler", WEB_WORKERS="2", WEB_THREADS="8")
    job = stack.submit("test.noop", delay=3600)
    with knocking(stack) as before:
        wait_until(lambda: len(before) > 20)
    threads, connections = threads_of(stack), connections_of(stack)

    streams = [listen(stack, f"job:{job['id']}", "dashboard") for _ in range(MANY)]
    for stream in streams:
        stream.wait_for("scheduled")
    with knocking(stack) as statuses:
        stack.http.post(f"/api/jobs/{job['id']}/cancel")
        for stream in streams:
            stream.wait_for("cancelled")
        wait_until(lambda: len(statuses) > 20)

    assert set(statuses) == {200}
    assert threads_of(stack) <= threads + 30
    assert connections_of(stack) <= connections + 20  # at most one for each of the 16 threads that let them in

    stack.services["web"].stop(15)
    for stream in streams:
        stream.wait_for("<end>")


def test_what_an_event_carries_is_html_by_the_id_of_its_element(stack: Stack, listen: Callable[..., Listener]) -> None:
    stream = listen(stack, "dashboard")
    stream.wait_for("event: fragments")

    wait_until(lambda: b"data: {" in stream.hear() and b"}\n\n" in stream.hear())
    data = stream.heard.split(b"data: ", 1)[1].split(b"\n", 1)[0]

    assert all(isinstance(html, str) for html in json.loads(data).values())
