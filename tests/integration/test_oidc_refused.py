"""Sign-in with an issuer of OpenID Connect: what is forged, old, of another browser, or leads elsewhere is refused."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.issuer import Sso, Surfer, needs_issuer
from tests.stack import wait_until

pytestmark = needs_issuer

DISTURBED: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "of-somebody-else"}},
    "no nonce": {"claims": {"nonce": None}},
    "has expired": {"claims": {"exp": 1_700_000_000}},
    "never expires": {"claims": {"exp": None}},
    "is of the future": {"claims": {"iat": 4_000_000_000}},
    "for another client": {"claims": {"aud": "somebody"}},
    "for another client, too, and that one asked": {"claims": {"aud": ["bellhop", "other"], "azp": "other"}},
    "of another issuer": {"claims": {"iss": "https://issuer.example"}},
    "of nobody": {"claims": {"sub": ""}},
    "of somebody else than userinfo": {"claims": {"sub": "somebody-else"}},
    "signed with a key that is not the issuer's": {"foreign": True},
}


def refused(page: httpx.Response, surfer: Surfer, status: int, words: str) -> None:
    """Hold that somebody was told why, and is not signed in."""
    assert (page.status_code, surfer.account()) == (status, {})
    assert words in page.text
    assert "Traceback" not in page.text


@pytest.mark.parametrize("name", DISTURBED)
def test_a_token_that_is_not_right_lets_nobody_in(sso: Sso, name: str) -> None:
    person, surfer = sso.somebody(groups=["ops"]), sso.surfer()
    sso.issuer.say({person: {"groups": ["ops"]}}, **DISTURBED[name])

    page = surfer.sign_in(person)

    refused(page, surfer, 403, "could not be verified")
    assert "oidc_token_refused" in sso.stack.log("web")


def test_an_answer_with_another_state_is_refused(sso: Sso) -> None:
    surfer = sso.surfer()
    back = surfer.named(surfer.asked(), sso.somebody(groups=["ops"]))

    page = surfer.get(re.sub("state=[^&]+", "state=another", back))

    refused(page, surfer, 400, "began in another browser")


def test_an_answer_that_another_browser_brings_is_refused(sso: Sso) -> None:
    mine, victim = sso.surfer(), sso.surfer()
    back = mine.named(mine.asked(), sso.somebody(groups=["ops"]))

    page = victim.get(back)

    refused(page, victim, 400, "began in another browser")


def test_an_answer_counts_once(sso: Sso) -> None:
    surfer = sso.surfer()
    back = surfer.named(surfer.asked(), sso.somebody(groups=["ops"]))
    surfer.get(back)
    assert surfer.account()
    surfer.http.cookies.delete("bellhop_session")

    refused(surfer.get(back), surfer, 400, "was used already")


def test_a_code_that_was_used_already_lets_nobody_in(sso: Sso) -> None:
    surfer = sso.surfer()
    back = surfer.named(surfer.asked(), sso.somebody(groups=["ops"]))
    attempt = surfer.http.cookies["bellhop_oidc"]
    surfer.get(back)
    surfer.http.cookies.delete("bellhop_session")
    surfer.http.cookies.set("bellhop_oidc", attempt)

    refused(surfer.get(back), surfer, 400, "was used already")


def test_an_answer_of_another_issuer_is_refused(sso: Sso) -> None:
    surfer = sso.surfer()
    back = surfer.named(surfer.asked(), sso.somebody(groups=["ops"]))

    page = surfer.get(re.sub("iss=[^&]+", "iss=https%3A%2F%2Fissuer.example", back))

    refused(page, surfer, 403, "could not be verified")


def test_who_is_not_let_in_by_the_issuer_reads_why(sso: Sso) -> None:
    surfer = sso.surfer()

    page = surfer.sign_in("")  # the issuer's form takes no empty name

    refused(page, surfer, 403, "Acme has not signed you in. It says: access_denied")


def test_what_a_stranger_writes_into_the_answer_is_not_shown(sso: Sso) -> None:
    surfer = sso.surfer()
    state = parse_qs(urlsplit(str(surfer.asked().history[1].url)).query)["state"][0]

    page = surfer.get(f"/sign-in/oidc/callback?state={state}&error=Call+0800&error_description=Call+0800")

    refused(page, surfer, 403, "unknown_error")
    assert "0800" not in page.text


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example/x", "/\\evil.example", "x" * 5000])
def test_nobody_is_led_elsewhere_after_a_sign_in(sso: Sso, path: str) -> None:
    surfer = sso.surfer()
    form = surfer.asked(str(httpx.URL("/sign-in/oidc", params={"next": path})))

    answer = surfer.http.get(surfer.named(form, sso.somebody(groups=["ops"])))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard")


def test_a_proof_key_goes_along_and_no_secret_is_in_any_address(sso: Sso) -> None:
    surfer = sso.surfer()

    address = sso.surfer().http.get("/sign-in/oidc").headers["Location"]

    query = parse_qs(urlsplit(address).query)
    assert (query["code_challenge_method"], query["response_type"]) == (["S256"], ["code"])
    assert len(query["code_challenge"][0]) == 43
    assert "client_secret" not in address
    assert surfer.http.get("/sign-in/oidc").headers["Location"] != address


def test_no_secret_is_logged(sso: Sso) -> None:
    surfer = sso.surfer()
    back = surfer.named(surfer.asked(), sso.somebody(groups=["ops"]))
    query = parse_qs(urlsplit(back).query)

    surfer.get(back)

    logged = sso.stack.log("web")
    assert "/sign-in/oidc/callback" in logged
    assert not [secret for secret in (*query["code"], *query["state"], "secret+with") if secret in logged]


def test_keys_that_were_replaced_are_fetched_anew(sso: Sso) -> None:
    surfer, name = sso.surfer(), sso.somebody(groups=["ops"])
    surfer.sign_in(name)
    assert surfer.account()

    sso.issuer.stop()
    sso.issuer.start(sso.stack.url)
    sso.issuer.say({name: {"groups": ["ops"]}})

    wait_until(lambda: comes_in(sso, name), patience=60)
    assert sso.stack.log("web").count("oidc_issuer_failed") == 0


def comes_in(sso: Sso, name: str) -> bool:
    """Whether a new sign-in of somebody succeeds; the keys are fetched at most every few seconds."""
    surfer = sso.surfer()
    surfer.sign_in(name)
    return bool(surfer.account())


def test_an_issuer_that_is_down_is_a_clear_page_and_passwords_go_on(sso: Sso) -> None:
    user, surfer = sso.stack.user(), sso.surfer()
    back = surfer.named(surfer.asked(), sso.somebody(groups=["ops"]))
    sso.issuer.stop()
    try:
        page = surfer.get(back)
        signed_in = sso.stack.client().post(
            "/api/account/session", json={"email": user.email, "password": user.password}
        )
    finally:
        sso.issuer.start(sso.stack.url)

    refused(page, surfer, 503, "Acme does not answer as it should. Try again in a minute.")
    assert signed_in.status_code == 200
    assert wait_until(lambda: comes_in(sso, sso.somebody(groups=["ops"])), patience=60)
