"""Traces on a real system: one from the request through the queue into each attempt and its outgoing calls."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.collector import Collector, Seen
from tests.postbox import Postbox
from tests.site import Says, Site
from tests.stack import Stack, wait_until

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEADERS = {"traceparent": f"00-{TRACE}-{CALLER}-01", "tracestate": "shop=t61rcWkgMzE"}
WITHOUT = """
import sys
from bellhop_ledger.platform import tracing
import bellhop_scheduler.scheduler, bellhop_web.wsgi, bellhop_worker.app
tracing.load()
tracing.start("any")
# redis-py loads others
ours = ("opentelemetry.exporter", "opentelemetry.sdk.trace", "bellhop_ledger.platform.telemetry")
print([name for name in sys.modules if name.startswith(ours)])
"""


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


@pytest.fixture
def traced(make_stack: Callable[..., Stack], collector: Collector, postbox: Postbox) -> Stack:
    """A system that sends its spans to the collector."""
    settings = collector.settings | postbox.settings
    secret = {"OTEL_EXPORTER_OTLP_HEADERS": "api-key=let-me-in"}
    return make_stack("web", "worker", "scheduler", FETCH_ALLOW="127.0.0.0/8", LOG_LEVEL="DEBUG", **settings, **secret)


def arrived(collector: Collector, name: str, count: int = 1) -> list[Seen]:
    """Wait for so many spans of a name."""
    wait_until(lambda: len(collector.named(name)) >= count)
    return collector.named(name)


@pytest.mark.long
def test_a_trace_leads_into_the_attempts_of_async_bodies(
    make_stack: Callable[..., Stack], collector: Collector
) -> None:
    plugins = {"BELLHOP_PLUGINS": "tests.tasks,tests.tasks.waits"}
    stack = make_stack("web", "worker", **plugins, **collector.settings)

    stack.submit("test.wait", args={"seconds": 0.01}, headers=HEADERS)
    stack.submit("test.wait", args={"seconds": 0.01})

    attempts = arrived(collector, "process test.wait", 2)
    sent = {one.id: one for one in arrived(collector, "send test.wait", 2)}
    assert [one.trace for one in attempts].count(TRACE) == 1
    assert all(one.trace == sent[one.parent].trace for one in attempts)


@pytest.mark.long
def test_one_trace_leads_from_the_request_into_each_attempt_and_its_calls(
    traced: Stack, collector: Collector, site: Site
) -> None:
    says: list[Says] = [Says(200, b"fine"), Says(503, b"not now", (("Retry-After", "3000"),))]
    site.answers["/hook?key=sesame-query"] = lambda asked: says.pop()
    args = {
        "url": f"{site.url('/hook')}?key=sesame-query",
        "method": "POST",
        "body": "sesame-body",
        "headers": {"X-Key": "sesame-header"},
        "signing_secret": "sesame-signature",
    }

    job = traced.submit("http.request", args=args, headers=HEADERS)
    wait_until(lambda: traced.job(job["id"])["attempt"] == 1 and traced.job(job["id"])["state"] == "scheduled")
    traced.services["worker"].stop(30)
    traced.sql("UPDATE jobs SET run_at = now() WHERE id = %s", job["id"])
    traced.start_service("worker")
    assert traced.ended(job["id"])["attempt"] == 2

    calls = arrived(collector, "POST", 2)
    attempts = arrived(collector, "process http.request", 2)
    [sent] = arrived(collector, "send http.request")
    [request] = arrived(collector, "POST /api/jobs")
    assert {one.trace for one in (request, sent, *attempts, *calls)} == {TRACE}
    assert (request.parent, sent.parent) == (CALLER, request.id)
    assert [one.parent for one in attempts] == [sent.id] * 2
    assert sorted(one.parent for one in calls) == sorted(one.id for one in attempts)
    assert [(one.facts["bellhop.attempt"], one.failed) for one in attempts] == [(1, True), (2, False)]
    assert {one.service for one in collector.spans()} >= {"bellhop-web", "bellhop-worker"}
    told = {asked.headers["traceparent"] for asked in site.asked}
    assert told == {f"00-{TRACE}-{call.id}-01" for call in calls}
    assert {asked.headers["tracestate"] for asked in site.asked} == {HEADERS["tracestate"]}
    check_mails_and_fetches(traced, collector, site)
    check_schedules(traced, collector)
    assert "sesame" not in str(collector.requests)
    assert {headers["api-key"] for headers in collector.headers} == {"let-me-in"}
    assert all("let-me-in" not in traced.log(name) for name in traced.services)
    check_a_collector_that_hangs_holds_nobody_up(traced, collector)


def check_mails_and_fetches(traced: Stack, collector: Collector, site: Site) -> None:
    """A job that submits another is its parent; a fetch tells strangers nothing."""
    traced.ended(traced.submit("test.post", args={"to": "traced@example.org"}, headers=HEADERS)["id"])
    traced.ended(traced.submit("fetches.fetch_url", args={"url": site.url("/page")}, headers=HEADERS)["id"])

    [smtp] = arrived(collector, "SMTP")
    [mail], [post], [fetch] = (
        arrived(collector, f"process {task}") for task in ("mail.send", "test.post", "fetches.fetch_url")
    )
    [sent] = collector.named("send mail.send")
    assert (smtp.parent, mail.parent, sent.parent) == (mail.id, sent.id, post.id)
    [got] = arrived(collector, "GET")
    assert (got.parent, {one.trace for one in (smtp, mail, sent, post, got)}) == (fetch.id, {TRACE})
    assert [asked.headers.get("traceparent") for asked in site.asked if asked.path == "/page"] == [None]


def check_schedules(traced: Stack, collector: Collector) -> None:
    """A scheduled run begins a trace, and one that has waited for too long is linked to what began it."""
    body = {"name": "traced", "task": "test.noop", "args": {}, "interval_seconds": 1}
    assert traced.http.post("/api/schedules", json=body).status_code == 201
    run = arrived(collector, "process test.noop")[0]
    [sent] = wait_until(lambda: [one for one in collector.named("send test.noop") if one.id == run.parent])
    assert (sent.service, sent.parent, sent.trace) == ("bellhop-scheduler", "", run.trace)
    assert collector.named("process files.prune") == []


def check_a_collector_that_hangs_holds_nobody_up(traced: Stack, collector: Collector) -> None:
    collector.hanging = True
    assert traced.ended(traced.submit("test.noop_leased", headers=HEADERS)["id"])["state"] == "succeeded"
    wait_until(collector.asked_in_vain.is_set)
    assert traced.ended(traced.submit("test.noop_leased", headers=HEADERS)["id"])["state"] == "succeeded"
    assert [traced.services[name].stop(20) for name in ("scheduler", "worker", "web")] == [True] * 3


def test_nothing_of_it_is_loaded_where_no_endpoint_is_set(stack: Stack) -> None:
    code = [sys.executable, "-W", "ignore", "-c", WITHOUT]
    job = stack.submit("test.noop", headers=HEADERS)

    found = subprocess.run(code, env=stack.env, capture_output=True, text=True, check=False)

    assert found.stdout == "[]\n", found.stderr
    assert stack.sql("SELECT trace_context FROM jobs WHERE id = %s", job["id"]) == [(None,)]
