"""The pages of accounts, as a browser without scripts uses them."""

import re
from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest

from bellhop_ledger.accounts.roles import Role
from tests.cast import PASSWORD, Person, address_of
from tests.postbox import Postbox, link_in
from tests.stack import Stack, wait_until

FIELD = re.compile(r'<input type="hidden" name="(\w+)"(?: id="[\w-]+")? value="([^"]*)">')


@pytest.fixture
def browser(stack: Stack) -> Iterator[httpx.Client]:
    """A browser that nobody has used."""
    with httpx.Client(base_url=stack.url, timeout=90) as client:
        yield client


def sent(browser: httpx.Client, path: str, **typed: str) -> httpx.Response:
    """Open a page with a form, fill it in and send it."""
    hidden = dict(FIELD.findall(browser.get(path).text.partition("<main")[2]))
    return browser.post(path.partition("?")[0], data=hidden | typed)


def test_a_form_without_its_token_is_refused(browser: httpx.Client) -> None:
    browser.get("/sign-up")

    answer = browser.post("/sign-up", data={"email": address_of("ada"), "password": PASSWORD})

    assert answer.status_code == 403
    assert "load the page again" in answer.text


def test_the_token_of_another_browser_is_refused(stack: Stack, browser: httpx.Client) -> None:
    token = dict(FIELD.findall(httpx.get(f"{stack.url}/sign-in").text))["csrf_token"]
    browser.get("/sign-in")

    assert browser.post("/sign-in", data={"csrf_token": token}).status_code == 403


def test_somebody_signs_up_confirms_and_signs_out_without_scripts(browser: httpx.Client, postbox: Postbox) -> None:
    email = address_of("ada")
    told = browser.get(sent(browser, "/sign-up", email=email, password=PASSWORD).headers["Location"])
    assert f"We have sent a mail to <strong>{email}" in told.text
    link = link_in(postbox.first_to(email)).removeprefix(str(browser.base_url).rstrip("/"))

    assert sent(browser, link, password=PASSWORD).status_code == 303

    assert email in browser.get("/account").text
    assert sent(browser, "/account/password").status_code == 422
    browser.post("/sign-out", data={"csrf_token": dict(FIELD.findall(browser.get("/account").text))["csrf_token"]})
    assert browser.get("/account").headers["Location"] == "/sign-in?next=%2Faccount"


def test_a_form_that_is_wrong_keeps_what_was_typed_but_the_password(browser: httpx.Client) -> None:
    answer = sent(browser, "/sign-up", email="ada", password="short")

    assert answer.status_code == 422
    assert 'value="ada"' in answer.text
    assert "short&#34;" not in answer.text
    assert answer.text.count('aria-invalid="true"') == 2


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/account?x=1", "/account?x=1"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
    ],
)
def test_a_sign_in_leads_to_where_one_wanted_to_go_but_nowhere_else(
    stack: Stack, browser: httpx.Client, wanted: str, led_to: str
) -> None:
    answer = sent(browser, f"/sign-in?next={quote(wanted)}", email=stack.user().email, password=PASSWORD)

    assert (answer.status_code, answer.headers["Location"]) == (303, led_to)


@pytest.mark.parametrize(("role", "led_to"), [(role, "/" if role is Role.MEMBER else "/dashboard") for role in Role])
def test_who_wanted_to_go_nowhere_is_led_to_what_is_going_on(
    stack: Stack, browser: httpx.Client, role: Role, led_to: str
) -> None:
    answer = sent(browser, "/sign-in", email=stack.user(role).email, password=PASSWORD)

    assert answer.headers["Location"] == led_to


def test_a_forgotten_password_is_chosen_anew(stack: Stack, browser: httpx.Client, postbox: Postbox) -> None:
    email = stack.user().email
    assert sent(browser, "/forgot-password", email=email).status_code == 303
    link = link_in(postbox.first_to(email)).removeprefix(stack.url)

    assert sent(browser, link, password="a new password").status_code == 303

    assert Person(stack.client(), email, "a new password").sign_in().status_code == 200


def test_a_token_is_made_shown_once_and_revoked(stack: Stack, browser: httpx.Client) -> None:
    browser.cookies.update(stack.user().cookies)
    token = dict(FIELD.findall(browser.get("/account").text))["csrf_token"]
    typed = {"name": "laptop", "scope": "read", "days": "7", "password": PASSWORD}
    made = browser.post("/account/tokens", data={"csrf_token": token, **typed})
    shown = browser.get(made.headers["Location"])
    [secret] = re.findall(r'<code id="secret">(bh_[\w-]+)</code>', shown.text)

    again = browser.get("/account").text

    assert secret not in again
    assert stack.client(secret).get("/api/account").status_code == 200
    [revoke] = re.findall(
        r'action="(/account/tokens/[\w-]+/revoke)"[^§]*?Revoke laptop', again.rpartition("laptop</td>")[2]
    )
    assert browser.post(revoke, data={"csrf_token": token}).status_code == 303
    assert "Revoke laptop" not in browser.get("/account").text


@pytest.mark.parametrize(("choice", "status"), [("true", 401), ("false", 200), ("", 401)])
def test_the_page_offers_to_revoke_the_tokens_with_a_change_of_the_password(
    stack: Stack, browser: httpx.Client, choice: str, status: int
) -> None:
    user = stack.user()
    browser.cookies.update(user.cookies)
    page = browser.get("/account/password").text

    answer = sent(browser, "/account/password", current=PASSWORD, new="a new password", revoke_tokens=choice)

    assert '<option value="true" selected>revoke all of them</option>' in page
    assert answer.status_code == 303
    wait_until(lambda: user.http.get("/api/account").status_code == status)


def test_operators_look_through_the_mails(stack: Stack, browser: httpx.Client) -> None:
    to = f"nobody-{address_of('x')}"
    stack.ended(stack.submit("test.post", args={"to": to})["id"])
    mail = stack.http.get("/api/mails", params={"to": to}).json()["mails"][0]
    browser.cookies.update(stack.user("operator").cookies)

    listed = browser.get("/mails", params={"to": to, "state": ""}).text

    assert f"/mails/{mail['id']}" in listed
    assert "Good &lt;morning&gt;." in browser.get(f"/mails/{mail['id']}").text


def test_a_wrong_filter_of_mails_is_named_and_the_others_are_kept(stack: Stack, browser: httpx.Client) -> None:
    browser.cookies.update(stack.user("operator").cookies)

    answer = browser.get("/mails", params={"to": "nobody@example.org", "state": "lost"})

    assert answer.status_code == 422
    assert "state: " in answer.text
    assert 'value="nobody@example.org"' in answer.text
    assert "No mail matches." in answer.text


def test_mails_are_not_for_users(stack: Stack, browser: httpx.Client) -> None:
    browser.cookies.update(stack.user().cookies)

    assert browser.get("/mails").status_code == 403


def test_a_page_that_only_takes_forms_leads_to_the_one_above_it(stack: Stack, browser: httpx.Client) -> None:
    browser.cookies.update(stack.user().cookies)

    paths = ("/account/tokens", f"/account/sessions/{UUID(int=1)}/end")
    answers = [browser.get(path, headers={"Accept": "text/html"}) for path in paths]

    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [(303, "/account")] * 2


def test_where_a_mail_went_is_told_to_nobody_who_comes_later(browser: httpx.Client) -> None:
    email = address_of("ada")
    path = sent(browser, "/forgot-password", email=email).headers["Location"]

    first, second = browser.get(path).text, browser.get(path).text

    assert email in first
    assert email not in second
