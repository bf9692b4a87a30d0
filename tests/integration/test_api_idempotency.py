"""The header Idempotency-Key: a request that is sent again changes nothing."""

import hashlib
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from bellhop_ledger.ledger.submit import KeyReused, submit_all
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.secrets import hash_of, keyed
from bellhop_web.jobs.requests import Origin, new_job
from bellhop_web.jobs.requests import hash_of as request_hash_of
from bellhop_web.jobs.wanted import JobRequest
from bellhop_worker.http_requests.reencrypt import reencrypt_all
from tests.problems import ADDITION, LATER, fields_of
from tests.samples import all_samples
from tests.stack import Stack

BATCH = {"jobs": [LATER, LATER | {"priority": 9}, LATER]}


def send(stack: Stack, key: str, path: str = "/api/jobs", body: Any = LATER) -> httpx.Response:
    return stack.http.post(path, json=body, headers={"Idempotency-Key": key})


@pytest.fixture
def key() -> str:
    return uuid4().hex


def test_the_same_key_gives_back_the_first_job(stack: Stack, key: str) -> None:
    first, second = send(stack, key), send(stack, key)

    assert (first.status_code, second.status_code) == (202, 202)
    assert second.json() == first.json()
    assert second.headers["Location"] == first.headers["Location"]


def test_the_same_key_gives_back_the_job_as_it_is_now(stack: Stack, key: str) -> None:
    first = send(stack, key, body={"task": "test.noop"}).json()
    stack.ended(first["id"])

    second = send(stack, key, body={"task": "test.noop"}).json()

    assert (second["id"], second["state"]) == (first["id"], "succeeded")


def test_the_same_body_written_differently_is_the_same(stack: Stack, key: str) -> None:
    first = send(stack, key).json()
    written = '{ "delay": 1000000.0, "args": {"b": 7, "a": 5},\n "task": "test.add" }'
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}

    second = stack.http.post("/api/jobs", content=written, headers=headers)

    assert second.json()["id"] == first["id"]


def test_another_body_under_the_same_key_is_a_conflict(stack: Stack, key: str) -> None:
    first = send(stack, key).json()

    assert fields_of(send(stack, key, body=LATER | {"priority": 1}), 409) == []
    assert send(stack, key).json() == first


def test_without_a_key_each_request_makes_a_job(stack: Stack) -> None:
    assert stack.submit(**LATER)["id"] != stack.submit(**LATER)["id"]


@pytest.mark.parametrize(("path", "body", "jobs"), [("/api/jobs", LATER, 1), ("/api/jobs/batch", BATCH, 3)])
def test_twenty_at_once_with_one_key_make_one(stack: Stack, key: str, path: str, body: Any, jobs: int) -> None:
    together = Barrier(20)

    def send_together(_: int) -> httpx.Response:
        together.wait()
        return send(stack, key, path, body)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(send_together, range(20)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert stack.sql("SELECT count(*) FROM jobs WHERE idempotency_key LIKE %s", f"%{key}") == [(jobs,)]


def test_a_batch_that_is_sent_again_gives_the_same_jobs(stack: Stack, key: str) -> None:
    first, second = (send(stack, key, "/api/jobs/batch", BATCH).json() for _ in range(2))

    assert second == first
    assert len({job["id"] for job in first["jobs"]}) == 3


@pytest.mark.parametrize("jobs", [BATCH["jobs"][:2], [*BATCH["jobs"], LATER], BATCH["jobs"][::-1]])
def test_another_batch_under_the_same_key_is_a_conflict(stack: Stack, key: str, jobs: list[Any]) -> None:
    send(stack, key, "/api/jobs/batch", {"jobs": [*BATCH["jobs"], ADDITION | {"delay": 2_000_000}]})

    answer = send(stack, key, "/api/jobs/batch", {"jobs": jobs})

    assert fields_of(answer, 409) == []
    assert stack.sql("SELECT count(*) FROM jobs WHERE idempotency_key LIKE %s", f"%{key}") == [(4,)]


def test_the_largest_batch_with_a_key_is_read_once_and_not_once_a_job(stack: Stack, key: str) -> None:
    body = {"jobs": [LATER] * 10_000}

    first, second = (send(stack, key, "/api/jobs/batch", body) for _ in range(2))

    assert second.text == first.text


def test_a_job_and_a_batch_do_not_share_keys(stack: Stack, key: str) -> None:
    batch = send(stack, key, "/api/jobs/batch", BATCH).json()

    single = [send(stack, other) for other in (key, f"batch/jobs/0/{key}", f"/batch:jobs/0:{key}")]

    assert [answer.status_code for answer in single] == [202] * 3
    assert not {answer.json()["id"] for answer in single} & {job["id"] for job in batch["jobs"]}


def with_keys(*keys: str, **more: Any) -> dict[str, Any]:
    """A batch of jobs with keys of their own."""
    return {"jobs": [LATER | more | {"key": key} for key in keys]}


def test_jobs_of_a_batch_with_keys_of_their_own_can_come_again_in_another_batch(stack: Stack, key: str) -> None:
    a, b, c = (f"{key}-{name}" for name in "abc")
    first = stack.submit_many(with_keys(a, b)["jobs"])

    second = stack.submit_many([LATER, *with_keys(c, b, a)["jobs"]])

    assert second[2:] == first[::-1]
    assert len({job["id"] for job in first + second}) == 4


def test_the_key_of_a_job_is_that_of_a_request_for_it_alone(stack: Stack, key: str) -> None:
    alone = send(stack, f"{key}-a").json()
    [other] = stack.submit_many(with_keys(f"{key}-b")["jobs"])

    assert stack.submit_many(with_keys(f"{key}-a")["jobs"])[0]["id"] == alone["id"]
    assert send(stack, f"{key}-b").json()["id"] == other["id"]


def test_a_key_of_its_own_counts_in_place_of_the_header(stack: Stack, key: str) -> None:
    body = {"jobs": [LATER, LATER | {"key": f"{key}-own"}]}

    first, second = (send(stack, key + header, "/api/jobs/batch", body).json()["jobs"] for header in "ab")

    assert first[0]["id"] != second[0]["id"]
    assert first[1] == second[1]


def test_the_same_key_twice_in_a_batch_is_one_job(stack: Stack, key: str) -> None:
    first, second = stack.submit_many(with_keys(key, key)["jobs"])

    assert first == second


def test_each_key_that_was_used_for_another_job_is_named_and_nothing_is_accepted(stack: Stack, key: str) -> None:
    a, b, c = (f"{key}-{name}" for name in "abc")
    stack.submit_many(with_keys(a, b)["jobs"])

    answer = send(stack, key, "/api/jobs/batch", {"jobs": [LATER, *with_keys(a, c, b, c, priority=1)["jobs"]]})
    twice = send(stack, key, "/api/jobs/batch", {"jobs": with_keys(c)["jobs"] + with_keys(c, priority=1)["jobs"]})

    assert fields_of(answer, 409) == ["jobs.1.key", "jobs.3.key"]
    assert fields_of(twice, 409) == ["jobs.1.key"]
    assert twice.json()["errors"][0]["message"] == "was used before, for a different request"
    assert stack.sql("SELECT count(*) FROM jobs WHERE idempotency_key LIKE %s", f"%{key}%") == [(2,)]


def test_batches_with_the_same_keys_in_another_order_do_not_lock_one_another_out(stack: Stack, key: str) -> None:
    keys = [f"{key}-{number:03}" for number in range(300)]
    batches = [keys, keys[::-1], keys[150:] + keys[:150], keys[::2] + keys[1::2]]

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda batch: stack.submit_many(with_keys(*batch)["jobs"]), batches))

    ids = [
        dict(zip(batch, (job["id"] for job in jobs), strict=True)) for batch, jobs in zip(batches, answers, strict=True)
    ]
    assert ids == [ids[0]] * 4
    assert len(set(ids[0].values())) == 300


def test_a_key_belongs_to_its_token(stack: Stack, key: str) -> None:
    stack.sql("INSERT INTO tokens (id, name, hash) VALUES (%s, %s, %s)", str(uuid4()), key, hash_of(key))
    first = send(stack, key).json()

    second = stack.http.post(
        "/api/jobs", json=LATER | {"priority": 9}, headers={"Idempotency-Key": key, "Authorization": f"Bearer {key}"}
    )

    assert second.status_code == 202
    assert second.json()["id"] != first["id"]


SECRET = {"task": "http.request", "args": {"url": "http://127.0.0.1:1/", "headers": {"X-Pin": "4711"}}, "delay": 1e6}
HASHED = {"/api/jobs": SECRET, "/api/jobs/batch": {"jobs": [SECRET]}}
HASHED |= {path: body for one in all_samples() for path, (body, _) in one.bodies.items()}


@pytest.mark.parametrize("path", HASHED)
def test_the_stored_hash_of_a_request_cannot_be_made_without_our_key(stack: Stack, key: str, path: str) -> None:
    body, headers = HASHED[path], {"Idempotency-Key": key}
    kind: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body} if body else {}
    if isinstance(body, bytes):
        headers["Content-Type"] = "text/csv"

    operator = stack.user("operator").http  # a poll wants a person

    answers = [operator.post(path, headers=headers, **kind).status_code for _ in range(2)]

    hashes = stack.sql("SELECT request_hash FROM jobs WHERE idempotency_key LIKE %s", f"%{key}")
    assert answers in ([202, 202], [201, 201])
    assert hashes or answers == [201, 201]  # what is no job has its hash elsewhere
    assert all(re.fullmatch("keyed:v1:[0-9a-f]{64}", hashed) for (hashed,) in hashes)


def as_before(body: Any) -> str:
    """The hash that the release before stored."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def test_a_request_of_the_release_before_is_known_again(stack: Stack, key: str) -> None:
    first = send(stack, key).json()
    stack.sql("UPDATE jobs SET request_hash = %s WHERE id = %s", as_before(LATER), first["id"])

    assert send(stack, key).json() == first
    assert fields_of(send(stack, key, body=LATER | {"priority": 1}), 409) == []


def submitted(key: str, body: dict[str, Any]) -> UUID:
    """Submit as a route does; return the job's id."""
    origin = Origin("me", "request", "/api/jobs", key).with_hash(request_hash_of(body))
    with transaction() as db:
        return submit_all(db, [new_job(JobRequest(**body), origin)])[0].id


def test_a_request_is_known_again_while_the_key_changes(
    ledger: Stack, set_keys: Callable[[str], None], key: str
) -> None:
    first = submitted(key, LATER)

    set_keys("the new key which is long,dev-only-encryption-key")
    again = submitted(key, LATER)
    with pytest.raises(KeyReused):
        submitted(key, LATER | {"priority": 1})
    set_keys("the new key which is long")
    with pytest.raises(KeyReused):  # nobody can tell that it is the same
        submitted(key, LATER)

    assert again == first


def test_bare_hashes_are_keyed_when_secrets_are_encrypted_again(ledger: Stack, key: str) -> None:
    first = submitted(key, LATER)
    ledger.sql("UPDATE jobs SET request_hash = %s", as_before(LATER))

    with transaction() as db:
        reencrypt_all(db)

    assert ledger.sql("SELECT request_hash FROM jobs") == [(keyed(as_before(LATER))[0],)]
    assert submitted(key, LATER) == first


@pytest.mark.parametrize("odd", ["", "x" * 201, "a,b", "with space", "tab\tin it", "ünicode".encode(), b"\xff\xfe"])
def test_an_odd_key_is_refused_by_its_name(stack: Stack, odd: Any) -> None:
    answer = stack.http.post("/api/jobs", json=LATER, headers={"Idempotency-Key": odd})

    assert fields_of(answer) == ["Idempotency-Key"]


@pytest.mark.parametrize("odd", ["", "x" * 201, "a,b", "with space", "ünicode", 5])
def test_an_odd_key_of_a_job_is_refused_by_its_name(stack: Stack, odd: Any) -> None:
    answer = stack.http.post("/api/jobs/batch", json={"jobs": [LATER, LATER | {"key": odd}]})

    assert fields_of(answer) == ["jobs.1.key"]


def test_two_keys_are_refused(stack: Stack) -> None:
    headers = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]

    assert fields_of(stack.http.post("/api/jobs", json=LATER, headers=headers)) == ["Idempotency-Key"]
