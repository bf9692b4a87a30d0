"""When a request is sent again, and that what was sent again is done once."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from uuid import uuid4

import pytest

from bellhop_client import JobRequest, Retries, TooManyRequests, Unavailable, UnexpectedAnswer, Unreachable
from bellhop_client.exchange import Answer, Lost, Outcome, Request
from bellhop_local.ports import free_port
from tests.relay import CUT, Relay
from tests.site import Says, Site
from tests.stack import PATIENCE, Stack

QUICK = Retries(attempts=4, first=0.01)
PATIENT = Retries(attempts=100, first=0.05, longest=1.0)
"""What outlasts the restart of a server, however slow the machine is."""
SAFE, UNSAFE = Request("POST", "/api/jobs", key="k"), Request("POST", "/api/schedules", repeatable=False)


def tagged(stack: Stack, tag: str) -> int:
    [(count,)] = stack.sql("SELECT count(*) FROM jobs WHERE %s = ANY(tags)", tag)
    return int(count)


def test_a_submission_whose_answer_was_lost_twice_is_one_job(
    connect: Callable[..., Any], stack: Stack, site: Site
) -> None:
    relay, tag = Relay(stack, cuts=2), uuid4().hex
    site.answers["/api/jobs"] = relay

    job = connect(site.url(), retries=QUICK).submit("test.noop", tags=[tag])

    assert tagged(stack, tag) == 1
    assert stack.ended(str(job.id))["state"] == "succeeded"
    assert len(relay.keys) == 3
    assert len(set(relay.keys)) == 1


def test_a_batch_whose_answer_was_lost_is_there_once(connect: Callable[..., Any], stack: Stack, site: Site) -> None:
    tag = uuid4().hex
    site.answers["/api/jobs/batch"] = Relay(stack)

    jobs = connect(site.url(), retries=QUICK).submit_many([JobRequest("test.noop", tags=[tag])] * 7)

    assert len({job.id for job in jobs}) == tagged(stack, tag) == 7


def test_a_web_that_is_killed_between_its_commit_and_its_answer_makes_one_job(
    connect: Callable[..., Any], make_stack: Callable[..., Stack], site: Site
) -> None:
    own, tag, dead = make_stack("web"), uuid4().hex, Event()

    def die() -> None:
        assert tagged(own, tag) == 1
        own.kill("web")
        dead.set()

    site.answers["/api/jobs"] = Relay(own, then=die)
    client = connect(site.url(), retries=PATIENT)

    with ThreadPoolExecutor(1) as elsewhere:
        submitted = elsewhere.submit(client.submit, "test.noop", tags=[tag])
        assert dead.wait(PATIENCE)
        own.start_service("web")  # from here: a process ends with the thread that has started it
        job = submitted.result()

    assert tagged(own, tag) == 1
    assert own.job(str(job.id))["tags"] == [tag]


@pytest.mark.long
def test_a_submission_outlasts_a_web_that_is_away(
    connect: Callable[..., Any], make_stack: Callable[..., Stack]
) -> None:
    own, tag = make_stack("web"), uuid4().hex
    client = connect(own.url, retries=PATIENT)
    client.submit("test.noop", tags=["before"])  # so that its connection is one to a process that is gone

    own.kill("web")
    own.start_service("web")
    client.submit("test.noop", tags=[tag])

    assert tagged(own, tag) == 1


def test_a_server_that_is_never_there_is_unreachable(connect: Callable[..., Any]) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(Unreachable, match=rf"POST {url}/api/jobs: ConnectError: ") as raised:
        connect(url, retries=QUICK).submit("test.noop")

    assert raised.value.__context__ is None  # of httpx, whose frames hold the token


def test_busy_and_absent_servers_are_asked_again(connect: Callable[..., Any], stack: Stack, site: Site) -> None:
    says = [Says(429, b"", (("Retry-After", "0"),)), Says(503, b"<html>"), Says(502), Says(504)]
    relay = Relay(stack, cuts=0)
    site.answers["/api/jobs"] = lambda asked: says.pop(0) if says else relay(asked)

    assert connect(site.url(), retries=PATIENT).submit("test.noop").task == "test.noop"
    assert len({asked.headers["idempotency-key"] for asked in site.asked}) == 1


def test_who_is_told_to_wait_for_too_long_is_told_so(connect: Callable[..., Any], site: Site) -> None:
    site.answers["/api/jobs"] = Says(429, b"", (("Retry-After", "3600"),))

    with pytest.raises(TooManyRequests) as refused:
        connect(site.url(), retries=PATIENT).submit("test.noop")

    assert refused.value.retry_after == 3600
    assert len(site.asked) == 1


def test_a_server_that_stays_away_is_unavailable_in_the_end(connect: Callable[..., Any], site: Site) -> None:
    site.answers["/api/jobs"] = Says(503, b"<html>the proxy's own page</html>")

    with pytest.raises(Unavailable, match="503 Service Unavailable"):
        connect(site.url(), retries=QUICK).submit("test.noop")

    assert len(site.asked) == QUICK.attempts


def test_what_must_not_be_done_twice_is_sent_once(connect: Callable[..., Any], site: Site) -> None:
    site.answers |= {"/api/schedules": CUT, "/api/jobs/1/retry": Says(503)}
    client = connect(site.url(), retries=QUICK)

    with pytest.raises(Unreachable):
        client.schedules.create("nightly", "test.noop", crontab="@daily")
    with pytest.raises(Unavailable):
        client.retry("1")

    assert len(site.asked) == 2


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (Says(301, b"", (("Location", "https://example.org/api/jobs"),)), "a redirect to https://example.org/api/jobs"),
        (Says(200, b"[1]"), "is not a JSON object; is the URL that of Bellhop"),
        (Says(200, b"<html>welcome</html>"), "is not a JSON object; is the URL that of Bellhop"),
    ],
)
def test_what_is_not_bellhop_is_recognised(connect: Callable[..., Any], site: Site, says: Says, words: str) -> None:
    site.answers["/api/jobs"] = says

    with pytest.raises(UnexpectedAnswer, match=words):
        connect(site.url(), retries=QUICK).submit("test.noop")


def answered(status: int, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"")


@pytest.mark.parametrize(
    ("request_", "outcome", "again"),
    [
        (SAFE, Lost("reset", sent=True), True),
        (SAFE, answered(429), True),
        (SAFE, answered(503), True),
        (SAFE, answered(500), False),
        (SAFE, answered(409), False),
        (SAFE, answered(202), False),
        (UNSAFE, Lost("refused", sent=False), True),
        (UNSAFE, Lost("reset", sent=True), False),
        (UNSAFE, answered(429), True),
        (UNSAFE, answered(503), False),
    ],
)
def test_only_what_helps_and_does_no_harm_is_sent_again(request_: Request, outcome: Outcome, again: bool) -> None:
    assert (Retries().pause_after(1, request_, outcome) is not None) is again


def test_pauses_double_up_to_the_longest_and_are_not_the_same_for_all() -> None:
    retries = Retries(attempts=10, first=1.0, longest=4.0)

    pauses = [[retries.pause_after(n, SAFE, answered(503)) or 0.0 for _ in range(50)] for n in range(1, 6)]

    for ceiling, seen in zip([1, 2, 4, 4, 4], pauses, strict=True):
        assert ceiling / 2 <= min(seen) < max(seen) <= ceiling


def test_the_last_attempt_is_the_last() -> None:
    assert Retries(attempts=3).pause_after(2, SAFE, answered(503)) is not None
    assert Retries(attempts=3).pause_after(3, SAFE, answered(503)) is None


def test_nobody_comes_back_before_the_server_wants_it() -> None:
    in_a_minute = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 20))

    assert (Retries().pause_after(1, SAFE, answered(429, Retry_After="7")) or 0) >= 7
    assert (Retries().pause_after(1, SAFE, answered(503, Retry_After=in_a_minute)) or 0) > 15
    assert Retries().pause_after(1, SAFE, answered(503, Retry_After="no date")) is not None


def test_nothing_is_sent_again_after_its_time_is_up() -> None:
    late = Request("GET", "/api/jobs/1", until=time.monotonic() - 1)

    assert Retries().pause_after(1, late, answered(503)) is None
