"""Mail: what is written is sent once, and what cannot be sent says why."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import redis

from bellhop_local.servers.postgres import programs
from tests.cast import TestUser
from tests.postbox import Postbox, link_in, parts
from tests.problems import fields_of
from tests.stack import Stack, wait_until

URL = "https://example.org/let-me-in?a=1&b=2"
WAITS_AGAIN = """
    UPDATE jobs SET state = 'scheduled', finished_at = NULL, attempt = 0, run_at = now() + interval '1 hour',
        tier = 0, forget_on = NULL
    WHERE id = %s
"""


def address(kind: str) -> str:
    return f"{kind}-{uuid4().hex[:12]}@example.org"


def written(stack: Stack, to: str) -> dict[str, Any]:
    """A mail that a job has written."""
    stack.ended(stack.submit("test.post", args={"to": to})["id"])
    return mail_to(stack, to)


def mail_to(stack: Stack, to: str) -> dict[str, Any]:
    [mail] = stack.http.get("/api/mails", params={"to": to}).json()["mails"]
    return dict(mail)


def sent(stack: Stack, to: str) -> dict[str, Any]:
    wait_until(lambda: mail_to(stack, to)["state"] == "sent")
    return mail_to(stack, to)


def test_a_mail_arrives_as_text_and_html(stack: Stack, postbox: Postbox) -> None:
    mail = written(stack, address("ada"))

    message = postbox.first_to(mail["to"])
    text, html = parts(message)
    assert (message["To"], message["Subject"]) == (mail["to"], "Bellhop: Hello world")
    assert message["Message-ID"] == mail["message_id"] == f"<{mail['id']}@127.0.0.1>"
    assert text.splitlines() == ["Good <morning>.", "", "Grüße", "", "Come in:", URL]
    assert "<p>Good &lt;morning&gt;.</p>" in html
    assert '<a href="https://example.org/let-me-in?a=1&amp;b=2">Come in</a>' in html


def test_a_secret_link_is_forgotten_when_the_mail_is_sent(stack: Stack) -> None:
    mail = written(stack, address("ada"))

    after = sent(stack, mail["to"])

    assert after["sent_at"]
    assert URL not in after["text"]
    assert stack.sql("SELECT count(*) FROM mails WHERE link::text LIKE %s AND id = %s", f"%{URL}%", mail["id"]) == [
        (0,)
    ]


def test_a_server_that_is_busy_is_asked_again(stack: Stack, postbox: Postbox) -> None:
    mail = written(stack, address("busy"))

    after = sent(stack, mail["to"])

    assert (after["reason"], len(postbox.to(mail["to"]))) == (None, 1)
    assert stack.ended(mail["job_id"])["attempt"] == 2


def test_a_mail_that_is_refused_is_dead_and_says_why(stack: Stack) -> None:
    mail = written(stack, address("nobody"))

    job = stack.ended(mail["job_id"])

    after = mail_to(stack, mail["to"])
    assert (after["state"], after["reason"]) == ("dead", "550 5.1.1 no such person")
    assert (job["state"], job["attempt"]) == ("failed", 1)


@pytest.mark.parametrize(("code", "state"), [("554", "failed"), ("451", "scheduled")])
def test_a_server_that_quotes_the_mail_spreads_no_link(stack: Stack, postbox: Postbox, code: str, state: str) -> None:
    user = renamed(stack, stack.user(), address(f"quote{code}"))
    stack.client().post("/api/account/password-reset", json={"email": user.email})
    mail = mail_to(stack, user.email)

    job = stack.in_state(mail["job_id"], state)

    reason = mail_to(stack, user.email)["reason"]
    assert reason.startswith(f"{code} 5.7.1 not wanted: Message-ID:")
    assert "***" in reason
    secret = token_of(postbox, user.email).rpartition(".")[2]
    assert [text for text in (reason, str(job), stack.log("worker")) if "?token=" in text or secret in text] == []


def token_of(postbox: Postbox, email: str) -> str:
    """What lets in whoever has it."""
    return urlsplit(link_in(postbox.first_to(email))).query.removeprefix("token=")


def renamed(stack: Stack, user: TestUser, email: str) -> TestUser:
    stack.sql("UPDATE users SET email = %s WHERE id = %s", email, str(user.id))
    return replace(user, email=email)


def test_nobody_reads_a_link_while_it_waits_to_be_sent(stack: Stack, postbox: Postbox) -> None:
    operator = renamed(stack, stack.user("operator"), address("hang"))
    stack.client().post("/api/account/password-reset", json={"email": operator.email})
    token = token_of(postbox, operator.email)
    mail = mail_to(stack, operator.email)
    browser = stack.client()
    browser.cookies.update(operator.cookies)

    pages = ["/api/mails", f"/api/mails/{mail['id']}", f"/mails/{mail['id']}", f"/api/jobs/{mail['job_id']}"]
    pages += [f"/jobs/{mail['job_id']}", "/api/jobs?task=mail.send", "/mails", "/jobs?task=mail.send", "/dashboard"]
    answers = [who.get(page) for who in (stack.http, operator.http, browser) for page in pages]
    dump = subprocess.run(
        [str(programs() / "pg_dump"), stack.postgres.url], capture_output=True, text=True, check=True
    ).stdout
    kept = [*(answer.text for answer in answers), dump, *map(stack.log, stack.services), everything_in(stack.redis.url)]
    postbox.release(operator.email)

    assert mail["state"] == "queued"
    assert {answer.status_code for answer in answers[-len(pages) :]} == {200}
    assert [text for text in kept if token in text or token.rpartition(".")[2] in text] == []
    assert str(mail["id"]) in dump


def everything_in(redis_url: str) -> str:
    """All that stands in Redis."""
    with redis.Redis.from_url(redis_url) as client:
        return "\n".join(f"{key!r} {client.dump(key)!r}" for key in client.scan_iter(count=1000))


def test_mails_are_for_operators(stack: Stack) -> None:
    mail = written(stack, address("ada"))

    assert stack.user("operator").http.get(f"/api/mails/{mail['id']}").status_code == 200
    assert stack.user().http.get(f"/api/mails/{mail['id']}").status_code == 403
    assert fields_of(stack.http.get(f"/api/mails/{uuid4()}"), 404) == []


def test_mails_are_listed_in_pages_newest_first(stack: Stack) -> None:
    to = address("nobody")
    for _ in range(3):
        stack.ended(stack.submit("test.post", args={"to": to})["id"])

    first = stack.http.get("/api/mails", params={"to": to.upper(), "limit": 2}).json()
    second = stack.http.get("/api/mails", params={"to": to.upper(), "limit": 2, "cursor": first["next_cursor"]}).json()

    ids = [mail["id"] for page in (first, second) for mail in page["mails"]]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), second["next_cursor"]) == (3, None)


@pytest.mark.long
def test_a_worker_killed_after_the_sending_sends_the_same_mail_again(
    make_stack: Callable[..., Stack], postbox: Postbox
) -> None:
    stack = make_stack("web", "worker", "scheduler", **postbox.settings)
    mail = written(stack, address("hang"))
    postbox.first_to(mail["to"])

    stack.kill("worker")
    postbox.release(mail["to"])
    stack.start_service("worker")

    sent(stack, mail["to"])
    first, second = postbox.to(mail["to"])
    assert first["Message-ID"] == second["Message-ID"] == mail["message_id"]
    assert first.as_bytes() == second.as_bytes()


def test_a_mail_between_two_attempts_is_shown_as_retrying(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web", "worker", SMTP_HOST="127.0.0.1", SMTP_PORT="9")  # no scheduler: the next attempt waits
    to = address("outage")
    stack.ended(stack.submit("test.post", args={"to": to})["id"])

    wait_until(lambda: mail_to(stack, to)["retrying"])
    mail = mail_to(stack, to)

    assert (mail["state"], mail["attempt"], mail["max_attempts"]) == ("queued", 1, 8)
    assert mail["next_attempt_at"] > mail["created_at"]
    assert "refused" in mail["reason"]
    job = stack.job(mail["job_id"])
    assert (job["state"], job["retrying"], job["run_at"]) == ("scheduled", True, mail["next_attempt_at"])
    assert [one["id"] for one in stack.http.get("/api/mails?retrying=true").json()["mails"]] == [mail["id"]]
    assert stack.http.get("/api/mails?retrying=false").json()["mails"] == []
    assert "1 of 8 attempts failed, the next is due" in stack.http.get("/mails?state=retrying").text
    assert ">retrying</span>" in stack.http.get(f"/mails/{mail['id']}").text
    for path in ("/jobs?state=retrying", f"/jobs/{mail['job_id']}"):
        assert ">retrying</span>" in stack.http.get(path).text
        assert "refused" in stack.http.get(path).text
    dashboard = stack.http.get("/dashboard").text
    assert re.search(r"Retrying</dt><dd><a [^>]+>1</a>", dashboard)


def test_a_dead_mail_whose_job_is_retried_is_queued_again(stack: Stack) -> None:
    mail = written(stack, address("nobody"))
    stack.ended(mail["job_id"])
    assert mail_to(stack, mail["to"])["state"] == "dead"

    stack.sql(WAITS_AGAIN, mail["job_id"])

    assert mail_to(stack, mail["to"])["state"] == "queued"
    stack.http.post(f"/api/jobs/{mail['job_id']}/cancel")
    assert mail_to(stack, mail["to"])["state"] == "dead"
