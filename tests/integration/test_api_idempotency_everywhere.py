"""Idempotency-Key on every route: what changes something honours the header or refuses it, and never ignores it."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any
from uuid import uuid4

import httpx
import psycopg2
import pytest

from tests.integration.test_api_schedules import created
from tests.problems import LATER, fields_of
from tests.samples import all_samples
from tests.stack import Stack, wait_until

TAG = "sent-twice"
TAGGED = {"q": f"tag:{TAG}", "count": 1, "delay": 3600}
BODIES: dict[str, tuple[Any, Any]] = {
    "/api/jobs": (LATER, LATER | {"priority": 9}),
    "/api/jobs/batch": ({"jobs": [LATER]}, {"jobs": [LATER, LATER]}),
    "/api/schedules/{schedule_id}/run": (None, None),
    "/api/jobs/retry": (TAGGED, TAGGED | {"delay": 3599}),
    "/api/jobs/cancel": (TAGGED, TAGGED | {"delay": 3599}),
    **dict(chain.from_iterable(one.bodies.items() for one in all_samples())),
}
"""What is sent twice to the routes that honour the header, and what another request would be."""
ROWS = (
    "jobs WHERE submitter IS NOT NULL",
    "schedules",
    "bulk_actions",
    "schedule_runs WHERE is_manual",
    "schedule_changes WHERE changed_by LIKE '%:%'",
    *chain.from_iterable(one.rows for one in all_samples()),
)
"""What requests write, and the scheduler meanwhile does not."""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s"


@pytest.fixture(scope="module")
def operations(stack: Stack) -> dict[tuple[str, str], bool]:
    """By method and path of the OpenAPI document: whether the operation takes the header."""
    paths = stack.http.get("/api/openapi.json").json()["paths"]
    return {
        (method, path): any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", []))
        for path, item in paths.items()
        for method, operation in item.items()
        if method in {"post", "patch"}
    }


@pytest.fixture(scope="module", autouse=True)
def tagged(stack: Stack) -> None:
    """One failed job to retry, and one that waits to be cancelled."""
    failing = {"task": "test.fail", "args": {"times": 9, "permanent": True}}
    stack.ended(stack.submit(**failing, tags=[TAG])["id"])
    stack.submit(**LATER, tags=[TAG])


@pytest.fixture
def key() -> str:
    return uuid4().hex


@pytest.fixture
def send(stack: Stack, key: str) -> Iterator[Callable[..., httpx.Response]]:
    """Send something with the key, as somebody with an account."""
    with httpx.Client(base_url=stack.url, headers=stack.user("operator").http.headers) as client:

        def post(path: str, body: Any) -> httpx.Response:
            headers = {"Idempotency-Key": key}
            if isinstance(body, bytes):
                return client.post(path, content=body, headers=headers | {"Content-Type": "text/csv"})
            return client.post(path, json=body, headers=headers)

        yield post


def path_of(stack: Stack, path: str) -> str:
    return path.replace("{schedule_id}", created(stack)["id"]) if "{" in path else path


def rows(stack: Stack) -> list[int]:
    return [stack.sql(f"SELECT count(*) FROM {written}")[0][0] for written in ROWS]


def test_every_route_that_does_not_take_a_key_refuses_one_and_does_nothing(
    stack: Stack, operations: dict[tuple[str, str], bool]
) -> None:
    refusing = [operation for operation, takes in operations.items() if not takes]
    before = rows(stack)

    for method, path in refusing:
        answer = stack.http.request(method, re.sub(r"{.*?}", str(uuid4()), path), headers={"Idempotency-Key": "k"})
        assert fields_of(answer, 400) == ["Idempotency-Key"], f"{method} {path}"
        assert "not supported here" in answer.json()["errors"][0]["message"]

    assert len(refusing) > 15
    assert rows(stack) == before


def test_every_route_that_takes_a_key_is_proved_below(operations: dict[tuple[str, str], bool]) -> None:
    assert {operation for operation, takes in operations.items() if takes} == {("post", path) for path in BODIES}


@pytest.mark.parametrize("path", BODIES)
def test_what_is_sent_twice_with_one_key_is_done_once(
    stack: Stack, send: Callable[..., httpx.Response], path: str
) -> None:
    body, _ = BODIES[path]
    path = path_of(stack, path)
    first = send(path, body)
    done = rows(stack)

    second = send(path, body)

    assert first.status_code == second.status_code, second.text
    assert first.status_code in {201, 202}, stack.log("web")[-3000:]
    assert second.headers.get("Location") == first.headers.get("Location")
    assert second.json().get("id") == first.json().get("id")
    assert rows(stack) == done


@pytest.mark.parametrize(("path", "bodies"), [one for one in BODIES.items() if one[1][0] is not None])
def test_the_same_key_for_something_else_is_a_conflict(
    stack: Stack, send: Callable[..., httpx.Response], path: str, bodies: tuple[Any, Any]
) -> None:
    send(path, bodies[0])
    done = rows(stack)

    assert send(path, bodies[1]).status_code == 409
    assert rows(stack) == done


def test_one_key_runs_two_schedules(stack: Stack, send: Callable[..., httpx.Response]) -> None:
    jobs = {send(f"/api/schedules/{created(stack)['id']}/run", None).json()["id"] for _ in range(2)}

    assert len(jobs) == 2


def test_without_a_key_each_request_runs_the_schedule(stack: Stack) -> None:
    path = f"/api/schedules/{created(stack)['id']}/run"

    assert stack.http.post(path).json()["id"] != stack.http.post(path).json()["id"]


@pytest.mark.parametrize("odd", ["", "a,b", "with space"])
def test_an_odd_key_runs_nothing(stack: Stack, odd: str) -> None:
    made = created(stack)

    answer = stack.http.post(f"/api/schedules/{made['id']}/run", headers={"Idempotency-Key": odd})

    assert fields_of(answer) == ["Idempotency-Key"]
    assert stack.http.get(f"/api/schedules/{made['id']}/history").json()["runs"] == []


def test_two_requests_that_wait_for_the_schedule_together_run_it_once(stack: Stack, key: str) -> None:
    made = created(stack)
    path = f"/api/schedules/{made['id']}/run"
    holder = psycopg2.connect(stack.postgres.url)
    with ThreadPoolExecutor(2) as threads, holder.cursor() as cursor:
        cursor.execute("SELECT FROM schedules WHERE id = %s FOR UPDATE", (made["id"],))
        sent = [threads.submit(stack.http.post, path, headers={"Idempotency-Key": key}) for _ in range(2)]
        wait_until(lambda: stack.sql(WAITING, "%FROM schedules%FOR UPDATE%")[0][0] >= 2)
        holder.rollback()
        answers = [one.result() for one in sent]
    holder.close()

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(stack.http.get(f"/api/schedules/{made['id']}/history").json()["runs"]) == 1


def test_a_key_changes_nothing_about_what_may_be_repeated_anyway(stack: Stack) -> None:
    made = created(stack)

    answer = stack.http.delete(f"/api/schedules/{made['id']}", headers={"Idempotency-Key": "k"})

    assert answer.json()["state"] == "deleted"
