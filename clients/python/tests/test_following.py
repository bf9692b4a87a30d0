"""Following and steering jobs, schedules and queues, with both clients on a real system of their own."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bellhop_client import Conflict, JobFailed, JobRequest, NotFound, WaitTimeout, Withheld
from bellhop_client.exchange import Ring
from bellhop_client.link import Link
from bellhop_ledger.accounts.roles import Role
from tests.stack import Stack, wait_until

LATER = datetime(2037, 1, 31, 9, 30, tzinfo=UTC)


@pytest.fixture
def client(connect: Callable[..., Any], system: Stack) -> Any:
    return connect(system.url)


def begun(system: Stack, client: Any) -> Any:
    """Return a job that runs until `go_on`."""
    job = client.submit("test.talk_and_wait")
    wait_until(lambda: any(path.suffix == ".began" for path in waiting_places(system, job)))
    return job


def waiting_places(system: Stack, job: Any) -> list[Path]:
    return [path for path in system.directory.iterdir() if path.stem == str(job.id)]


def go_on(system: Stack, job: Any) -> None:
    (system.directory / str(job.id)).touch()


def test_a_job_is_waited_for_and_has_its_result(client: Any) -> None:
    job = client.wait(client.submit("test.add", {"a": 5, "b": 7}))

    assert (job.state, job.result, job.error) == ("succeeded", 12, None)
    assert job.raise_for_state() is job
    assert job.finished_at >= job.started_at >= job.created_at


def test_a_job_that_has_failed_says_why(client: Any) -> None:
    job = client.wait(client.submit("test.fail", {"times": 9}))

    assert (job.state, job.attempt, len(job.past_attempts)) == ("failed", 3, 2)
    with pytest.raises(JobFailed, match=f"job {job.id} .test.fail. is failed: ") as raised:
        job.raise_for_state()
    assert raised.value.job is job


@pytest.mark.parametrize("timeout", [0, 0.2, timedelta(seconds=0.2)])
def test_who_waits_in_vain_gets_the_job_as_it_is(client: Any, timeout: Any) -> None:
    job = client.submit("test.noop", run_at=LATER)

    with pytest.raises(WaitTimeout, match="is still scheduled") as raised:
        client.wait(job.id, timeout=timeout)

    assert raised.value.job.id == job.id
    assert isinstance(raised.value, TimeoutError)


def test_a_job_is_looked_at_by_itself_its_id_or_the_text_of_that(client: Any) -> None:
    job = client.submit("test.noop", run_at=LATER)

    assert client.job(job) == client.job(job.id) == client.job(str(job.id)) == job
    with pytest.raises(NotFound):
        client.job("no/such job?")


def test_a_job_is_cancelled_once_and_tried_again(client: Any) -> None:
    job = client.submit("test.noop", run_at=LATER)

    assert client.cancel(job).state == client.cancel(job).state == "cancelled"
    client.retry(job)
    ended = client.wait(job)

    assert ended.state == "succeeded"
    with pytest.raises(Conflict) as refused:
        client.retry(job)
    assert refused.value.status == 409
    assert [event.action for event in client.events(job)] == ["cancelled", "retried"]


def test_each_attempt_is_listed_with_what_became_of_it(client: Any) -> None:
    job = client.wait(client.submit("test.fail", {"times": 2}))

    attempts = client.attempts(job)

    assert [(one.number, one.outcome) for one in attempts] == [(1, "failed"), (2, "failed"), (3, "succeeded")]
    assert attempts[0].error.message
    assert "Traceback" in attempts[0].error.traceback
    assert attempts[0].finished_at >= attempts[0].started_at


def test_a_list_goes_over_all_pages_newest_first(client: Any) -> None:
    tag = uuid4().hex
    jobs = client.submit_many([JobRequest("test.noop", run_at=LATER, tags=[tag, "many"]) for _ in range(5)])

    found = list(client.list(tag=[tag, "many"], state="scheduled", task="test.noop", retrying=False, page_size=2))

    assert sorted(job.id for job in found) == sorted(job.id for job in jobs)
    assert list(client.list(tag=tag, created_before=jobs[0].created_at)) == []
    assert len(list(client.list(tag=tag, created_after=jobs[0].created_at))) == 5


def test_who_has_seen_enough_of_a_list_stops(client: Any) -> None:
    tag = uuid4().hex
    client.submit_many([JobRequest("test.noop", run_at=LATER, tags=[tag]) for _ in range(5)])

    pages = client.list(tag=tag, page_size=2)

    assert next(pages).tags == (tag,)
    pages.close()


def test_a_log_is_read_as_a_whole_and_from_a_line_on(client: Any) -> None:
    job = client.wait(client.submit("test.talk", {"word": "hello"}))

    log = client.logs(job)

    assert [entry.message for entry in log.entries][:1] == ["logged: hello"]
    assert (log.truncated, log.last, log.state) == (0, 5, "succeeded")
    assert "ValueError: hello" in log.entries[-1].traceback
    assert [entry.number for entry in client.logs(job, after=3).entries] == [4, 5]


def test_a_log_is_followed_while_it_is_written_until_the_job_has_ended(client: Any, system: Stack) -> None:
    job = begun(system, client)

    lines = client.follow_logs(job)
    first = next(lines)
    go_on(system, job)

    assert (first.message, [line.message for line in lines]) == ("began 1", ["went on"])
    assert client.job(job).ended


def test_a_log_that_is_withheld_cannot_be_followed(client: Any, connect: Callable[..., Any], system: Stack) -> None:
    job = client.wait(client.submit("test.talk", {"word": "hello"}))
    viewer = system.user(Role.VIEWER)
    system.sql("UPDATE users SET sees_payloads = false WHERE id = %s", str(viewer.id))
    theirs = connect(system.url, viewer.http.headers["Authorization"].removeprefix("Bearer "))

    with pytest.raises(Withheld, match="the log is withheld: it needs the right to see payloads"):
        list(theirs.follow_logs(job))
    assert theirs.logs(job).withheld


def test_a_log_is_followed_from_a_line_on(client: Any) -> None:
    job = client.wait(client.submit("test.talk", {"word": "hello"}))

    assert [line.number for line in client.follow_logs(job, after=3)] == [4, 5]


def test_a_log_is_followed_by_the_stream_with_a_service_token(
    client: Any, connect: Callable[..., Any], system: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "httpx")
    own = connect(system.url, client.tokens.create(uuid4().hex, tasks=["test.*"]).token)
    job = begun(system, own)

    lines = own.follow_logs(job)
    first = next(lines)
    go_on(system, job)

    assert (first.message, [line.message for line in lines]) == ("began 1", ["went on"])
    streams = [message for message in caplog.messages if "/live?" in message]
    assert [f"job_news%3A{job.id}" in message and "200 OK" in message for message in streams] == [True]


def test_a_log_is_followed_also_where_no_stream_can_be_had(
    client: Any, system: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Link.stream
    monkeypatch.setattr(Link, "stream", lambda link, _: ask(link, Ring(("no_such_topic",))))
    job = begun(system, client)

    lines = client.follow_logs(job)
    first = next(lines)
    go_on(system, job)

    assert (first.message, [line.message for line in lines]) == ("began 1", ["went on"])


def test_who_has_heard_enough_of_a_log_stops(client: Any, system: Stack) -> None:
    job = begun(system, client)

    lines = client.follow_logs(job)
    assert next(lines).message == "began 1"
    lines.close()

    assert client.job(job).state == "running"
    go_on(system, job)
    client.wait(job)


def test_a_schedule_is_made_changed_paused_run_and_deleted(client: Any) -> None:
    name = uuid4().hex

    made = client.schedules.create(name, "test.add", {"a": 1, "b": 2}, crontab="0 2 * * *", time_zone="Europe/Vienna")
    assert (made.name, made.state, made.args, made.enabled) == (name, "active", {"a": 1, "b": 2}, True)
    assert made.next_due_at > datetime.now(UTC)

    changed = client.schedules.change(made, crontab="0 3 * * *", ends_at=LATER, note="later", version=made.version)
    assert (changed.crontab, changed.ends_at, changed.note) == ("0 3 * * *", LATER, "later")
    assert client.schedules.change(made, ends_at=None).ends_at is None
    with pytest.raises(Conflict):
        client.schedules.change(made, note="too late", version=made.version)

    paused = client.schedules.pause(made, "The printer burns", until=LATER)
    assert (paused.state, paused.pause_reason, paused.resume_at) == ("paused", "The printer burns", LATER)
    assert client.schedules.resume(made.id).state == "active"

    key = uuid4().hex
    ran = [client.schedules.run(made, key=key).id for _ in range(2)]
    assert ran[0] == ran[1]
    assert client.wait(ran[0]).result == 3
    assert client.schedules.get(made).last_run.job_id == ran[0]

    assert [one.id for one in client.schedules.list(search=name)] == [made.id]
    assert client.schedules.delete(made).state == "deleted"
    assert list(client.schedules.list(search=name)) == []
    assert [one.id for one in client.schedules.list(search=name, state="deleted")] == [made.id]


def test_a_date_of_a_schedule_without_a_zone_is_read_in_its_zone(client: Any) -> None:
    made = client.schedules.create(
        uuid4().hex, "test.noop", once_at=datetime(2037, 7, 1, 12, 0), time_zone="Europe/Vienna"
    )

    assert made.once_at == datetime(2037, 7, 1, 10, 0, tzinfo=UTC)
    client.schedules.delete(made)


def test_a_queue_is_paused_and_resumed(client: Any) -> None:
    hold = client.queues.pause("slow", "The printer burns", until=LATER)
    waits = client.submit("test.add", {"a": 5, "b": 7})

    assert (hold.kind, hold.name, hold.reason, hold.until) == ("queue", "slow", "The printer burns", LATER)
    assert (waits.state, waits.blocked_by) == ("blocked", "queue:slow")
    assert client.queues.resume("slow") is None
    assert client.wait(waits).result == 12


def test_a_service_becomes_a_task_is_shown_changed_and_deleted(client: Any) -> None:
    name, schema = f"client.{uuid4().hex}", {"properties": {"card": {"type": "string"}}}
    made = client.tasks.put(
        name,
        "https://example.org/",
        schema,
        secrets=["card"],
        timeout=timedelta(seconds=5),
        headers={"X-Key": "sesame"},
    )

    assert (made.name, made.url, made.timeout, made.secrets) == (name, "https://example.org/", 5, ("card",))
    assert (made.headers, made.served) == ({"X-Key": "***"}, True)
    assert made.schema["properties"] == schema["properties"]
    assert client.tasks.put(name, "https://example.org/b").secrets == ()
    assert client.tasks.get(name).url == "https://example.org/b"
    with pytest.raises(Conflict, match="one of the workers'"):
        client.tasks.put("test.noop", "https://example.org/")
    assert client.tasks.delete(name) is None
    with pytest.raises(NotFound):
        client.tasks.get(name)
