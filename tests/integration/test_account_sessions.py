"""Sessions, passwords and personal tokens: what lets somebody in, and how it ends."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from bellhop_ledger.platform.secrets import hash_of
from tests.cast import PASSWORD, Person
from tests.integration.test_account_signing import token_in
from tests.postbox import Postbox, link_in, parts
from tests.problems import fields_of
from tests.stack import TOKEN, Stack, wait_until

NEW = "an entirely new password"


@pytest.fixture
def person(stack: Stack) -> Person:
    """Somebody who is signed in."""
    made = Person(stack.client(), stack.user().email)
    assert made.sign_in().status_code == 200
    return made


def another(stack: Stack, person: Person) -> Person:
    """The same person at another browser."""
    made = Person(stack.client(), person.email)
    made.sign_in()
    return made


def is_in(stack: Stack, session: str) -> bool:
    browser = stack.client()
    browser.cookies["bellhop_session"] = session
    return browser.get("/api/account").status_code == 200


def reset_token(stack: Stack, postbox: Postbox, email: str) -> str:
    stack.client().post("/api/account/password-reset", json={"email": email})
    mails = wait_until(lambda: [one for one in postbox.to(email) if one["Subject"] == "Bellhop: Choose a new password"])
    return token_in(link_in(mails[-1]))


def new_token(person: Person, **more: object) -> dict[str, Any]:
    wanted = {"name": "laptop", "password": person.password, **more}
    answer = person.http.post("/api/account/tokens", json=wanted)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_session_is_a_cookie_that_neither_scripts_nor_other_sites_use(person: Person) -> None:
    cookie = person.sign_in().headers["Set-Cookie"]

    assert re.search(r"bellhop_session=[\w-]{43};", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_a_site_behind_tls_has_its_cookies_sent_over_tls_only(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web", PUBLIC_URL="https://bellhop.example.org")

    cookie = Person(stack.client(), stack.user().email).sign_in().headers["Set-Cookie"]

    assert "Secure" in cookie


def test_a_sign_in_gives_a_new_session_and_ends_the_one_before(stack: Stack, person: Person) -> None:
    before = person.session

    person.sign_in()

    assert person.session != before
    assert not is_in(stack, before)


def test_a_session_that_was_chosen_by_somebody_else_is_not_taken_over(stack: Stack) -> None:
    victim = Person(stack.client(), stack.user().email)
    victim.http.cookies["bellhop_session"] = "planted"

    victim.sign_in()

    assert stack.sql("SELECT count(*) FROM sessions WHERE hash = %s", hash_of("planted")) == [(0,)]


def test_who_signs_out_is_out(stack: Stack, person: Person) -> None:
    before = person.session

    assert person.http.delete("/api/account/session").status_code == 204

    assert not is_in(stack, before)


def test_a_change_by_cookie_wants_the_token_of_the_same_session(stack: Stack, person: Person) -> None:
    person.http.headers["X-CSRF-Token"] = another(stack, person).http.headers["X-CSRF-Token"]

    assert fields_of(person.http.delete("/api/account/session"), 403) == ["X-CSRF-Token"]


def test_sessions_are_listed_and_ended(stack: Stack, person: Person) -> None:
    other = another(stack, person)
    sessions = person.http.get("/api/account/sessions").json()["sessions"]
    [its] = [one for one in sessions if one["created_at"] == max(session["created_at"] for session in sessions)]

    assert person.http.delete(f"/api/account/sessions/{its['id']}").status_code == 204

    assert [one["current"] for one in sessions].count(True) == 1
    assert other.http.get("/api/account").status_code == 401
    assert person.http.get("/api/account").status_code == 200


def test_the_session_or_token_of_somebody_else_is_not_found(stack: Stack, person: Person) -> None:
    stranger = stack.user()
    [(session,)] = stack.sql("SELECT id FROM sessions WHERE user_id = %s", str(stranger.id))
    [(token,)] = stack.sql("SELECT id FROM tokens WHERE user_id = %s", str(stranger.id))

    assert fields_of(person.http.delete(f"/api/account/sessions/{session}"), 404) == []
    assert fields_of(person.http.delete(f"/api/account/tokens/{token}"), 404) == []
    assert stranger.http.get("/api/account").status_code == 200


def test_a_new_password_ends_all_other_sessions(stack: Stack, person: Person) -> None:
    other = another(stack, person)

    answer = person.entered(person.http.put("/api/account/password", json={"current": PASSWORD, "new": NEW}))

    assert answer.status_code == 200
    assert other.http.get("/api/account").status_code == 401
    assert person.http.get("/api/account").status_code == 200
    assert Person(stack.client(), person.email, NEW).sign_in().status_code == 200
    assert another(stack, person).http.get("/api/account").status_code == 401


def test_a_new_password_wants_the_present_one(person: Person) -> None:
    answer = person.http.put("/api/account/password", json={"current": "not it at all", "new": NEW})

    assert fields_of(answer) == ["current"]


@pytest.mark.parametrize("new", [PASSWORD, "password12", "{local}2024"])
def test_neither_the_same_password_nor_one_that_is_tried_first_is_taken(
    stack: Stack, postbox: Postbox, person: Person, new: str
) -> None:
    new = new.format(local=person.email.partition("@")[0])
    reset = {"token": reset_token(stack, postbox, person.email), "password": new}

    changed = person.http.put("/api/account/password", json={"current": PASSWORD, "new": new})
    chosen = person.http.put("/api/account/password-reset", json=reset)

    assert (fields_of(changed), fields_of(chosen)) == (["new"], ["password"])
    assert person.http.get("/api/account").status_code == 200
    assert Person(stack.client(), person.email).sign_in().status_code == 200


def test_a_forgotten_password_is_chosen_anew_by_the_link_once(stack: Stack, postbox: Postbox, person: Person) -> None:
    body = {"token": reset_token(stack, postbox, person.email), "password": NEW}

    assert stack.client().put("/api/account/password-reset", json=body).status_code == 200

    assert fields_of(stack.client().put("/api/account/password-reset", json=body)) == ["token"]
    assert person.http.get("/api/account").status_code == 401
    assert Person(stack.client(), person.email, NEW).sign_in().status_code == 200


def test_who_asks_for_a_new_password_learns_nothing(stack: Stack, postbox: Postbox, person: Person) -> None:
    nobody = f"nobody.{uuid4().hex}@example.org"

    known, unknown = (
        stack.client().post("/api/account/password-reset", json={"email": email}) for email in (person.email, nobody)
    )

    assert known.json() == unknown.json()
    assert postbox.first_to(nobody)["Subject"] == "Bellhop: There is no account with this address"


def test_a_token_is_shown_once_and_lets_its_owner_in(stack: Stack, person: Person) -> None:
    made = new_token(person, scope="write", days=7)

    owner = stack.client(made["token"])
    assert owner.get("/api/account").json()["email"] == person.email
    listed = person.http.get("/api/account/tokens").json()["tokens"][0]
    assert (listed["name"], listed["scope"]) == ("laptop", "write")
    assert made["token"] not in person.http.get("/api/account/tokens").text
    assert stack.sql("SELECT hash FROM tokens WHERE id = %s", made["id"]) == [(hash_of(made["token"]),)]


def test_a_token_that_is_revoked_is_refused_within_seconds(stack: Stack, person: Person) -> None:
    made = new_token(person)
    owner = stack.client(made["token"])
    assert owner.get("/api/account").status_code == 200

    assert person.http.delete(f"/api/account/tokens/{made['id']}").status_code == 204

    wait_until(lambda: owner.get("/api/account").status_code == 401)


def test_a_token_cannot_make_another_one(stack: Stack) -> None:
    wanted = {"name": "more", "password": PASSWORD}

    assert fields_of(stack.user().http.post("/api/account/tokens", json=wanted), 403) == []


def test_a_token_wants_the_password(person: Person) -> None:
    answers = [person.http.post("/api/account/tokens", json={"name": "x", **more}) for more in ({}, {"password": NEW})]

    assert [fields_of(answer) for answer in answers] == [["password"], ["password"]]
    assert [token["name"] for token in person.http.get("/api/account/tokens").json()["tokens"]] == ["test"]


def test_guessing_the_password_for_a_token_is_held_back(person: Person) -> None:
    wanted = {"name": "x", "password": "a guess of a thief"}

    statuses = [person.http.post("/api/account/tokens", json=wanted).status_code for _ in range(11)]

    assert statuses == [422] * 10 + [429]


def test_the_owner_is_told_of_a_new_token(person: Person, postbox: Postbox) -> None:
    new_token(person, scope="write", days=7)

    text = parts(postbox.first_to(person.email))[0]
    assert "named \u201claptop\u201d" in text
    assert "do everything that you may" in text


def test_a_reset_ends_every_token(stack: Stack, postbox: Postbox, person: Person) -> None:
    owners = [stack.client(new_token(person, scope=scope)["token"]) for scope in ("read", "write")]
    assert [owner.get("/api/account").status_code for owner in owners] == [200, 200]
    body = {"token": reset_token(stack, postbox, person.email), "password": NEW}

    answer = person.entered(person.http.put("/api/account/password-reset", json=body))

    assert answer.status_code == 200
    assert person.http.get("/api/account/tokens").json()["tokens"] == []
    for owner in owners:
        wait_until(lambda owner=owner: owner.get("/api/account").status_code == 401)


@pytest.mark.parametrize(
    ("more", "left", "said"),
    [
        ({}, 0, "all its sessions and API tokens were ended"),
        ({"revoke_tokens": True}, 0, "all its sessions and API tokens were ended"),
        ({"revoke_tokens": False}, 1, "Its API tokens are still valid"),
    ],
)
def test_a_change_of_the_password_ends_the_tokens_unless_they_are_kept(
    person: Person, postbox: Postbox, more: dict[str, bool], left: int, said: str
) -> None:
    answer = person.entered(person.http.put("/api/account/password", json={"current": PASSWORD, "new": NEW, **more}))

    assert answer.status_code == 200
    assert len(person.http.get("/api/account/tokens").json()["tokens"]) == left
    assert said in parts(postbox.first_to(person.email))[0]


def test_operators_see_the_tokens_of_the_system_and_nobody_else_does(stack: Stack) -> None:
    operator, user = stack.user("operator"), stack.user()
    listed = operator.http.get("/api/system-tokens").json()["tokens"]
    pages = []
    for person in (operator, user):
        browser = stack.client()
        browser.cookies.update(person.cookies)
        pages.append(browser.get("/account").text)

    assert "admin" in [token["name"] for token in listed]
    assert hash_of(TOKEN) not in str(listed)
    assert user.http.get("/api/system-tokens").status_code == 403
    assert ["Tokens of the system" in page for page in pages] == [True, False]
    assert "ADMIN_TOKEN" in pages[0]


def test_the_token_of_the_system_has_no_account(stack: Stack) -> None:
    assert fields_of(stack.http.get("/api/account"), 403) == []


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\nb"},
        {"name": "x", "days": 0},
        {"name": "x", "days": 367},
        {"name": "x", "scope": "all"},
        {"name": "x", "scope": []},
    ],
)
def test_a_token_that_makes_no_sense_is_refused(person: Person, body: dict[str, object]) -> None:
    answer = person.http.post("/api/account/tokens", json={"password": PASSWORD, **body})

    assert fields_of(answer) == [list(body)[-1]]
