"""Looking for jobs by a query: what each term finds, in the API and on the page, and who may ask for what."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from bellhop_ledger.accounts.roles import Role
from tests.integration.test_payloads import without_right
from tests.integration.test_service_tokens import made
from tests.problems import LATER, fields_of
from tests.stack import Stack

ONE = "0c0ffee5ca1ab1e0ddba11facade1995"  # the same in all processes that run these tests
"""A word that stands in all jobs of this module."""


def found(client: httpx.Client, q: str, **more: Any) -> set[str]:
    answer = client.get("/api/jobs", params={"q": q, "limit": 200, **more})
    assert answer.status_code == 200, answer.text
    return {job["id"] for job in answer.json()["jobs"]}


def message_of(answer: httpx.Response) -> str:
    assert answer.status_code == 422, answer.text
    assert fields_of(answer) == ["q"]
    return str(answer.json()["errors"][0]["message"])


@pytest.fixture(scope="module")
def jobs(stack: Stack) -> dict[str, str]:
    """One failed job, one that succeeded, one that waits, one with much in its arguments."""
    failing = {"words": f"{ONE}: ConnectionRefusedError in api.example, number 4711"}
    made = {
        "failed": stack.submit("test.say_and_fail", args=failing, tags=[ONE, "a"]),
        "added": stack.submit("test.add", args={"a": 5, "b": 7}, tags=[ONE, "b"], label=f"The invoice of {ONE}-Ada"),
        "later": stack.submit("test.write", args={"key": ONE}, tags=[ONE, "a", "b"], delay=3600),
        "noted": stack.submit(
            "test.note_down", args={"what": {"order": 1042, "lines": ["x", {"n": "y"}]}}, tags=[ONE], delay=3600
        ),
    }
    for name in ("failed", "added"):
        stack.ended(made[name]["id"])
    return {name: job["id"] for name, job in made.items()}


FINDS = {
    "": {"failed", "added", "later", "noted"},
    "state:failed": {"failed"},
    "state:succeeded,scheduled": {"added", "later", "noted"},
    "-state:failed": {"added", "later", "noted"},
    "state:retrying,expired": set(),
    "task:test.add": {"added"},
    "task:test.*": {"failed", "added", "later", "noted"},
    "task:*say*,*.add": {"failed", "added"},
    "-task:test.add,test.write": {"failed", "noted"},
    "task:no.such,no.*": set(),
    "queue:slow": {"added"},
    "queue:sl*,default": {"failed", "added", "later", "noted"},
    "queue:no-such": set(),
    "tag:a": {"failed", "later"},
    "tag:a,b": {"failed", "added", "later"},
    "tag:a tag:b": {"later"},
    "args.a:5": {"added"},
    "args.a:5,6 args.b:7": {"added"},
    "args.a:6": set(),
    'args.a:"5"': set(),
    f"args.key:{ONE}": {"later"},
    "args.what.order:1042": {"noted"},
    "args.what.lines:x": {"noted"},
    "args.what.lines.n:y": set(),
    "error:refused": {"failed"},
    "error:connectionrefused": {"failed"},
    'error:"in api.example"': {"failed"},
    'error:"api in example"': set(),
    "error:ValueError": {"failed"},
    "error:value": {"failed"},
    "error:471": {"failed"},
    "-error:refused": {"added", "later", "noted"},
    "label:invoice": {"added"},
    'label:"invoice of"': {"added"},
    f"{ONE}": {"failed", "added"},
    "note_down": {"noted"},
    "-invoice": {"failed", "later", "noted"},
    "worker:no-such-host": set(),
    "since:1h": {"failed", "added", "later", "noted"},
    "until:1h": set(),
    "state:failed since:1h": {"failed"},
    "state:failed until:1h": set(),
    "created:1h..": {"failed", "added", "later", "noted"},
    "ended:1h..": {"failed", "added"},
    "quiet:yes": {"failed", "added", "later", "noted"},
}


@pytest.mark.parametrize("terms", FINDS)
def test_a_term_finds_what_it_says(stack: Stack, jobs: dict[str, str], terms: str) -> None:
    names = {id: name for name, id in jobs.items()}

    assert {names[id] for id in found(stack.http, f"tag:{ONE} {terms}")} == FINDS[terms]


def test_a_job_is_found_by_ids_and_by_who_and_where(stack: Stack, jobs: dict[str, str]) -> None:
    job = stack.job(jobs["added"])
    [(reason,)] = stack.sql("SELECT reason FROM jobs WHERE id = %s", jobs["failed"])
    host = job["worker"].partition("@")[2].partition(":")[0]
    queries = [
        f"id:{job['id']}", f"id:{job['id'][:13]}…", f"id:{job['id']},01a2b3c4", job["id"],
        f"request:{job['request_id']}",
        f"tag:{ONE} submitter:{job['submitter']} {job['id'][:8]}", f"tag:{ONE} worker:{host} task:test.add",
        f"tag:{ONE} worker:{job['worker']} task:test.add", f"tag:{ONE} worker:{host[:-1]}* task:test.add",
    ]  # fmt: skip

    assert {query: jobs["added"] in found(stack.http, query) for query in queries} == dict.fromkeys(queries, True)
    assert found(stack.http, f"tag:{ONE} reason:{reason}") == {jobs["failed"]}
    assert found(stack.http, f"tag:{ONE} worker:{host[:-1]}") == set()
    assert found(stack.http, f"id:{job['id']} -{job['id']}") == set()


def test_a_query_narrows_the_other_filters_and_pages_are_complete(stack: Stack, jobs: dict[str, str]) -> None:
    query: dict[str, Any] = {"q": f"tag:{ONE}", "limit": 1}
    seen: list[str] = []
    while len(seen) <= len(jobs):
        page = stack.http.get("/api/jobs", params=query).json()
        seen += [job["id"] for job in page["jobs"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    assert sorted(seen) == sorted(jobs.values())
    assert found(stack.http, f"tag:{ONE}", state="failed") == {jobs["failed"]}
    other = stack.http.get("/api/jobs", params=query | {"q": f"tag:{ONE} tag:a"})
    assert fields_of(other) == ["cursor"]


def test_what_ended_in_one_way_is_sorted_by_its_end(stack: Stack, jobs: dict[str, str]) -> None:
    late = stack.submit("test.fail", args={"times": 9, "permanent": True}, tags=[ONE], delay=3600)
    stack.submit("test.fail", args={"times": 9, "permanent": True}, tags=[ONE])
    stack.sql("UPDATE jobs SET run_at = now() WHERE id = %s", late["id"])
    stack.ended(late["id"])

    query = {"q": f"state:failed tag:{ONE}", "sort": "ended"}
    first = stack.http.get("/api/jobs", params=query).json()["jobs"][0]["id"]
    created = stack.http.get("/api/jobs", params=query | {"sort": "created"}).json()["jobs"][0]["id"]

    assert (first, created != late["id"]) == (late["id"], True)
    assert fields_of(stack.http.get("/api/jobs", params={"q": f"tag:{ONE}", "sort": "ended"})) == ["sort"]
    assert jobs["failed"] in found(stack.http, query["q"], sort="ended")


def test_a_schedule_is_named_and_one_that_is_not_known_is_refused_with_what_is_like_it(stack: Stack) -> None:
    name = f"nightly sums {uuid4().hex[:8]}"
    wanted = {"name": name, "task": "test.add", "args": {"a": 5, "b": 7}, "crontab": "0 3 * * *"}
    schedule = stack.http.post("/api/schedules", json=wanted).json()
    job = stack.http.post(f"/api/schedules/{schedule['id']}/run").json()

    assert found(stack.http, f'schedule:"{name}"') == found(stack.http, f"schedule:{schedule['id']}") == {job["id"]}
    unknown = stack.http.get("/api/jobs", params={"q": f'state:failed schedule:"{name}s"'})
    assert message_of(unknown) == f"at 14: there is no schedule '{name}s'; is '{name}' meant?"
    page = stack.http.get("/jobs", params={"q": f'schedule:"{name}s"'})
    assert (page.status_code, "No job matches." in page.text) == (422, True)
    stack.http.delete(f"/api/schedules/{schedule['id']}")
    assert found(stack.http, f'schedule:"{name}"') == {job["id"]}


def test_a_submitter_is_named_by_token_or_address(stack: Stack) -> None:
    token, operator = made(stack, tasks=["test.*"]), stack.user("operator")
    shop = token["name"]
    of_service = stack.client(token["token"]).post("/api/jobs", json=LATER).json()
    of_person = operator.http.post("/api/jobs", json=LATER).json()

    assert found(stack.http, f'submitter:"{shop}"') == {of_service["id"]}
    assert of_person["id"] in found(stack.http, f"submitter:{operator.email}")
    assert found(stack.http, f'submitter:"{shop}",{operator.email}') >= {of_service["id"], of_person["id"]}
    unknown = stack.http.get("/api/jobs", params={"q": f'submitter:"{shop}x"'})
    assert f"is {shop!r} meant?" in message_of(unknown)


def test_who_sees_their_own_jobs_alone_finds_those_and_learns_no_names(stack: Stack, jobs: dict[str, str]) -> None:
    user, token = stack.user(), made(stack, tasks=["test.*"])
    shop = stack.client(token["token"])
    mine = shop.post("/api/jobs", json=LATER | {"tags": [uuid4().hex]}).json()

    assert found(user.http, f"tag:{ONE}") == found(user.http, jobs["added"]) == set()
    assert found(shop, f"tag:{ONE}") == set()
    assert found(shop, f"tag:{mine['tags'][0]}") == {mine["id"]}
    for q in (f'submitter:"{token["name"]}"', "schedule:nightly"):
        assert "meant" not in message_of(user.http.get("/api/jobs", params={"q": q}))


@pytest.mark.usefixtures("jobs")
def test_who_must_not_see_payloads_finds_nothing_by_them(stack: Stack, jobs: dict[str, str]) -> None:
    viewer = without_right(stack, Role.VIEWER)

    for q in ("args.a:5", "error:refused", "-error:refused"):
        assert viewer.http.get("/api/jobs", params={"q": q}).status_code == 403
    assert found(viewer.http, f"{ONE} tag:{ONE}") == {jobs["added"]}  # by its label
    assert viewer.http.get("/jobs", params={"q": f"tag:{ONE}"}).status_code == 200


WRONG = {
    "statte:failed": "at 1: 'statte' is no term; is 'state' meant?",
    "task:a error:": "at 14: error: has no value",
    'x "': "at 3: the closing quote is missing",
    "\x7f": "at 1: a query has no control characters",
}


@pytest.mark.parametrize("q", WRONG)
def test_a_query_that_cannot_be_read_is_refused_with_the_place(stack: Stack, q: str) -> None:
    assert message_of(stack.http.get("/api/jobs", params={"q": q})) == WRONG[q]

    page = stack.http.get("/jobs", params={"q": q})
    assert page.status_code == 422
    assert WRONG[q].partition(":")[0] in page.text


def test_any_query_is_answered_or_refused_and_never_an_error(stack: Stack) -> None:
    odd = [
        "args.a:1e999", "args.a:" + "9" * 200, 'args.a:""', 'args.a:"\\u0000"', "args.ä:ö", "args.a.b:null",
        "error:é", 'error:"a\'b:*|!"', "label:''", "'", "%", "_", "\\", '"\\\\"', "id:ffffffff", "id:0000", "task:*",
        "task:%", "queue:_", "worker:%", "worker:*", "since:0001-01-01", "until:9999-12-31T23:59:59Z", "until:100w",
        "created:..0001-01-01T00:00:00+14:00", "tag:a@b", "-quiet", "--x", "-", ",", "a,b,c", "𝔘𝔫𝔦", "1" * 900,
        "sort:ended", "request:x", "reason:0a1b2c3d4e5f", "parent:00000000-0000-0000-0000-000000000000",
    ]  # fmt: skip

    codes = {q: stack.http.get("/api/jobs", params={"q": q}).status_code for q in odd}

    assert {q: code for q, code in codes.items() if code not in {200, 422}} == {}


def test_suggestions_come_from_what_there_is(stack: Stack, jobs: dict[str, str]) -> None:
    stack.ended(jobs["added"])

    def suggested(word: str) -> list[str]:
        answer = stack.http.get("/api/search/suggestions", params={"word": word}).json()
        return [one["text"] for one in answer["suggestions"]]

    assert suggested("st") == ["state:"]
    assert suggested("-sta") == ["-state:"]
    assert suggested("state:fa") == ["state:failed"]
    assert suggested("state:failed,can") == ["state:failed,cancelled"]
    assert "task:test.note_down" in suggested("task:note")
    assert suggested(f"tag:{ONE[:30]}") == [f"tag:{ONE}"]
    assert "queue:default" in suggested("queue:")
    assert "args.key:" in suggested("args.ke")
    assert suggested("worker:") != []
    assert suggested("submitter:") != []
    assert suggested("nothing-of-the-kind") == suggested("id:") == []
    assert stack.user().http.get("/api/search/suggestions").status_code == 403


def test_the_page_shows_old_filters_as_a_query_whose_terms_are_taken_out_by_links(stack: Stack) -> None:
    page = stack.http.get("/jobs", params={"state": "retrying", "task": "test.add", "tag": "a b", "quiet": "true"}).text

    assert 'value="state:retrying task:test.add tag:a tag:b quiet:yes"' in page
    assert 'href="/jobs?q=state:retrying+task:test.add+tag:b+quiet:yes"' in page
    assert "state:failed" in stack.http.get("/jobs", params={"state": "failed"}).text


def test_a_count_of_newer_jobs_is_of_those_that_the_query_finds(stack: Stack) -> None:
    tag = uuid4().hex
    first = stack.submit(**LATER, tags=[tag])["id"]
    page = stack.http.get("/jobs", params={"q": f"tag:{tag}"}).text
    assert f"/jobs/newer?q=tag:{tag}&amp;first={first}" in page

    for more in range(3):
        stack.submit(**LATER, tags=[tag] if more else [])
    newer = stack.http.get("/jobs/newer", params={"q": f"tag:{tag}", "first": first}).text

    assert "2 newer jobs" in newer
    assert f'href="/jobs?q=tag:{tag}"' in newer
    assert stack.http.get("/jobs/newer", params={"q": "x:y", "first": first}).status_code == 422
