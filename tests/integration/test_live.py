"""Live views: one stream of events a page, without a thread or a database connection each."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest

from tests.bystander import bystander
from tests.stack import TOKEN, Stack, wait_until
from workloads.prices.tests.test_api import add_game, watch

MANY = 200


class Listener:
    """A page's stream of events, read without a thread of its own."""

    def __init__(self, stack: Stack, *topics: str, token: str | None = TOKEN):
        query = "&".join(f"topic={topic}" for topic in topics)
        self.socket = socket.create_connection(("127.0.0.1", stack.port), timeout=30)
        head = f"GET /live?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        self.socket.sendall((head + (f"Authorization: Bearer {token}\r\n" if token else "") + "\r\n").encode())
        self.heard = b""

    def hear(self) -> bytes:
        """Read what has come, and give all that was heard so far; the end of the stream is said so."""
        self.socket.setblocking(False)
        with suppress(BlockingIOError):
            while piece := self.socket.recv(65536):
                self.heard += piece
            self.heard += b"<end>"
        return self.heard

    def wait_for(self, words: str) -> None:
        """Wait until something was said."""
        wait_until(lambda: words.encode() in self.hear())


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    """Open streams that are closed at the end."""
    made: list[Listener] = []

    def open_one(*args: Any, **kwargs: Any) -> Listener:
        made.append(Listener(*args, **kwargs))
        return made[-1]

    yield open_one
    for one in made:
        one.socket.close()


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
SPELLINGS = [f"poll:{NOBODY.upper()}", f"poll:{{{NOBODY}}}", f"poll:{NOBODY.replace('-', '')}", "timer:", "game:%2B1"]
SPELLINGS += [
    "game:01",
    "game:%201",
    "game:1_0",
    "game:1-1999",
    "game:1-",
    "game:%D9%A1",
    "Timer",
    f"urn:uuid:{NOBODY}",
]
MALFORMED = ["job:x", "job:", "poll:7", "sum:0", "fetch:", "import:1", "export:-", "schedule:now", "game:x", "timer:1"]
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

    stream.wait_for("1 newer job")
    assert f"job-{job}".encode() not in stream.heard


def test_an_empty_list_of_jobs_counts_all_that_come(stack: Stack, listen: Callable[..., Listener]) -> None:
    stack.submit("test.noop", delay=3600)

    listen(stack, "jobs").wait_for("newer job")


@pytest.mark.parametrize("topics", TOPICS)
def test_a_topic_that_does_not_exist_is_refused(stack: Stack, topics: str) -> None:
    assert stack.http.get(f"/live?{topics}").status_code == 422


@pytest.mark.parametrize("kind", ["job", "poll", "import", "schedule"])
def test_a_topic_of_nothing_is_not_there(stack: Stack, kind: str) -> None:
    assert stack.http.get(f"/live?topic={kind}:{NOBODY}").status_code == 404


@pytest.mark.parametrize("id", [0, -1, 987_654_321, 2**63, 10**30])
def test_a_topic_of_no_game_is_not_there(stack: Stack, id: int) -> None:
    assert stack.client().get(f"/live?topic=game:{id}").status_code == 404


def test_the_threshold_of_a_watch_is_shown_to_its_owner_alone(stack: Stack, listen: Callable[..., Listener]) -> None:
    game, user, other = add_game(stack, "Seen", 2000, "EUR"), stack.user(), stack.user()
    mine = watch(user, game, 1234)["id"]
    token = user.http.headers["Authorization"].removeprefix("Bearer ")

    own, public = listen(stack, f"watch:{mine}", token=token), listen(stack, f"game:{game}", token=None)
    own.wait_for("12.34")
    public.wait_for("event: fragments")

    assert b"12.34" not in public.heard
    assert f"watch:{mine}" in user.http.get(f"/prices/{game}", headers={"Accept": "text/html"}).text
    assert other.http.get(f"/live?topic=watch:{mine}").status_code == 403
    assert stack.http.get(f"/live?topic=watch:{mine}").status_code == 403
    assert stack.client().get(f"/live?topic=watch:{mine}").status_code == 401


def test_topics_that_strangers_invent_hold_nobody_s_view_up(stack: Stack, listen: Callable[..., Listener]) -> None:
    timer = listen(stack, "timer")
    timer.wait_for("event: fragments")

    with bystander(stack) as other:
        for n in range(90):
            listen(stack, *(f"game:1-{20 * n + one}" for one in range(20)), token=None)
        other.served()
        before = timer.hear().count(b"event: fragments")
        wait_until(lambda: timer.hear().count(b"event: fragments") > before + 1, patience=10)


def test_very_many_views_of_what_exists_hold_nobody_s_view_up(stack: Stack, listen: Callable[..., Listener]) -> None:
    games = [add_game(stack, f"Seen {n}", 2000, "EUR") for n in range(60)]
    timer = listen(stack, "timer")
    timer.wait_for("event: fragments")

    with bystander(stack) as other:
        for n in range(90):
            listen(stack, *(f"game:{games[(n + one) % 60]}" for one in range(5)), token=None)
        other.served()
        before = timer.hear().count(b"event: fragments")
        wait_until(lambda: timer.hear().count(b"event: fragments") > before + 1, patience=10)


def test_a_view_that_waits_for_a_lock_holds_no_other_view_up(stack: Stack, listen: Callable[..., Listener]) -> None:
    game = add_game(stack, "Locked", 2000, "EUR")
    slow, timer = listen(stack, f"game:{game}"), listen(stack, "timer")
    slow.wait_for("event: fragments")
    timer.wait_for("event: fragments")

    with closing(psycopg2.connect(stack.postgres.url)) as locking:
        locking.cursor().execute("LOCK TABLE games")
        wait_until(lambda: stack.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
        before = timer.hear().count(b"event: fragments")
        wait_until(lambda: timer.hear().count(b"event: fragments") > before + 3)


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
                statuses.append(client.get("/api/timer").status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    yield statuses
    enough.set()
    thread.join()


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
