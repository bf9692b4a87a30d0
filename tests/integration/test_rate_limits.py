"""Rate limits: whom they hold back, whom they do not, and what they say."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from uuid import uuid4

import httpx
import pytest
import redis

from bellhop_ledger.platform.database import uuid7
from bellhop_ledger.platform.secrets import hash_of
from bellhop_web.accounts.throttle import FOR_ACCOUNT
from tests.cast import PASSWORD, Person, TestUser, address_of
from tests.problems import fields_of
from tests.stack import TOKEN, Stack

PREVIEW = {"crontab": "0 9 * * *"}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A web server with small budgets, and proxies before it that say who asks."""
    rates = {"TOKEN": "5/hour", "ADDRESS": "8/hour", "SIGN_UP": "3/hour", "COSTLY": "2/hour", "OPERATOR": "1000/hour"}
    settings = {f"RATE_LIMIT_{name}": rate for name, rate in rates.items()}
    made = Stack(
        tmp_path_factory.mktemp("limits"), TRUSTED_PROXIES="1", WEB_WORKERS="2", WEB_LIVE_STREAMS_EACH="2", **settings
    )
    try:
        yield made.start("web")
    finally:
        made.stop()


@pytest.fixture(scope="module")
def addresses() -> Iterator[str]:
    """Addresses that were not seen before."""
    return (f"198.51.100.{number}" for number in range(1, 255))


@pytest.fixture
def visitor(web: Stack, addresses: Iterator[str]) -> httpx.Client:
    """Somebody at an address of their own."""
    client = web.client()
    client.headers["X-Forwarded-For"] = next(addresses)
    return client


def test_a_token_that_asks_too_often_is_told_when_to_come_back(web: Stack) -> None:
    user, other = web.user(), web.user()

    answers = [user.http.get("/api/account") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[0].headers["RateLimit-Policy"] == '"token";q=5;w=3600'
    assert answers[0].headers["RateLimit"].startswith('"token";r=4;t=')
    assert fields_of(answers[-1], 429) == []
    assert answers[-1].headers["RateLimit"].startswith('"token";r=0;t=')
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3600
    assert other.http.get("/api/account").status_code == 200


def test_a_budget_is_shared_by_all_processes_and_never_overdrawn(web: Stack) -> None:
    user = web.user()
    asked = [{"Authorization": user.http.headers["Authorization"]}] * 20

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda headers: httpx.get(f"{web.url}/api/account", headers=headers), asked))

    assert Counter(answer.status_code for answer in answers) == {200: 5, 429: 15}


def another_token(web: Stack, user: TestUser) -> httpx.Client:
    """One more token of the same person, as they are free to make."""
    secret = uuid4().hex
    web.sql(
        "INSERT INTO tokens (id, user_id, name, hash) VALUES (%s, %s, 'more', %s)",
        *(str(uuid7()), str(user.id), hash_of(secret)),
    )
    return web.client(secret)


def another_session(web: Stack, user: TestUser) -> httpx.Client:
    """One more browser in which the same person is signed in."""
    secret, browser = uuid4().hex, web.client()
    web.sql(
        "INSERT INTO sessions (id, user_id, hash, expires_at, agent) VALUES (%s, %s, %s, now() + interval '1 day', '')",
        *(str(uuid7()), str(user.id), hash_of(secret)),
    )
    browser.cookies["bellhop_session"] = secret
    return browser


def test_a_person_has_one_budget_for_all_tokens_and_sessions(web: Stack) -> None:
    user = web.user()
    ways = [user.http, another_token(web, user), another_session(web, user), another_token(web, user)]

    statuses = [ways[n % 4].get("/api/account").status_code for n in range(7)]

    assert statuses == [200] * 5 + [429] * 2


def test_what_is_costly_is_counted_for_the_person_too(web: Stack) -> None:
    operator = web.user("operator")

    statuses = [another_token(web, operator).post("/api/schedules/preview", json=PREVIEW).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_a_person_has_one_number_of_live_views_for_all_tokens(web: Stack, visitor: httpx.Client) -> None:
    user, statuses = web.user(), set()

    with ExitStack() as open_streams:
        for _ in range(5):  # two processes with two each
            client = another_token(web, user)
            client.headers["X-Forwarded-For"] = visitor.headers["X-Forwarded-For"]
            answer = open_streams.enter_context(client.stream("GET", "/live", params={"topic": "test:1"}))
            statuses.add(answer.status_code)

    assert statuses == {200, 429}


def test_a_session_has_the_budget_of_its_user(web: Stack, visitor: httpx.Client) -> None:
    visitor.cookies.update(web.user().cookies)

    assert [visitor.get("/account").status_code for _ in range(6)] == [200] * 5 + [429]


def test_an_address_has_a_budget_for_what_needs_no_token(visitor: httpx.Client) -> None:
    assert [visitor.get("/api/openapi.json").status_code for _ in range(9)] == [200] * 8 + [429]


def test_guessing_tokens_and_paths_counts_for_the_address(visitor: httpx.Client) -> None:
    guess = {"Authorization": "Bearer guessed"}

    seen = [visitor.get("/api/account", headers=guess).status_code for _ in range(4)]
    seen += [visitor.get("/nowhere").status_code for _ in range(5)]

    assert seen == [401] * 4 + [404] * 4 + [429]
    assert visitor.get("/api/account", headers=guess).status_code == 429


def test_a_household_with_many_addresses_of_ipv6_is_one(web: Stack) -> None:
    def ask(host: int) -> int:
        return web.client().get("/api/openapi.json", headers={"X-Forwarded-For": f"2001:db8:1:2::{host:x}"}).status_code

    assert [ask(host) for host in range(9)] == [200] * 8 + [429]
    assert web.client().get("/api/openapi.json", headers={"X-Forwarded-For": "2001:db8:1:3::1"}).status_code == 200


def test_nobody_takes_an_address_of_their_own_choice(visitor: httpx.Client) -> None:
    address = visitor.headers["X-Forwarded-For"]

    seen = [
        visitor.get("/api/openapi.json", headers={"X-Forwarded-For": f"203.0.113.{n}, {address}"}).status_code
        for n in range(9)
    ]

    assert seen[-1] == 429


def test_probes_and_styles_are_not_counted(visitor: httpx.Client) -> None:
    paths = ["/livez", "/readyz", "/static/style.css"] * 5

    assert {visitor.get(path).status_code for path in paths} == {200}
    assert "RateLimit" not in visitor.get("/livez").headers


def test_people_are_told_on_a_page(visitor: httpx.Client) -> None:
    answers = [visitor.get("/", headers={"Accept": "text/html"}) for _ in range(9)]

    assert answers[-1].status_code == 429
    assert "Too many requests" in answers[-1].text
    assert "Retry-After" in answers[-1].headers
    assert "RateLimit" in answers[-1].headers


def test_signing_up_has_a_tighter_budget(visitor: httpx.Client) -> None:
    answers = [visitor.post("/api/account", json={"email": address_of("many"), "password": PASSWORD}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [202] * 3 + [429]
    assert visitor.post("/api/account/password-reset", json={"email": address_of("many")}).status_code == 429
    assert '"sign-up";q=3;w=3600' in answers[0].headers["RateLimit-Policy"]
    assert visitor.get("/api/openapi.json").status_code == 200


def test_what_is_costly_has_a_tighter_budget_for_operators_too(web: Stack) -> None:
    operator = web.user("operator")

    statuses = [operator.http.post("/api/schedules/preview", json=PREVIEW).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]
    assert operator.http.get("/api/schedules").status_code == 200


def test_nobody_listens_to_very_many_live_views_at_once(web: Stack, visitor: httpx.Client) -> None:
    with ExitStack() as open_streams:
        statuses = set()
        for _ in range(5):  # two processes with two each
            answer = open_streams.enter_context(visitor.stream("GET", "/live", params={"topic": "test:1"}))
            statuses.add(answer.status_code)
            with web.client(TOKEN).stream("GET", "/live", params={"topic": "test:1"}) as others:
                assert others.status_code == 200

    assert statuses == {200, 429}


def test_nobody_listens_to_very_many_topics_at_once(web: Stack, visitor: httpx.Client) -> None:

    answer = visitor.get("/live", params={"topic": [f"test:{number}" for number in (1, 2, 3)]})

    assert answer.status_code == 429


def test_a_stranger_who_guesses_does_not_lock_the_owner_out(web: Stack, addresses: Iterator[str]) -> None:
    owner = Person(web.client(), web.user().email)
    owner.http.headers["X-Forwarded-For"] = next(addresses)
    assert owner.sign_in().status_code == 200
    owner.http.cookies.delete("bellhop_session")
    with redis.Redis.from_url(web.redis.url) as counts:
        counts.incrby(FOR_ACCOUNT.key(owner.email), FOR_ACCOUNT.most)

    answer = Person(web.client(), owner.email).sign_in()

    assert answer.status_code == 429, "strangers are held back, wherever they are and whatever they know"
    assert owner.sign_in().status_code == 200
