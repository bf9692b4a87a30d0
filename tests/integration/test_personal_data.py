"""Personal data: exported and deleted, by people with their password and by admins, and nothing is left behind."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bellhop_ledger.accounts import erasure, people
from bellhop_ledger.accounts.people import LastAdmin
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.platform.database import transaction
from tests.cast import PASSWORD, Person, TestUser
from tests.integration.test_account_pages import sent
from tests.integration.test_people_admin import admin
from tests.integration.test_service_tokens import YEAR_END
from tests.integration.test_who_may_do_what import NOBODY
from tests.problems import ADDITION, LATER, fields_of
from tests.stack import Stack, wait_until

PARTS = {
    "exported_at",
    "account",
    "sessions",
    "identities",
    "tokens",
    "jobs",
    "schedules",
    "schedule_changes",
    "service_tokens",
    "notification_rules",
    "mails",
    "acts",
    "plug_ins",
}


def exported(user: TestUser) -> dict[str, Any]:
    answer = user.http.post("/api/account/export", json={"password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def deleted(stack: Stack, user: TestUser, **wanted: str) -> httpx.Response:
    return stack.http.post(f"/api/people/{user.id}/deletion", json=wanted)


def scheduled(user: TestUser) -> str:
    body = {"name": f"of {uuid4().hex}", "crontab": YEAR_END, **ADDITION}
    answer = user.http.post("/api/schedules", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_an_export_has_all_that_is_kept_of_somebody(stack: Stack) -> None:
    user = stack.user(Role.OPERATOR)
    job, schedule = user.http.post("/api/jobs", json=LATER).json()["id"], scheduled(user)
    user.http.post("/api/account/address", json={"email": f"{uuid4().hex}@example.org", "password": PASSWORD})

    document = exported(user)

    assert set(document) == PARTS
    assert document["account"]["email"] == user.email
    assert [one["id"] for one in document["jobs"]] == [job]
    assert [one["id"] for one in document["schedules"]] == [schedule]
    assert [one["subject"] for one in document["mails"]] == ["Your address is to be changed"]
    assert {one["action"] for one in document["acts"]} == {"schedule.created", "address.asked", "user.exported"}
    assert [one["name"] for one in document["tokens"]] == ["test"]
    assert "hash" not in document["sessions"][0]


def test_an_export_has_nothing_of_others_and_no_secret(stack: Stack) -> None:
    user, other = stack.user(Role.MEMBER), stack.user(Role.OPERATOR)
    other.http.post("/api/jobs", json=LATER)
    stack.user(Role.MEMBER)

    answer = user.http.post("/api/account/export", json={"password": PASSWORD})

    assert other.email not in answer.text
    assert (answer.json()["jobs"], answer.json()["schedules"]) == ([], [])
    assert "argon2" not in answer.text
    assert answer.headers["Content-Disposition"] == 'attachment; filename="personal-data.json"'


def test_people_export_and_delete_with_their_password_alone(stack: Stack) -> None:
    user = stack.user(Role.MEMBER)

    refused = [
        user.http.post(f"/api/account/{what}", json=body)
        for what in ("export", "deletion")
        for body in ({}, {"password": "a wrong one"})
    ]

    assert [fields_of(answer, 422) for answer in refused] == [["password"]] * 4
    assert user.http.get("/api/account").status_code == 200


def test_an_admin_exports_the_data_of_somebody_and_that_is_noted(stack: Stack) -> None:
    user = stack.user(Role.MEMBER)

    document = stack.http.post(f"/api/people/{user.id}/export", json={}).json()

    assert document["account"]["id"] == str(user.id)
    [act] = stack.http.get("/api/audit", params={"action": "user.exported", "thing": str(user.id)}).json()["acts"]
    assert act["actor_name"] == "token admin"
    assert stack.http.post(f"/api/people/{NOBODY}/export", json={}).status_code == 404


def test_who_deletes_their_account_is_gone_and_what_stays_names_nobody(stack: Stack) -> None:
    user = stack.user(Role.OPERATOR)
    job = user.http.post("/api/jobs", json=LATER).json()["id"]
    user.http.post(f"/api/jobs/{job}/cancel")

    answer = user.http.post("/api/account/deletion", json={"password": PASSWORD})

    assert answer.status_code == 204, answer.text
    assert httpx.get(f"{stack.url}/api/account", cookies=user.cookies).status_code == 401
    assert Person(stack.client(), user.email).sign_in().status_code == 422
    assert stack.http.get(f"/api/people/{user.id}").status_code == 404
    assert stack.job(job)["state"] == "cancelled"
    assert kept_of(stack, user.email) == {"mails": 1}
    acts = stack.http.get("/api/audit", params={"actor": f"token:{user.id}"}).json()["acts"]
    assert {act["action"] for act in acts} == {"job.cancelled", "user.deleted"}
    assert {(act["address"], act["agent"]) for act in acts} == {(None, None)}


def kept_of(stack: Stack, words: str) -> dict[str, int]:
    """Look into every row of every table for these words, and count the rows by table."""
    tables = stack.sql(
        "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables "
        "WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    found = {
        table: stack.sql(f"SELECT count(*) FROM {table} t WHERE strpos(CAST(t AS text), %s) > 0", words)[0][0]
        for (table,) in tables
    }
    return {table.rpartition(".")[2]: count for table, count in found.items() if count}


def test_the_last_mail_tells_of_it_and_others_that_were_sent_are_gone(stack: Stack) -> None:
    user = stack.user(Role.MEMBER)
    user.http.post("/api/account/address", json={"email": f"{uuid4().hex}@example.org", "password": PASSWORD})
    of_user = "SELECT subject FROM mails WHERE recipient = %s AND state = 'sent'"
    wait_until(lambda: stack.sql(of_user, user.email))

    deleted(stack, user)

    wait_until(lambda: stack.sql(of_user, user.email) == [("Your account is deleted",)])


def test_a_new_account_with_the_address_is_another_one(stack: Stack) -> None:
    user = stack.user(Role.MEMBER)
    deleted(stack, user)

    invited = stack.http.post("/api/invitations", json={"email": user.email, "role": "viewer"})

    assert invited.status_code == 201, invited.text


def test_schedules_and_service_tokens_are_listed_and_handed_to_an_admin(stack: Stack) -> None:
    user, heir = stack.user(Role.ADMIN), stack.user(Role.ADMIN)
    schedule = scheduled(user)
    token = user.http.post("/api/service-tokens", json={"name": f"of {uuid4().hex}"}).json()

    refused = deleted(stack, user)
    unfit = [deleted(stack, user, hand_over_to=who) for who in (stack.user(Role.OPERATOR).email, user.email)]
    answer = deleted(stack, user, hand_over_to=heir.email)

    assert refused.status_code == 409
    owned = [(one["kind"], one["id"]) for one in refused.json()["owned"]]
    assert owned == [("schedule", schedule), ("service_token", token["id"])]
    assert [fields_of(one, 422) for one in unfit] == [["hand_over_to"]] * 2
    assert answer.status_code == 204, answer.text
    assert stack.http.get(f"/api/schedules/{schedule}").json()["created_by"] == f"user:{heir.id}"
    assert stack.client(token["token"]).get("/api/jobs").status_code == 200


def test_a_rule_that_writes_to_somebody_goes_with_them_and_their_others_stay(stack: Stack) -> None:
    user, heir = stack.user(Role.OPERATOR), stack.user(Role.ADMIN)
    to_them, to_others = (ruled(user, to) for to in (user.email, f"{uuid4().hex}@example.org"))

    refused = deleted(stack, user)
    answer = deleted(stack, user, hand_over_to=heir.email)

    assert [(one["kind"], one["id"]) for one in refused.json()["owned"]] == [("notification_rule", to_others)]
    assert answer.status_code == 204, answer.text
    assert stack.sql("SELECT id, owner FROM notification_rules WHERE id = ANY(%s::uuid[])", [to_them, to_others]) == [
        (to_others, f"user:{heir.id}")
    ]


def test_a_rule_that_writes_to_an_account_goes_with_it_whatever_its_address_was(stack: Stack) -> None:
    user, neighbour = stack.user(Role.OPERATOR), stack.user(Role.OPERATOR)
    theirs, others = ruled(user, None), ruled(neighbour, None)
    former, new = user.email, f"{uuid4().hex}@example.org"
    stack.sql("UPDATE users SET email = %s WHERE id = %s", new, str(user.id))
    stack.sql("UPDATE users SET email = %s WHERE id = %s", former, str(neighbour.id))

    answer = deleted(stack, neighbour)

    assert answer.status_code == 204, answer.text
    left = stack.sql("SELECT id FROM notification_rules WHERE id = ANY(%s::uuid[])", [theirs, others])
    assert left == [(theirs,)]


def ruled(user: TestUser, to: str | None) -> str:
    """Store a rule that informs somebody, and return its id."""
    rule = {"kind": "task", "name": uuid4().hex, "failures": 3, "channel": "mail", "to": to}
    answer = user.http.post("/api/notifications", json=rule)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_the_pages_export_and_delete(stack: Stack) -> None:
    user, name = stack.user(Role.OPERATOR), f"of {uuid4().hex}"
    user.http.post("/api/schedules", json={"name": name, "crontab": YEAR_END, **ADDITION})
    heir = stack.user(Role.ADMIN)

    with httpx.Client(base_url=stack.url, cookies=user.cookies) as browser:
        file = sent(browser, "/account/export", password=PASSWORD)
        assert file.json()["account"]["email"] == user.email
        assert name in browser.get("/account/delete").text
        assert sent(browser, "/account/delete", password=PASSWORD).status_code == 409
        gone = sent(browser, "/account/delete", password=PASSWORD, hand_over_to=heir.email)
        assert gone.status_code == 303, gone.text
        assert "Your account is deleted" in browser.get("/").text


def test_who_has_no_password_exports_and_deletes_right_after_a_sign_in_with_the_issuer(stack: Stack) -> None:
    user = stack.user(Role.MEMBER)
    stack.sql("UPDATE users SET password_hash = NULL WHERE id = %s", str(user.id))

    with httpx.Client(base_url=stack.url, cookies=user.cookies) as browser:
        assert sent(browser, "/account/export").status_code == 422
        stack.sql("UPDATE sessions SET proved_at = now() WHERE user_id = %s", str(user.id))
        assert sent(browser, "/account/export").json()["account"]["email"] == user.email
        assert sent(browser, "/account/delete").status_code == 303

    assert stack.http.get(f"/api/people/{user.id}").status_code == 404


def test_an_admin_deletes_on_the_page_of_somebody(stack: Stack) -> None:
    user = stack.user(Role.MEMBER)

    with httpx.Client(base_url=stack.url, cookies=stack.user(Role.ADMIN).cookies) as browser:
        page = f"/people/{user.id}"
        assert sent(browser, f"{page}/export", password=PASSWORD).json()["account"]["email"] == user.email
        assert sent(browser, f"{page}/delete", password="a wrong one").status_code == 422
        assert sent(browser, f"{page}/delete", password=PASSWORD).status_code == 303
        assert browser.get(page).status_code == 404


def test_the_last_admin_is_not_deleted(ledger: Stack) -> None:
    last = admin()

    with pytest.raises(LastAdmin), transaction() as db:
        erasure.erase(db, people.find(db, last.id, lock=True))

    assert ledger.sql("SELECT email, deleted_at FROM users") == [(last.email, None)]


@pytest.fixture
def plugged(ledger: Stack) -> Iterator[Stack]:
    """Tables of a plug-in that knows nothing of deletion but its foreign keys."""
    ledger.sql("CREATE SCHEMA plugged")
    for name, rule in (("cascading", "ON DELETE CASCADE"), ("emptied", "ON DELETE SET NULL"), ("kept", "")):
        ledger.sql(f"CREATE TABLE plugged.{name} (id int, user_id uuid REFERENCES users {rule})")
    ledger.sql("GRANT USAGE ON SCHEMA plugged TO PUBLIC")
    ledger.sql("GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA plugged TO PUBLIC")
    yield ledger
    ledger.sql("DROP SCHEMA plugged CASCADE")


def test_what_points_to_an_account_goes_as_its_foreign_key_says(plugged: Stack) -> None:
    admin()
    user = admin()
    for name in ("cascading", "emptied", "kept"):
        plugged.sql(f"INSERT INTO plugged.{name} VALUES (1, %s)", str(user.id))

    with transaction() as db:
        erasure.erase(db, people.find(db, user.id, lock=True))

    assert plugged.sql("SELECT user_id FROM plugged.cascading") == []
    assert plugged.sql("SELECT user_id FROM plugged.emptied") == [(None,)]
    assert plugged.sql("SELECT user_id FROM plugged.kept") == [(str(user.id),)]
