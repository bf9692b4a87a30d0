"""Signing up, in and out: what everybody may try, and what nobody learns from it."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from itsdangerous import URLSafeTimedSerializer

from bellhop_ledger.accounts.passwords import SHORTEST
from tests.cast import PASSWORD, Person
from tests.postbox import Postbox, link_in
from tests.problems import fields_of
from tests.stack import Stack, wait_until


@pytest.fixture
def person(stack: Stack) -> Person:
    """Somebody without an account."""
    return Person(stack.client())


def token_for(person: Person, postbox: Postbox) -> str:
    """What stands in the newest link that somebody got."""
    wait_until(lambda: postbox.to(person.email))
    return token_in(link_in(postbox.to(person.email)[-1]))


def token_in(link: str) -> str:
    return parse_qs(urlsplit(link).query)["token"][0]


def activate(person: Person, token: str, password: str = PASSWORD) -> httpx.Response:
    return person.entered(person.http.post("/api/account/activation", json={"token": token, "password": password}))


def test_somebody_signs_up_confirms_the_address_and_is_in(person: Person, postbox: Postbox) -> None:
    person.sign_up()

    answer = activate(person, token_for(person, postbox))

    assert answer.json()["account"]["email"] == person.email
    assert person.http.get("/api/account").json()["role"] == "member"


def test_the_link_of_the_mail_leads_to_our_page(stack: Stack, person: Person, postbox: Postbox) -> None:
    person.sign_up()

    link = link_in(postbox.first_to(person.email))

    assert link.startswith(f"{stack.url}/activate?token=")
    assert httpx.get(link).status_code == 200


def test_nobody_is_in_before_the_address_is_confirmed(person: Person, postbox: Postbox) -> None:
    person.sign_up()

    answer = person.sign_in()

    assert fields_of(answer) == ["password"]
    assert "not confirmed" in answer.json()["detail"]
    wait_until(lambda: len(postbox.to(person.email)) == 2)
    assert activate(person, token_for(person, postbox)).status_code == 200


def test_a_link_works_once(person: Person, postbox: Postbox) -> None:
    person.sign_up()
    token = token_for(person, postbox)
    activate(person, token)

    assert fields_of(activate(person, token)) == ["token"]


def test_a_link_wants_the_password_that_was_chosen(person: Person, postbox: Postbox) -> None:
    person.sign_up()

    assert fields_of(activate(person, token_for(person, postbox), "a stranger's guess")) == ["password"]


def test_who_signs_up_again_gets_a_new_password_and_the_old_link_ends(person: Person, postbox: Postbox) -> None:
    person.sign_up()
    old = token_for(person, postbox)
    person.password = "another password"
    person.sign_up()

    wait_until(lambda: len(postbox.to(person.email)) == 2)
    assert fields_of(activate(person, old)) == ["token"]
    assert activate(person, token_for(person, postbox), "another password").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "W10.x.y", "\u2603"])
def test_a_link_that_is_none_is_refused(person: Person, token: str) -> None:
    assert fields_of(activate(person, token)) == ["token"]


def test_a_link_that_is_too_old_is_refused(person: Person, postbox: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    person.sign_up()
    signer = URLSafeTimedSerializer("dev-only-secret-key", salt="link:activation")
    content, made = signer.loads(token_for(person, postbox), return_timestamp=True)
    yesterday = int(made.timestamp()) - 25 * 3600
    monkeypatch.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda self: yesterday)

    assert fields_of(activate(person, signer.dumps(content))) == ["token"]


def test_a_link_for_one_thing_is_not_good_for_another(person: Person, postbox: Postbox) -> None:
    person.sign_up()
    body = {"token": token_for(person, postbox), "password": PASSWORD}

    assert fields_of(person.http.put("/api/account/password-reset", json=body)) == ["token"]


def test_whether_an_address_has_an_account_is_told_to_its_owner_only(stack: Stack, postbox: Postbox) -> None:
    known, unknown = Person(stack.client(), stack.user().email), Person(stack.client())

    answers = [
        one.http.post("/api/account", json={"email": one.email, "password": PASSWORD}) for one in (known, unknown)
    ]
    wrong = [Person(one.http, one.email, "wrong password").sign_in() for one in (known, Person(stack.client()))]

    assert answers[0].json() == answers[1].json()
    assert wrong[0].json()["errors"] == wrong[1].json()["errors"]
    assert postbox.first_to(known.email)["Subject"] == "Bellhop: You have an account already"
    assert postbox.first_to(unknown.email)["Subject"] == "Bellhop: Confirm your address"


def test_a_stranger_cannot_change_the_password_by_signing_up_again(stack: Stack) -> None:
    user = stack.user()

    Person(stack.client(), user.email, "a stranger's password").sign_up()

    assert Person(stack.client(), user.email, "a stranger's password").sign_in().status_code == 422
    assert Person(stack.client(), user.email).sign_in().status_code == 200


def test_an_address_is_the_same_in_capitals(stack: Stack) -> None:
    user = stack.user()

    assert Person(stack.client(), user.email.upper()).sign_in().status_code == 200


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "a b@example.org",
        "ada@example.org\r\nBcc: x@y",
        "a" * 80 + "@example.org",
        "ä@example.org",
        "ada@ex\0ample.org",
    ],
)
def test_what_is_no_address_is_refused(person: Person, email: str) -> None:
    answer = person.http.post("/api/account", json={"email": email, "password": PASSWORD})

    assert fields_of(answer) == ["email"]


@pytest.mark.parametrize("password", ["", "x" * (SHORTEST - 1), "x" * 201, 12345678901, None])
def test_what_is_no_password_is_refused(person: Person, password: object) -> None:
    answer = person.http.post("/api/account", json={"email": person.email, "password": password})

    assert fields_of(answer) == ["password"]


@pytest.mark.parametrize("password", ["password12", "bellhop2024", "{local}123", "{email}"])
def test_a_password_that_is_tried_first_is_refused(stack: Stack, person: Person, password: str) -> None:
    given = password.format(local=person.email.partition("@")[0], email=person.email)
    answer = person.http.post("/api/account", json={"email": person.email, "password": given})

    assert fields_of(answer) == ["password"]
    assert "tried first" in answer.json()["detail"]
    assert stack.sql("SELECT count(*) FROM users WHERE email = %s", person.email) == [(0,)]


def test_a_password_is_stored_as_an_argon2_hash(stack: Stack, person: Person) -> None:
    person.sign_up()

    [(stored,)] = stack.sql("SELECT password_hash FROM users WHERE email = %s", person.email)
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in "".join(stack.log(name) for name in ("web", "worker"))


def test_an_account_and_its_mail_are_one_transaction(stack: Stack, person: Person) -> None:
    person.sign_up()

    [(users, jobs)] = stack.sql(
        "SELECT count(DISTINCT u.xmin::text), count(DISTINCT m.job_id) "
        "FROM users u JOIN mails m ON m.recipient = u.email WHERE u.email = %s AND u.created_at = m.created_at",
        person.email,
    )
    assert (users, jobs) == (1, 1)


def test_guessing_is_held_back_for_an_account_but_not_for_others(stack: Stack) -> None:
    user = stack.user()
    guesser = Person(stack.client(), user.email, "wrong password")

    statuses = [guesser.sign_in().status_code for _ in range(11)]

    answer = Person(stack.client(), user.email).sign_in()
    assert statuses == [422] * 10 + [429]
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert Person(stack.client(), stack.user().email).sign_in().status_code == 200
