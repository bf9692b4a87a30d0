"""The issuer as it may be: silent, broken, or another than was asked for. All of it is an issuer that is down."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import flask
import pytest
from pydantic import SecretStr

from bellhop_web.oidc.issuer import AT_ONCE, DISCOVERY, Issuer
from bellhop_web.oidc.refusals import IssuerDown
from bellhop_web.oidc_settings import Oidc
from tests.site import Answer, Asked, Raw, Says, Site

BROKEN: dict[str, Answer] = {
    "an error": Says(500, b"{}"),
    "no JSON": Says(200, b"<html>"),
    "another kind of JSON": Says(200, b"[]"),
    "half of what is needed": Says(200, b'{"issuer": "x"}'),
    "an end in the middle": Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"),
    "a reset": Raw(b"", reset=True),
    "no HTTP": Raw(b"SSH-2.0-OpenSSH\r\n"),
}


def oidc(issuer: str) -> Oidc:
    return Oidc(issuer, "bellhop", SecretStr("hush"), "Acme", "openid", "groups", {}, None, False, "https://b.example")


def issuer_at(site: Site) -> Issuer:
    return Issuer(oidc(site.url("")))


def published(site: Site, **more: object) -> bytes:
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    return json.dumps({"issuer": site.url(""), **{name: site.url(f"/{name}") for name in names}, **more}).encode()


@pytest.fixture(autouse=True)
def _named() -> Iterator[None]:
    """A process that knows how the issuer is called."""
    app = flask.Flask("test")
    app.config["OIDC"] = oidc("https://login.example.org")
    with app.app_context():
        yield


@pytest.mark.parametrize("name", BROKEN)
def test_an_answer_that_makes_no_sense_is_an_issuer_that_is_down(site: Site, name: str) -> None:
    site.answers[DISCOVERY] = BROKEN[name]

    with pytest.raises(IssuerDown, match="Acme does not answer as it should"):
        assert issuer_at(site).published


def test_an_issuer_that_calls_itself_otherwise_is_not_believed(site: Site) -> None:
    site.answers[DISCOVERY] = Says(200, published(site, issuer="https://other.example.org"))

    with pytest.raises(IssuerDown):
        assert issuer_at(site).published


def test_what_is_published_is_fetched_once(site: Site) -> None:
    site.answers[DISCOVERY] = Says(200, published(site))
    issuer = issuer_at(site)

    assert issuer.published == issuer.published
    assert len(site.asked) == 1


def test_after_a_failure_it_is_asked_again(site: Site) -> None:
    site.answers[DISCOVERY] = Says(503)
    issuer = issuer_at(site)
    with pytest.raises(IssuerDown):
        assert issuer.published

    site.answers[DISCOVERY] = Says(200, published(site))

    assert issuer.published.token_endpoint == site.url("/token_endpoint")


@pytest.mark.parametrize("keys", [b"{}", b'{"keys": []}', b'{"keys": [{"kty": "of the future"}]}', b"no"])
def test_keys_that_cannot_be_read_are_an_issuer_that_is_down(site: Site, keys: bytes) -> None:
    site.answers |= {DISCOVERY: Says(200, published(site)), "/jwks_uri": Says(200, keys)}

    with pytest.raises(IssuerDown):
        issuer_at(site).keys()


@pytest.mark.parametrize(
    ("methods", "method"),
    [
        (["client_secret_basic", "client_secret_post"], "client_secret_post"),
        (["client_secret_basic"], "client_secret_basic"),
    ],
)
def test_the_secret_travels_as_the_issuer_takes_it(site: Site, methods: list[str], method: str) -> None:
    site.answers[DISCOVERY] = Says(200, published(site, token_endpoint_auth_methods_supported=methods))

    with issuer_at(site).client() as client:
        assert client.token_endpoint_auth_method == method


def test_an_issuer_that_hangs_takes_a_few_threads_only(site: Site) -> None:
    all_there, answer = Barrier(AT_ONCE + 1), Event()

    def hang(_: Asked) -> Says:
        all_there.wait(30)
        answer.wait(30)
        return Says(200, published(site))

    site.answers[DISCOVERY] = hang
    issuer = issuer_at(site)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting = [pool.submit(lambda: issuer.published) for _ in range(AT_ONCE)]
        all_there.wait(30)
        with pytest.raises(IssuerDown):
            assert issuer.published
        answer.set()

        assert {one.result().issuer for one in waiting} == {site.url("")}
