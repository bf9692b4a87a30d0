"""What plain users ask for: it leaves room for others, has a bound, and what an answer points to is theirs to read."""

import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.cast import Person, TestUser
from tests.problems import fields_of
from tests.site import Site
from tests.stack import Stack, wait_until
from workloads.polls.tests.polls import TEA_OR_COFFEE

SOON = 5.0
"""Seconds within which a bystander's job has begun."""
MOST = 7


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


def test_hanging_fetches_of_people_hold_nobody_up(make_stack: Callable[..., Stack], silent: str) -> None:
    stack = make_stack("web", "worker", "scheduler", FETCH_ALLOW="127.0.0.0/8")
    people, site = [stack.user() for _ in range(5)], Site()
    for user in people:
        assert user.http.post("/api/fetches", json={"urls": [silent] * 100}).status_code == 202
        user.http.post("/products/sums", data={"a": "1", "b": "2"})
    wait_until(lambda: stack.sql("SELECT 1 FROM jobs WHERE queue = 'people' AND state = 'running'"))

    call = stack.submit("http.request", args={"url": site.url()})
    Person(stack.client(), "bystander@example.org").sign_up()
    mail = "SELECT j.id::text FROM mails m JOIN jobs j ON j.id = m.job_id WHERE m.recipient = 'bystander@example.org'"

    for id in (call["id"], stack.sql(mail)[0][0]):
        job = stack.ended(id)
        waited = datetime.fromisoformat(job["started_at"]) - datetime.fromisoformat(job["created_at"])
        assert job["state"] == "succeeded"
        assert waited < timedelta(seconds=SOON)
    [[running]] = stack.sql("SELECT count(*) FROM jobs WHERE queue = 'people' AND state = 'running'")
    assert running == 1
    site.close()


def test_people_have_their_work_done_one_after_another_without_a_scheduler(
    make_stack: Callable[..., Stack],
) -> None:
    stack, site = make_stack("web", "worker", FETCH_ALLOW="127.0.0.0/8"), Site()
    user = stack.user().http

    made = user.post("/api/fetches", json={"urls": [site.url()] * 20})
    done = user.get(made.headers["Location"], params={"wait": 60}).json()

    assert done["state"] == "done"
    assert {page["status"] for page in done["pages"]} == {200}
    assert stack.sql("SELECT DISTINCT queue FROM jobs WHERE task = 'fetches.fetch_url'") == [("people",)]
    site.close()


@pytest.fixture(scope="module")
def bounded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system without a worker in which nobody may have much unfinished."""
    made = Stack(tmp_path_factory.mktemp("bounded"), USER_UNFINISHED_JOBS=str(MOST), RATE_LIMIT_TARGET="20/hour")
    try:
        yield made.start("web")
    finally:
        made.stop()


def a_game(stack: Stack) -> int:
    """A game that nobody has looked at."""
    ref = uuid4().hex
    query = "INSERT INTO games (source, ref, name, search) VALUES ('feed', %s, %s, %s) RETURNING id"
    return int(stack.sql(query, ref, ref, ref)[0][0])


def host() -> str:
    return f"https://{uuid4().hex}.example/"


Ask = Callable[[Stack, httpx.Client], httpx.Response]
CREATING: dict[str, Ask] = {
    "a fetch": lambda stack, http: http.post("/api/fetches", json={"urls": [host()]}),
    "a fetch on its page": lambda stack, http: http.post("/fetches", data={"urls": host()}),
    "a sum": lambda stack, http: http.post("/products/sums", data={"a": "1", "b": "2"}),
    "an export": lambda stack, http: http.post("/api/exports"),
    "an export on its page": lambda stack, http: http.post("/products/exports"),
    "a poll": lambda stack, http: http.post("/api/polls", json={"title": "Which?", "options": TEA_OR_COFFEE}),
    "a watch": lambda stack, http: http.post(
        "/api/prices/watches", json={"game_id": a_game(stack), "threshold": 1, "currency": "EUR"}
    ),
}


def unfinished(stack: Stack, user: TestUser) -> int:
    return int(stack.sql("SELECT count(*) FROM jobs WHERE user_id = %s", str(user.id))[0][0])


@pytest.mark.parametrize("what", CREATING)
def test_nobody_has_more_unfinished_jobs_than_the_bound(bounded: Stack, what: str) -> None:
    user, ask = bounded.user(), CREATING[what]

    answers = [ask(bounded, user.http) for _ in range(MOST + 2)]

    assert [answer.status_code < 400 for answer in answers] == [True] * MOST + [False] * 2
    assert {answer.status_code for answer in answers[MOST:]} == {429}
    assert f"You may have {MOST} unfinished jobs at a time" in answers[-1].text
    assert unfinished(bounded, user) == MOST
    bounded.sql("UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE user_id = %s", str(user.id))
    assert ask(bounded, user.http).status_code < 400


def test_the_bound_counts_all_kinds_together_and_each_user_alone(bounded: Stack) -> None:
    user, other = bounded.user(), bounded.user()
    for ask in CREATING.values():
        assert ask(bounded, user.http).status_code < 400

    assert {ask(bounded, user.http).status_code for ask in CREATING.values()} == {429}
    assert CREATING["a fetch"](bounded, other.http).status_code == 202


def test_what_is_too_much_is_refused_as_a_whole(bounded: Stack) -> None:
    user = bounded.user()

    answer = user.http.post("/api/fetches", json={"urls": [host() for _ in range(MOST + 1)]})

    assert fields_of(answer, 429) == []
    assert answer.headers["Retry-After"]
    assert unfinished(bounded, user) == 0


def test_requests_at_the_same_moment_do_not_pass_the_bound(bounded: Stack) -> None:
    user = bounded.user()

    with ThreadPoolExecutor(8) as threads:
        urls = [host() for _ in range(MOST - 1)]
        answers = list(threads.map(lambda _: user.http.post("/api/fetches", json={"urls": urls}), range(8)))

    assert sorted(answer.status_code for answer in answers) == [202] + [429] * 7
    assert unfinished(bounded, user) == MOST - 1


def test_a_request_that_is_sent_again_is_answered_at_the_bound(bounded: Stack) -> None:
    user, key = bounded.user(), {"Idempotency-Key": uuid4().hex}
    body = {"urls": [host() for _ in range(MOST)]}

    first, again = (user.http.post("/api/fetches", json=body, headers=key) for _ in range(2))

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]


def test_operators_have_no_bound_and_no_queue_of_their_own(bounded: Stack) -> None:
    operator = bounded.user("operator")
    urls = ["https://one.example/"] * (3 * MOST)

    answer = operator.http.post("/api/fetches", json={"urls": urls})

    [[queue, number]] = bounded.sql(
        "SELECT queue, count(*) FROM jobs WHERE submitter = %s GROUP BY queue", f"token:{operator.id}"
    )
    assert (answer.status_code, queue, number) == (202, "default", 3 * MOST)


@pytest.mark.parametrize("spelling", ["https://{}/x", "http://{}:8080/", "HTTPS://{}/".lower(), "https://{}./"])
def test_one_host_is_fetched_for_people_only_so_often(bounded: Stack, spelling: str) -> None:
    name = f"{uuid4().hex}.example"
    people = [bounded.user().http for _ in range(5)]
    for http in people[:4]:
        assert http.post("/api/fetches", json={"urls": [f"https://{name.upper()}/"] * 5}).status_code == 202

    answer = people[4].post("/api/fetches", json={"urls": [spelling.format(name)]})

    assert fields_of(answer, 429) == []
    assert int(answer.headers["Retry-After"]) > 0
    assert people[4].post("/api/fetches", json={"urls": [host()]}).status_code == 202


def strings(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """All texts of an answer, with the names of their fields."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, name)
    elif isinstance(value, str):
        yield name, value


def test_what_an_answer_points_to_may_be_read_by_whom_it_was_given_to(stack: Stack) -> None:
    user, other = stack.user().http, stack.user().http
    closes_at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    watch = {"game_id": a_game(stack), "threshold": 1, "currency": "EUR"}
    made = [
        user.post("/api/fetches", json={"urls": ["http://127.0.0.1:1/"]}),
        user.post("/api/exports"),
        user.post("/api/polls", json={"title": "Which?", "options": TEA_OR_COFFEE, "closes_at": closes_at}),
        user.post("/api/prices/watches", json=watch),
    ]
    places = [answer.headers["Location"] for answer in made if "Location" in answer.headers]
    shown = [*made, *(user.get(place, params={"wait": 20} if "polls" not in place else {}) for place in places)]
    assert {answer.status_code for answer in shown} <= {200, 201, 202}

    seen = dict(pair[::-1] for answer in shown for pair in strings(answer.json()))
    jobs = [value for value, name in seen.items() if name == "job_id"]
    links = [*places, *(f"/api/jobs/{id}" for id in jobs), *(value for value in seen if value.startswith("/api/"))]
    assert len(jobs) == 2
    assert {link: user.get(link).status_code for link in links} == dict.fromkeys(links, 200)
    assert {other.get(f"/api/jobs/{id}").status_code for id in jobs} == {404}
    assert {stack.client().get(f"/api/jobs/{id}").status_code for id in jobs} == {401}


def test_the_user_of_a_job_sees_what_happened_and_nothing_of_our_machines(stack: Stack) -> None:
    user = stack.user().http
    made = user.post("/api/fetches", json={"urls": ["http://127.0.0.1:1/"]}).json()

    job = user.get(f"/api/jobs/{made['pages'][0]['job_id']}", params={"wait": 20}).json()

    assert (job["state"], job["error"]["type"]) == ("failed", "Permanent")
    assert (job["error"]["traceback"], job["worker"]) == ("", None)
    assert user.get(f"/api/jobs/{uuid4()}").status_code == 404
    for path in ("cancel", "retry"):
        assert user.post(f"/api/jobs/{job['id']}/{path}").status_code == 403
    assert user.get("/api/jobs").status_code == 403


def test_a_job_of_an_operator_is_not_for_others(stack: Stack) -> None:
    job = stack.submit("test.noop")

    assert fields_of(stack.user().http.get(f"/api/jobs/{job['id']}"), 404) == []


PAGES = ["/", "/fetches", "/products", "/products/exports", "/polls", "/polls/new", "/prices", "/timer", "/account"]
LINK = re.compile(r'(?:href|action)="(/[^"#]*)')


def test_no_page_of_a_user_links_to_what_is_not_for_them(stack: Stack) -> None:
    user = stack.user()
    browser = stack.client()
    browser.cookies.update(user.cookies)
    for ask in (CREATING["a fetch on its page"], CREATING["a sum"], CREATING["an export on its page"]):
        assert ask(stack, user.http).status_code == 303
    opened = CREATING["a poll"](stack, user.http).json()
    own = [path for page in PAGES for path in LINK.findall(browser.get(page, follow_redirects=True).text)]
    pages = {*PAGES, *own, f"/polls/{opened['id']}"} - {"/sign-out"}

    answers = {path: browser.get(path.replace("&amp;", "&")).status_code for path in pages}

    assert len(answers) > len(PAGES)
    assert {path: code for path, code in answers.items() if code in {401, 403, 404, 500}} == {}
