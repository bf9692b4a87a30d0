"""What holds for every route there is: its headers, and that a cookie alone changes nothing."""

import re
from collections.abc import Iterator
from itertools import product

import flask
import httpx
import pytest

from bellhop_web.app import create_app
from bellhop_web.auth.access import Access, access_of
from bellhop_web.http.answers import HEADERS
from bellhop_web.settings import WebSettings
from tests.stack import TOKEN, Stack
from tests.test_contract import ID, SERVERS

SAFE = {"GET", "HEAD", "OPTIONS"}
ENDLESS = {"live.listen"}
PUBLIC_BY_JSON = {
    "account.sign_up",
    "account.activate",
    "account.sign_in",
    "account_password.ask_for_password_reset",
    "account_password.reset_password",
    "account_address.confirm_address",
    "invitations.accept_invitation",
    "completions.complete_attempt",
}
"""What anybody may ask for, with or without a cookie: as JSON, which no form of another site sends."""
STRANGER = {"Origin": "https://elsewhere.example"}
Route = tuple[str, str, str]


def routes(app: flask.Flask, unsafe: bool) -> Iterator[Route]:
    """Yield the endpoint, method and path of each route whose methods change something, or do not."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<.*?>", ID, re.sub(r"<int:.*?>", "7", rule.rule)).replace(f"/static/{ID}", "/static/style.css")
        for method in sorted(rule.methods or set()):
            if (method not in SAFE) is unsafe and rule.endpoint not in ENDLESS:
                yield rule.endpoint, method, path


def app_of(**settings: str) -> flask.Flask:
    return create_app(WebSettings(**SERVERS, secret_key="dev-only-of-a-test", **settings))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def app() -> flask.Flask:
    return app_of()


@pytest.fixture(scope="module")
def browser(stack: Stack) -> Iterator[httpx.Client]:
    """An operator's browser, without the token that its pages carry."""
    with httpx.Client(base_url=stack.url, cookies=stack.user("operator").cookies) as client:
        yield client


def test_a_cookie_alone_changes_nothing_anywhere(app: flask.Flask, browser: httpx.Client) -> None:
    changing = [one for one in routes(app, unsafe=True) if one[0] not in PUBLIC_BY_JSON]

    statuses = {f"{method} {path}": browser.request(method, path).status_code for _, method, path in changing}

    assert len(statuses) > 50
    assert {route for route, status in statuses.items() if status != 403} == set()


def test_what_needs_no_session_takes_no_form_of_another_site(app: flask.Flask, browser: httpx.Client) -> None:
    open_to_all = [one for one in routes(app, unsafe=True) if one[0] in PUBLIC_BY_JSON]

    answers = [browser.request(method, path, data={"email": "a@example.org"}) for _, method, path in open_to_all]

    assert [answer.status_code for answer in answers] == [415] * len(PUBLIC_BY_JSON)


@pytest.mark.long
def test_every_answer_carries_the_headers_that_protect_it(stack: Stack, app: flask.Flask) -> None:
    clients = [stack.client(), stack.client(TOKEN)]
    asked = [*product(clients, routes(app, unsafe=False)), *product(clients[:1], routes(app, unsafe=True))]
    asked += [(client, ("", "GET", "/nowhere")) for client in clients]

    for client, (endpoint, method, path) in asked:
        answer = client.request(method, path, headers=STRANGER)
        where = f"{method} {path}: {answer.status_code}"
        assert {name for name in HEADERS if name not in answer.headers} == set(), where
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], where
        assert "unsafe" not in answer.headers["Content-Security-Policy"], where
        assert not re.search(r"\d", answer.headers.get("Server", "")), where
        assert not [name for name in answer.headers if name.startswith("access-control-")], where
        kept = endpoint == "static" and answer.status_code < 300
        assert kept or answer.headers["Cache-Control"] == "no-store", where


@pytest.mark.parametrize(("url", "sent"), [("https://bellhop.example.org", True), ("https://localhost", False)])
def test_a_site_behind_tls_is_kept_there(url: str, sent: bool) -> None:
    answer = app_of(public_url=url).test_client().get("/livez")

    assert ("Strict-Transport-Security" in answer.headers) is sent


def test_over_tls_every_cookie_is_for_this_host_alone() -> None:
    client = app_of(public_url="https://bellhop.example.org").test_client()

    [cookie] = client.get("/sign-in").headers.getlist("Set-Cookie")

    assert cookie.startswith("__Host-bellhop_form=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


ORIGIN = "https://app.example.org"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


def test_a_script_of_another_site_is_not_let_in(app: flask.Flask) -> None:
    for _, method, path in [*routes(app, unsafe=False), *routes(app, unsafe=True)]:
        if path.startswith("/api/"):
            answer = app.test_client().options(
                path, headers=STRANGER | PREFLIGHT | {"Access-Control-Request-Method": method}
            )
            assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")], path


def test_an_origin_that_is_named_may_use_the_api_with_a_token_but_no_cookie() -> None:
    client = app_of(cors_origins=f"https://other.example.org, {ORIGIN}").test_client()

    asked = client.options("/api/jobs", headers=PREFLIGHT | {"Origin": ORIGIN})
    refused = client.get("/api/jobs", headers={"Origin": ORIGIN})

    assert asked.status_code == 204
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert refused.status_code == 401
    for answer in (asked, refused):
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://app.example.org.evil.example", "http://app.example.org", "null", "*", ""])
def test_an_origin_that_is_nearly_named_is_not_let_in(origin: str) -> None:
    client = app_of(cors_origins=ORIGIN).test_client()

    answer = client.options("/api/jobs", headers=PREFLIGHT | {"Origin": origin})

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_pages_are_for_no_other_origin() -> None:
    client = app_of(cors_origins=ORIGIN).test_client()

    assert "Access-Control-Allow-Origin" not in client.get("/sign-in", headers={"Origin": ORIGIN}).headers


@pytest.mark.parametrize(
    "written", ["*", "https://*.example.org", "https://a.example/", "a.example", "HTTPS://A.example"]
)
def test_what_is_no_exact_origin_is_refused_at_start(written: str) -> None:
    with pytest.raises(ValueError, match="no origin"):
        app_of(cors_origins=written)


def test_all_public_routes_that_change_something_are_known_here(app: flask.Flask) -> None:
    unsafe = {endpoint for endpoint, _, path in routes(app, unsafe=True) if path.startswith("/api/")}

    assert {endpoint for endpoint in unsafe if access_of(endpoint) is Access.PUBLIC} == PUBLIC_BY_JSON
