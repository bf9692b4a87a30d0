"""Changing an address: with the password, by a link to the new address, and the old one is told."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from bellhop_ledger.accounts.people import AddressTaken
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.users import User
from bellhop_ledger.mail import Mail
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import links, signing
from bellhop_web.accounts.links import LinkNotValid
from bellhop_web.app import create_app
from bellhop_web.people import address
from bellhop_web.settings import WebSettings
from tests.cast import PASSWORD, PASSWORD_HASH, Person, TestUser, address_of
from tests.integration.test_account_pages import sent
from tests.integration.test_invitations import token_of
from tests.integration.test_people_admin import posted
from tests.postbox import Postbox, link_in
from tests.problems import fields_of
from tests.stack import Stack


def asked(user: TestUser, email: str, password: str = PASSWORD) -> httpx.Response:
    return user.http.post("/api/account/address", json={"email": email, "password": password})


def confirmed(stack: Stack, link: str) -> httpx.Response:
    return stack.client().put("/api/account/address", json={"token": token_of(link)})


def subjects(stack: Stack, email: str) -> list[str]:
    return [subject for (subject,) in stack.sql("SELECT subject FROM mails WHERE recipient = %s ORDER BY id", email)]


def test_an_address_changes_when_its_link_is_opened_and_the_old_one_is_told(stack: Stack, postbox: Postbox) -> None:
    user, email = stack.user(Role.MEMBER), address_of("new")

    assert asked(user, email.upper()).status_code == 202
    assert Person(stack.client(), email).sign_in().status_code == 422
    assert confirmed(stack, link_in(postbox.first_to(email))).status_code == 204

    assert user.http.get("/api/account").json()["email"] == email
    assert Person(stack.client(), email).sign_in().status_code == 200
    assert Person(stack.client(), user.email).sign_in().status_code == 422
    assert subjects(stack, user.email) == ["Your address is to be changed", "Your address was changed"]


def test_it_wants_the_password_and_another_address(stack: Stack) -> None:
    user = stack.user(Role.MEMBER)

    assert fields_of(asked(user, address_of("new"), "a wrong one"), 422) == ["password"]
    assert fields_of(asked(user, user.email), 422) == ["email"]
    assert subjects(stack, user.email) == []


def test_nobody_learns_whether_the_new_address_has_an_account(stack: Stack) -> None:
    user, other = stack.user(Role.MEMBER), stack.user(Role.MEMBER)

    answers = {asked(user, email).text for email in (other.email, address_of("new"))}

    assert len(answers) == 1
    assert subjects(stack, other.email) == ["You have an account already"]


def test_an_admin_asks_for_somebody_who_opens_the_link(stack: Stack, postbox: Postbox) -> None:
    user, email = stack.user(Role.MEMBER), address_of("new")

    with httpx.Client(base_url=stack.url, cookies=stack.user(Role.ADMIN).cookies) as admin:
        page = f"/people/{user.id}"
        assert posted(admin, page, "address", email=email, password="a wrong one").status_code == 422
        assert posted(admin, page, "address", email=email, password=PASSWORD).status_code == 303
    assert stack.http.get(f"/api/people/{user.id}").json()["email"] == user.email
    path = link_in(postbox.first_to(email)).removeprefix(stack.url)
    with httpx.Client(base_url=stack.url) as browser:
        assert sent(browser, path).status_code == 303

    assert stack.http.get(f"/api/people/{user.id}").json()["email"] == email
    acts = stack.http.get("/api/audit", params={"thing": str(user.id)}).json()["acts"]
    assert [act["action"] for act in acts] == ["address.changed", "address.asked"]


def test_the_page_asks_for_the_address_and_the_password(stack: Stack) -> None:
    with httpx.Client(base_url=stack.url, cookies=stack.user(Role.VIEWER).cookies) as browser:
        wrong = sent(browser, "/account/address", email="ada", password=PASSWORD)
        right = sent(browser, "/account/address", email=address_of("new"), password=PASSWORD)

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert "must be an e-mail address" in wrong.text


@pytest.fixture
def user(ledger: Stack) -> User:
    """Somebody in an empty database."""
    with transaction() as db:
        made = User(email=address_of("user"), password_hash=PASSWORD_HASH, activated_at=now())
        db.add(made)
    return made


@pytest.fixture
def link(user: User) -> Iterator[str]:
    """Their link to a new address, in the request of a system in this process."""
    app = create_app(WebSettings(secret_key="dev-only-of-a-test"))
    with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.1"}):
        yield token_of(links.url_for_address(user, "new@example.org"))


Before = Callable[[Stack], object]
BEFORE: dict[str, Before] = {
    "it was used": lambda ledger: ledger.sql("UPDATE users SET email = 'other@example.org'"),
    "the password was changed": lambda ledger: ledger.sql("UPDATE users SET password_hash = 'another'"),
    "the account is disabled": lambda ledger: ledger.sql("UPDATE users SET disabled_at = now()"),
    "the account is gone": lambda ledger: ledger.sql("DELETE FROM users"),
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_a_link_is_not_valid_once(ledger: Stack, link: str, before: Before) -> None:
    before(ledger)

    with pytest.raises(LinkNotValid):
        address.confirm(link)

    assert ledger.sql("SELECT count(*) FROM mails") == [(0,)]


def test_a_link_of_another_purpose_is_not_taken(user: User, link: str) -> None:
    for purpose in (links.RESET, links.ACTIVATION):
        with pytest.raises(LinkNotValid):
            address.confirm(token_of(links.url_for_user(user, purpose)))
    with pytest.raises(LinkNotValid):
        signing.reset_password(link, "an entirely new password")


@pytest.mark.parametrize("column", ["activated_at", "disabled_at"])
def test_an_account_that_came_first_keeps_the_address(ledger: Stack, link: str, column: str) -> None:
    ledger.sql(
        f"INSERT INTO users (id, email, password_hash, {column}) "
        "VALUES (gen_random_uuid(), 'new@example.org', 'theirs', now())"
    )

    with pytest.raises(AddressTaken):
        address.confirm(link)


def test_who_never_confirmed_the_address_gives_way(ledger: Stack, user: User, link: str) -> None:
    ledger.sql("INSERT INTO users (id, email, password_hash) VALUES (gen_random_uuid(), 'new@example.org', 'x')")

    assert address.confirm(link).email == "new@example.org"

    assert ledger.sql("SELECT id FROM users") == [(str(user.id),)]
    with transaction() as db:
        assert [mail.recipient for mail in db.query(Mail)] == [user.email]
