"""The right to see payloads: who lacks it sees that arguments, results, errors and logs are withheld."""

from collections.abc import Callable
from itertools import count
from uuid import uuid4

import httpx
import pytest

from bellhop_ledger.accounts.roles import Role
from tests.cast import TestUser
from tests.listener import Listener
from tests.problems import ADDITION
from tests.stack import Stack, wait_until

SECRET = "the patient is called Ada"
numbers = count()
FIELDS = ["args", "result", "error", "past_attempts", "progress"]


def without_right(stack: Stack, role: Role) -> TestUser:
    user = stack.user(role)
    stack.sql("UPDATE users SET sees_payloads = false WHERE id = %s", str(user.id))
    return user


@pytest.fixture(scope="module")
def viewer(stack: Stack) -> TestUser:
    """Somebody who sees all jobs, and not what they were given."""
    return without_right(stack, Role.VIEWER)


@pytest.fixture(scope="module")
def job(stack: Stack) -> str:
    """A job whose arguments, log and errors say something that is nobody's business."""
    id = str(stack.submit("test.say_and_fail", args={"words": SECRET})["id"])
    assert stack.ended(id)["state"] == "failed"
    stack.http.post(f"/api/jobs/{id}/retry")
    wait_until(lambda: stack.job(id)["state"] == "failed" and stack.job(id)["past_attempts"])
    return id


PATHS = ("", "/attempts", "/events", "/logs")


def test_who_has_the_right_sees_it_everywhere(stack: Stack, job: str) -> None:
    told = {path: stack.http.get(f"/api/jobs/{job}{path}").text for path in PATHS}

    assert {path for path, text in told.items() if SECRET in text} == {"", "/attempts", "/logs"}
    assert stack.job(job)["withheld"] == []


def test_who_lacks_it_is_shown_that_it_is_withheld(stack: Stack, viewer: TestUser, job: str) -> None:
    told = {path: viewer.http.get(f"/api/jobs/{job}{path}") for path in PATHS}

    assert {path for path, answer in told.items() if answer.status_code != 200 or SECRET in answer.text} == set()
    shown = told[""].json()
    assert (shown["withheld"], shown["args"], shown["result"]) == (FIELDS, {}, None)
    assert shown["error"] == {"type": "ValueError", "message": "withheld", "traceback": ""}
    assert {one["error"]["message"] for one in shown["past_attempts"] if one["error"]} == {"withheld"}
    assert {one["error"]["message"] for one in told["/attempts"].json()["attempts"] if one["error"]} == {"withheld"}
    assert (told["/logs"].json()["withheld"], told["/logs"].json()["entries"]) == (True, [])


def test_lists_withhold_it_too(stack: Stack, viewer: TestUser, job: str) -> None:
    listed = viewer.http.get("/api/jobs", params={"task": "test.say_and_fail"})

    assert job in listed.text
    assert SECRET not in listed.text
    assert {tuple(one["withheld"]) for one in listed.json()["jobs"]} == {tuple(FIELDS)}


@pytest.mark.parametrize(
    "path",
    [
        "/jobs/{job}",
        "/jobs?task=test.say_and_fail",
        "/jobs?state=failed&task=test.say_and_fail",
        "/failures?task=test.say_and_fail",
    ],
)
def test_pages_withhold_it_too(stack: Stack, viewer: TestUser, job: str, path: str) -> None:
    seen = {
        name: httpx.get(stack.url + path.format(job=job), cookies=user.cookies)
        for name, user in {"with": stack.user(Role.ADMIN), "without": viewer}.items()
    }

    assert {name: answer.status_code for name, answer in seen.items()} == {"with": 200, "without": 200}
    assert {name for name, answer in seen.items() if SECRET in answer.text} == {"with"}
    assert "ithheld" in seen["without"].text


def test_the_dashboard_withholds_it_too(stack: Stack, viewer: TestUser, job: str) -> None:
    seen = httpx.get(stack.url + "/dashboard", cookies=viewer.cookies)

    assert (seen.status_code, SECRET in seen.text, "ithheld" in seen.text) == (200, False, True)


@pytest.mark.parametrize("topic", ["job:{job}", "job_log:{job}", "jobs:{job}", "why", "failures"])
def test_live_views_with_it_are_refused_and_outlines_are_not(
    stack: Stack, viewer: TestUser, job: str, topic: str, listen: Callable[..., Listener]
) -> None:
    token = viewer.http.headers["Authorization"].removeprefix("Bearer ")
    wanted = topic.format(job=job)

    assert viewer.http.get("/live", params={"topic": wanted}).status_code == 403
    if not wanted.startswith("job_log"):
        name, _, key = wanted.partition(":")
        stream = listen(stack, f"{name}_outline:{key}" if key else f"{name}_outline", token=token)
        stream.wait_for("event: fragments")
        assert SECRET.encode() not in stream.heard


def test_a_stream_ends_soon_after_the_right_of_who_listens(
    stack: Stack, job: str, listen: Callable[..., Listener]
) -> None:
    user = stack.user(Role.VIEWER)
    stream = listen(stack, f"job:{job}", token=user.http.headers["Authorization"].removeprefix("Bearer "))
    stream.wait_for("event: fragments")

    stack.sql("UPDATE users SET sees_payloads = false WHERE id = %s", str(user.id))

    stream.wait_for("<end>")


def test_who_has_given_it_sees_it_without_the_right(stack: Stack) -> None:
    operator = without_right(stack, Role.OPERATOR)

    own = operator.http.post("/api/jobs", json=ADDITION).json()["id"]

    shown = operator.http.get(f"/api/jobs/{own}", params={"wait": 30}).json()
    assert (shown["args"], shown["result"], shown["withheld"]) == ({"a": 5, "b": 7}, 12, [])


@pytest.fixture(scope="module")
def schedule(stack: Stack) -> str:
    body = {"name": uuid4().hex, "crontab": "0 0 31 12 *", "task": "test.say_and_fail", "args": {"words": SECRET}}
    answer = stack.http.post("/api/schedules", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_arguments_of_schedules_are_withheld_and_running_one_gives_none_away(stack: Stack, schedule: str) -> None:
    operator = without_right(stack, Role.OPERATOR)
    place = f"/api/schedules/{schedule}"

    ran = operator.http.post(f"{place}/run")

    told = [operator.http.get(place + path) for path in ("", "/changes")]
    told += [ran, operator.http.get(f"/api/jobs/{ran.json()['id']}"), operator.http.get("/api/schedules?limit=200")]
    told += [httpx.get(f"{stack.url}/schedules/{schedule}", cookies=operator.cookies)]
    assert [answer.is_success for answer in told] == [True] * len(told)
    assert [answer.url.path for answer in told if SECRET in answer.text] == []
    assert told[0].json()["withheld"] == ["args"]
    form = httpx.get(f"{stack.url}/schedules/{schedule}/edit", cookies=operator.cookies)
    assert form.status_code == 403
    assert "right to see payloads" in form.text
    assert operator.http.patch(place, json={"note": "seen"}).json()["args"] == {}
    assert stack.http.get(place).json()["args"] == {"words": SECRET}


def test_texts_of_mails_and_flower_need_the_right(stack: Stack) -> None:
    operator, other = without_right(stack, Role.OPERATOR), stack.user(Role.OPERATOR)
    address = f"{uuid4().hex}@example.org"
    posted = stack.submit("test.post", args={"to": address})["id"]
    mail = f"/api/mails/{stack.ended(posted)['result']}"

    assert other.http.get(mail).json()["text"]
    shown = operator.http.get(mail).json()
    assert (shown["text"], shown["html"], shown["withheld"]) == ("", "", ["text", "html"])
    listed = operator.http.get("/api/mails", params={"to": address}).json()["mails"]
    assert [one["text"] for one in listed] == [""]
    assert httpx.get(f"{stack.url}/operators/check", cookies=operator.cookies).status_code == 403
    assert httpx.get(f"{stack.url}/operators/check", cookies=other.cookies).status_code == 204
