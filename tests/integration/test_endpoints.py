"""Tasks whose body is a service: called over HTTP with real workers, and known to all who submit jobs."""

import json
import re
from typing import Any

import pytest

from bellhop_client import verify
from bellhop_ledger.platform.secrets import decrypt
from tests.endpoints import AMOUNT, calls, put, say_in_turn
from tests.integration.test_http_request import everything_in_the_database
from tests.problems import fields_of
from tests.shop import open_shop, submit
from tests.site import Says, Site, redirect
from tests.stack import Stack, wait_until

SECRET = "open-sesame-4711"
SIGNING = "whsec_c2lnbmluZy1zZXNhbWUtNDcxMQ=="


def charge(calling: Stack, task: str, amount: int = 7) -> dict[str, Any]:
    """Submit a job and wait for its end."""
    return calling.ended(calling.submit(task, args={"amount": amount})["id"])


def test_a_service_gets_the_arguments_and_all_of_the_job_and_its_answer_is_the_result(
    calling: Stack, site: Site
) -> None:
    site.answers["/charge"] = Says(200, b'{"charge": "ch_1", "fee": 0.5}')
    put(calling, "billing.charge", site.url("/charge"), max_attempts=3, signing_secret=SIGNING)

    job = charge(calling, "billing.charge")

    assert (job["state"], job["attempt"], job["result"]) == ("succeeded", 1, {"charge": "ch_1", "fee": 0.5})
    [asked] = calls(site, job["id"])
    assert (asked.method, json.loads(asked.body)) == ("POST", {"amount": 7})
    told = {name: asked.headers[f"bellhop-{name}"] for name in ("job-id", "task", "attempt", "max-attempts")}
    assert told == {"job-id": job["id"], "task": "billing.charge", "attempt": "1", "max-attempts": "3"}
    assert asked.headers["bellhop-deadline"] > job["started_at"]
    assert asked.headers["idempotency-key"] == job["id"]
    verify(SIGNING, asked.headers, asked.body)


@pytest.mark.parametrize(
    ("answer", "result"), [(Says(200, b"null"), None), (Says(204, b""), None), (Says(201, b"[1, 2]"), [1, 2])]
)
def test_any_json_is_a_result_and_so_is_nothing(calling: Stack, site: Site, answer: Says, result: Any) -> None:
    site.answers["/any"] = answer
    put(calling, "results.any", site.url("/any"))

    job = charge(calling, "results.any")

    assert (job["state"], job["result"]) == ("succeeded", result)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Says(422, b'{"title": "No", "detail": "The card was declined"}'), "422 .*: The card was declined"),
        (Says(404, b"no such thing"), "404 Not Found: no such thing"),
        (Says(400, b'{"error": {"message": "Too little"}}'), "400 Bad Request: Too little"),
        (redirect("http://elsewhere.example/"), "302 Found with the Location http://elsewhere.example/"),
        (Says(200, b"<html>"), "200 OK, but its body is not JSON"),
        (Says(200, b'"' + b"x" * 1_000_000 + b'"'), "more than 1,000,000 bytes"),
        (Says(200, b"NaN"), "must be a finite number"),
    ],
)
def test_what_would_not_get_better_fails_at_once_with_what_the_service_says(
    calling: Stack, site: Site, answer: Says, words: str
) -> None:
    site.answers["/refuse"] = answer
    put(calling, "refusals.any", site.url("/refuse"))

    job = charge(calling, "refusals.any")

    assert (job["state"], job["attempt"], len(calls(site, job["id"]))) == ("failed", 1, 1)
    assert re.search(words, job["error"]["message"])


def test_what_may_get_better_is_tried_again_and_not_before_the_service_wants_it(calling: Stack, site: Site) -> None:
    busy = Says(429, b"later", (("Retry-After", "4"),))
    site.answers["/busy"] = say_in_turn(busy, Says(503, b""), Says(200, b"1"))
    put(calling, "retries.any", site.url("/busy"))

    job = charge(calling, "retries.any")

    assert (job["state"], job["attempt"], job["result"]) == ("succeeded", 3, 1)
    assert [asked.headers["bellhop-attempt"] for asked in calls(site, job["id"])] == ["1", "2", "3"]
    first, second = job["past_attempts"]
    assert (first["outcome"], second["outcome"]) == ("retried", "failed")
    assert first["error"]["message"] == "The answer was 429 Too Many Requests: later"


def test_a_service_that_cannot_be_reached_is_tried_again_until_no_attempt_is_left(calling: Stack, site: Site) -> None:
    put(calling, "unreachable.any", "http://127.0.0.1:1/", max_attempts=1)

    job = charge(calling, "unreachable.any")

    assert (job["state"], job["error"]["type"]) == ("failed", "EndpointFailed")


def test_secrets_arrive_and_are_nowhere_else(calling: Stack, site: Site) -> None:
    schema = {"properties": {"card": {"type": "string"}, "amount": {"type": "integer"}}, "required": ["card"]}
    headers = {"Authorization": f"Bearer {SECRET}", "Accept": "text/plain"}
    site.answers["/secret"] = lambda asked: Says(400, f"no {asked.headers['authorization']} {asked.body!r}".encode())
    made = put(calling, "secrets.pay", site.url("/secret"), schema=schema, secrets=["card"], headers=headers)

    receipt = calling.submit("secrets.pay", args={"card": f"card-{SECRET}"})
    job = calling.ended(receipt["id"])

    [asked] = calls(site, job["id"])
    assert (asked.headers["authorization"], asked.headers["accept"]) == (headers["Authorization"], "text/plain")
    assert json.loads(asked.body) == {"card": f"card-{SECRET}"}
    assert made["headers"] == {"Authorization": "***", "Accept": "text/plain"}
    assert receipt["args"] == job["args"] == {"card": "***"}
    token = asked.headers["bellhop-completion-url"].rpartition("/")[2]
    told = [everything_in_the_database(calling), str(job), *(calling.log(name) for name in calling.services)]
    assert SECRET not in "\n".join(told)
    assert token not in "\n".join(told)


def test_stars_keep_a_secret_for_the_same_host_and_no_other(calling: Stack, site: Site) -> None:
    put(calling, "stars.kept", site.url("/a"), headers={"X-Key": SECRET}, signing_secret=SIGNING)

    kept = put(calling, "stars.kept", site.url("/b"), headers={"X-Key": "***"}, signing_secret="***")
    moved = calling.http.put("/api/tasks/stars.kept", json={"url": "https://example.org/", "headers": {"X-Key": "***"}})

    [[stored]] = calling.sql("SELECT headers->>'X-Key' FROM task_endpoints WHERE name = 'stars.kept'")
    assert kept["url"] == site.url("/b")
    assert decrypt(stored, site.url("").rstrip("/")) == SECRET
    assert fields_of(moved, 422) == ["headers"]


def test_all_who_submit_jobs_know_an_endpoint_by_its_schema(calling: Stack, site: Site) -> None:
    site.answers["/known"] = Says(200, b'"done"')
    put(calling, "known.any", site.url("/known"), description="Charge somebody")
    shop = open_shop(calling)

    wrong = calling.http.post("/api/jobs", json={"task": "known.any", "args": {"amount": "7", "x": 1}})
    in_sql = submit(shop, "known.any", {"amount": 8})
    schedule = {"name": "known", "task": "known.any", "args": {"amount": 9}, "interval_seconds": 1}
    made = calling.http.post("/api/schedules", json=schedule)

    assert sorted(fields_of(wrong, 422)) == ["args.amount", "args.x"]
    assert calling.ended(in_sql)["result"] == "done"
    wait_until(lambda: any(json.loads(asked.body) == {"amount": 9} for asked in site.asked))
    calling.http.delete(f"/api/schedules/{made.json()['id']}")
    listed = {task["name"]: task for task in calling.http.get("/api/tasks").json()["tasks"]}["known.any"]
    assert (listed["is_endpoint"], listed["last_seen"], listed["description"]) == (True, None, "Charge somebody")
    schemas = calling.http.get("/api/openapi.json").json()["components"]["x-schemas"]
    assert schemas["JobRequest.known.any"]["properties"]["args"]["required"] == ["amount"]


def test_what_sql_does_not_check_is_checked_before_the_service_is_called(calling: Stack, site: Site) -> None:
    put(calling, "typed.any", site.url("/typed"))

    job = calling.ended(submit(open_shop(calling), "typed.any", {"amount": "seven"}))

    assert (job["state"], job["error"]["type"]) == ("failed", "UnfitArguments")
    assert calls(site, job["id"]) == []


def test_jobs_that_wait_while_the_endpoint_changes_are_done_as_it_is_then(
    calling: Stack, site: Site, other: Site
) -> None:
    other.answers["/new"] = Says(200, b'"new"')
    put(calling, "changing.any", site.url("/old"))
    assert calling.http.post("/api/tasks/changing.any/pause", json={"reason": "it moves"}).status_code == 200
    waiting = calling.submit("changing.any", args={"amount": 1})["id"]
    unfit = calling.submit("changing.any", args={"amount": -1})["id"]

    properties = {"amount": {"type": "integer", "minimum": 0}, "currency": {"type": "string", "default": "EUR"}}
    put(calling, "changing.any", other.url("/new"), schema={"properties": properties})
    calling.http.post("/api/tasks/changing.any/resume")

    assert calling.ended(waiting)["result"] == "new"
    assert json.loads(calls(other, waiting)[0].body) == {"amount": 1, "currency": "EUR"}
    assert calling.ended(unfit)["error"]["message"].startswith("args.amount: must be at least 0")
    assert site.asked == []


def test_jobs_of_an_endpoint_wait_while_its_host_is_paused(calling: Stack, site: Site) -> None:
    put(calling, "hosts.any", site.url("/host"))
    calling.http.post("/api/hosts/127.0.0.1/pause", json={"reason": "maintenance"})

    id = calling.submit("hosts.any", args={"amount": 1})["id"]
    in_sql = submit(open_shop(calling), "hosts.any", {"amount": 2})

    assert [calling.job(one)["blocked_by"] for one in (id, in_sql)] == ["host:127.0.0.1"] * 2
    calling.http.post("/api/hosts/127.0.0.1/resume")
    site.answers["/host"] = Says(200, b"1")
    assert calling.ended(id)["state"] == "succeeded"


def test_a_name_belongs_to_the_workers_or_to_an_endpoint(calling: Stack, site: Site) -> None:
    put(calling, "test.invoices.of_an_endpoint", site.url())
    taken = calling.http.put("/api/tasks/test.noop", json={"url": site.url()})

    put(calling, "invoices.render", site.url())
    own = calling.start_command("worker-2", "bellhop-worker", BELLHOP_PLUGINS="tests.tasks,tests.tasks.invoices")

    assert taken.status_code == 409
    assert "test.noop is one of the workers'" in taken.json()["detail"]
    wait_until(lambda: own.exit_code is not None)
    assert own.exit_code == 1
    assert "invoices.render is an HTTP endpoint here: DELETE /api/tasks/invoices.render" in calling.log("worker-2")


def test_a_queue_that_nobody_serves_is_told(calling: Stack, site: Site) -> None:
    assert put(calling, "queues.served", site.url())["served"]
    assert not put(calling, "queues.unserved", site.url(), queue="acme")["served"]
    calling.http.delete("/api/tasks/queues.unserved")


def test_a_deleted_endpoint_is_unknown_and_its_jobs_wait_until_it_is_back(calling: Stack, site: Site) -> None:
    site.answers["/back"] = Says(200, b'"back"')
    put(calling, "deleted.any", site.url("/back"))
    assert calling.http.post("/api/tasks/deleted.any/pause", json={"reason": "so that it waits"}).status_code == 200
    id = calling.submit("deleted.any", args={"amount": 1})["id"]

    assert calling.http.delete("/api/tasks/deleted.any").status_code == 204
    calling.http.post("/api/tasks/deleted.any/resume")

    wait_until(lambda: "task=deleted.any" in calling.log("worker"))
    assert "task_unknown" in calling.log("worker")
    wait_until(lambda: calling.http.post("/api/jobs", json={"task": "deleted.any"}).status_code == 422)
    assert {calling.http.request(how, "/api/tasks/deleted.any").status_code for how in ("GET", "DELETE")} == {404}
    assert calling.job(id)["state"] == "queued"
    put(calling, "deleted.any", site.url("/back"))
    assert calling.ended(id)["result"] == "back"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "ftp://example.org/"}, "url"),
        ({"schema": {"type": "array"}}, "schema"),
        ({"schema": {"properties": {"a": {"type": "integr"}}}}, "schema"),
        ({"schema": {"properties": {"a": {"$ref": "https://example.org/a.json"}}}}, "schema"),
        ({"schema": {"properties": {"a": {"$ref": "#/$defs/A/properties/b"}}, "$defs": {"A": {}}}}, "schema"),
        ({"schema": AMOUNT, "secrets": ["amount"]}, "secrets"),
        ({"schema": {"properties": {"a": {"type": "string", "default": "x"}}}, "secrets": ["a"]}, "secrets"),
        ({"timeout": 601}, "timeout"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"headers": {"Host": "example.org"}}, "headers"),
        ({"signing_secret": "short"}, "signing_secret"),
        ({"heartbeat": 3}, "heartbeat"),
    ],
)
def test_what_is_wrong_with_an_endpoint_is_named(calling: Stack, wrong: dict[str, Any], field: str) -> None:
    answer = calling.http.put("/api/tasks/wrong.any", json={"url": "https://example.org/", **wrong})

    assert fields_of(answer, 422) == [field]


def test_endpoints_are_for_operators(calling: Stack) -> None:
    user = calling.user().http

    assert {user.request(how, "/api/tasks/a.b", json={}).status_code for how in ("GET", "PUT", "DELETE")} == {403}
