"""Who has an account: admins list people, change their roles and keep them out; the last admin stays one."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy.orm import Session

from bellhop_ledger.accounts import people
from bellhop_ledger.accounts.people import LastAdmin
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.users import User
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from tests.cast import PASSWORD, PASSWORD_HASH, Person, TestUser, address_of
from tests.integration.test_who_may_do_what import NOBODY
from tests.listener import Listener
from tests.locks import someone_waits
from tests.problems import LATER, fields_of
from tests.stack import Stack, wait_until

Change = Callable[[Session, User], None]


def disabled(stack: Stack, user: TestUser, **why: str) -> httpx.Response:
    return stack.http.post(f"/api/people/{user.id}/disable", json=why)


def test_people_are_listed_page_by_page_and_found_by_address_role_and_state(stack: Stack) -> None:
    first, second = stack.user(Role.VIEWER), stack.user(Role.VIEWER)
    disabled(stack, second)

    newest = stack.http.get("/api/people", params={"role": "viewer", "limit": "1"}).json()
    next_one = {"role": "viewer", "limit": "1", "cursor": newest["next_cursor"]}

    assert [person["id"] for person in newest["people"]] == [str(second.id)]
    assert [person["id"] for person in stack.http.get("/api/people", params=next_one).json()["people"]] == [
        str(first.id)
    ]
    assert found(stack, address=first.email.upper()[2:]) == [str(first.id)]
    assert str(second.id) in found(stack, state="disabled")
    assert str(second.id) not in found(stack, state="active")
    assert found(stack, address="100%_sure") == []


def found(stack: Stack, **filters: str) -> list[str]:
    answer = stack.http.get("/api/people", params=filters)
    assert answer.status_code == 200, answer.text
    return [person["id"] for person in answer.json()["people"]]


def test_a_person_is_shown_with_the_latest_use_of_a_session_or_token(stack: Stack) -> None:
    user = stack.user(Role.MEMBER)

    shown = stack.http.get(f"/api/people/{user.id}").json()

    assert (shown["email"], shown["role"], shown["state"]) == (user.email, "member", "active")
    assert shown["last_seen_at"] is not None
    assert stack.http.get(f"/api/people/{NOBODY}").status_code == 404
    assert fields_of(stack.http.get("/api/people/ada"), 422) == ["person_id"]


def test_who_is_disabled_is_out_at_once_and_their_jobs_go_on(stack: Stack) -> None:
    user = stack.user(Role.OPERATOR)
    job = user.http.post("/api/jobs", json=LATER).json()["id"]

    answer = disabled(stack, user, reason="Has left")

    assert (answer.status_code, answer.json()["state"]) == (200, "disabled")
    assert httpx.get(f"{stack.url}/api/account", cookies=user.cookies).status_code == 401
    wait_until(lambda: user.http.get("/api/account").status_code == 401, patience=20)
    assert stack.job(job)["state"] == "scheduled"
    [act] = stack.http.get("/api/audit", params={"action": "user.disabled", "thing": str(user.id)}).json()["acts"]
    assert act["details"] == {"reason": "Has left"}


def test_an_open_page_of_who_is_disabled_ends(stack: Stack, listen: Callable[..., Listener]) -> None:
    user = stack.user(Role.OPERATOR)
    stream = listen(stack, "dashboard", token=user.http.headers["Authorization"].removeprefix("Bearer "))
    stream.wait_for("event: fragments")

    disabled(stack, user)

    stream.wait_for("<end>")


def test_who_is_disabled_neither_signs_in_nor_gets_a_new_password(stack: Stack) -> None:
    user = stack.user(Role.MEMBER)
    disabled(stack, user)
    person = Person(stack.client(), user.email)

    assert fields_of(person.sign_in(), 422) == ["password"]
    assert person.http.post("/api/account/password-reset", json={"email": user.email}).status_code == 202
    assert stack.sql("SELECT subject FROM mails WHERE recipient = %s", user.email) == [
        ("There is no account with this address",)
    ]


def test_who_is_enabled_again_signs_in_and_what_was_ended_stays_ended(stack: Stack) -> None:
    user = stack.user(Role.MEMBER)
    disabled(stack, user)

    answer = stack.http.post(f"/api/people/{user.id}/enable")

    assert (answer.status_code, answer.json()["state"]) == (200, "active")
    assert Person(stack.client(), user.email, PASSWORD).sign_in().status_code == 200
    assert httpx.get(f"{stack.url}/api/account", cookies=user.cookies).status_code == 401


def test_an_admin_changes_people_on_their_pages(stack: Stack) -> None:
    user = stack.user(Role.MEMBER)
    page = f"/people/{user.id}"

    with httpx.Client(base_url=stack.url, cookies=stack.user(Role.ADMIN).cookies) as browser:
        assert user.email in browser.get("/people", params={"address": user.email}).text
        for form in ("role", "disable", "enable"):
            assert posted(browser, page, form, role="viewer").status_code == 303
        shown = browser.get(page).text

    assert "<dd>viewer</dd>" in shown, shown.partition("<main")[2]
    assert stack.http.get(f"/api/people/{user.id}").json()["sees_payloads"] is False


def posted(browser: httpx.Client, page: str, form: str, **typed: str) -> httpx.Response:
    """Send one of the forms of a page."""
    token = browser.get(page).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    return browser.post(f"{page}/{form}", data={"csrf_token": token, **typed})


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Two admins at once."""
    with ThreadPoolExecutor(2) as made:
        yield made


def admin() -> User:
    with transaction() as db:
        user = User(email=address_of("admin"), password_hash=PASSWORD_HASH, activated_at=now(), role=Role.ADMIN)
        db.add(user)
    return user


def demote(db: Session, user: User) -> None:
    people.change_role(db, user, Role.OPERATOR)


CHANGES: dict[str, Change] = {"disabled": people.disable, "demoted": demote}


def changed(user: User, change: Change) -> None:
    with transaction() as db:
        change(db, people.find(db, user.id, lock=True))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_last_admin_stays_one_and_stays_in(ledger: Stack, change: Change) -> None:
    last, before = admin(), admin()
    changed(before, people.disable)

    with pytest.raises(LastAdmin):
        changed(last, change)

    assert ledger.sql("SELECT id, disabled_at FROM users WHERE granted_role = 'admin' AND disabled_at IS NULL") == [
        (str(last.id), None)
    ]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_two_admins_do_not_put_each_other_out_at_the_same_moment(
    ledger: Stack, pool: ThreadPoolExecutor, change: Change
) -> None:
    one, other = admin(), admin()

    with transaction() as db:
        change(db, people.find(db, one.id, lock=True))
        second: Future[None] = pool.submit(changed, other, change)
        someone_waits(ledger, "%pg_advisory_xact_lock%")

    with pytest.raises(LastAdmin):
        second.result(timeout=30)
