"""Metrics: what the services expose, and that it agrees with what has happened."""

import httpx

from tests.exposed import documented, exposed
from tests.stack import Stack, wait_until


def test_the_table_of_the_docs_is_what_a_stack_exposes(stack: Stack) -> None:
    stack.ended(stack.submit("test.write", args={"key": "metrics"})["id"])
    wait_until(lambda: "bellhop_queue_depth" in exposed(stack))

    assert exposed(stack) == documented()


def test_a_request_is_counted_under_the_template_of_its_route(stack: Stack) -> None:
    series = 'bellhop_http_requests_total{method="GET",route="/api/jobs/<id:job_id>",status="4xx"}'
    before = stack.metrics("web").get(series, 0)

    for n in range(3):
        stack.http.get(f"/api/jobs/019c1e6c-e0fc-7e0f-a76d-98e69dc27f9{n}")

    assert stack.metrics("web")[series] == before + 3


def test_paths_and_methods_that_somebody_made_up_make_no_new_series(stack: Stack) -> None:
    for n in range(3):
        stack.http.request("BREW", f"/made-up/{n}")

    text = "\n".join(stack.metrics("web"))
    assert 'method="other",route="none",status="4xx"' in text
    assert "made-up" not in text
    assert "BREW" not in text


def test_the_time_for_which_a_request_waited_as_it_was_told_is_not_held_against_the_route(stack: Stack) -> None:
    job = stack.submit("test.noop", delay=3600)
    series = 'bellhop_http_request_seconds_sum{method="GET",route="/api/jobs/<id:job_id>"}'
    before = stack.metrics("web").get(series, 0)

    stack.http.get(f"/api/jobs/{job['id']}", params={"wait": 2})

    assert stack.metrics("web")[series] < before + 2


def test_a_job_is_counted_at_each_of_its_steps(stack: Stack) -> None:
    steps = [
        ("web", 'bellhop_jobs_submitted_total{task="test.fail"}', 1),
        ("worker", 'bellhop_jobs_started_total{task="test.fail"}', 3),
        ("worker", 'bellhop_jobs_retried_total{task="test.fail"}', 2),
        ("worker", 'bellhop_jobs_finished_total{state="succeeded",task="test.fail"}', 1),
        ("worker", 'bellhop_job_run_seconds_count{task="test.fail"}', 3),
    ]
    before = [stack.metrics(service).get(series, 0) for service, series, _ in steps]

    stack.ended(stack.submit("test.fail", args={"times": 2})["id"])

    wait_until(lambda: [stack.metrics(service)[series] for service, series, _ in steps][3] > before[3])
    after = [stack.metrics(service)[series] for service, series, _ in steps]
    assert [now - then for now, then in zip(after, before, strict=True)] == [number for _, _, number in steps]


def test_a_job_that_is_cancelled_while_it_waits_is_counted_as_ended(stack: Stack) -> None:
    series = 'bellhop_jobs_finished_total{state="cancelled",task="test.noop"}'
    before = stack.metrics("web").get(series, 0)

    stack.http.post(f"/api/jobs/{stack.submit('test.noop', delay=3600)['id']}/cancel")

    assert stack.metrics("web")[series] == before + 1


def test_metrics_are_not_on_the_public_port(stack: Stack) -> None:
    assert stack.http.get("/metrics").status_code == 404
    assert httpx.get(f"http://127.0.0.1:{stack.metrics_ports['web']}/other").status_code == 404
