"""Notifications on a real system: by SMTP, and by webhooks as Slack, Teams and others take them."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from bellhop_client import verify
from bellhop_ledger.notifications import rules
from bellhop_ledger.notifications.tables import NotificationRule
from bellhop_ledger.platform.database import transaction
from bellhop_worker.http_requests.reencrypt import reencrypt_all
from tests.cast import address_of
from tests.integration.test_http_request import everything_in_the_database
from tests.notifying import make_rule
from tests.postbox import Postbox, parts
from tests.problems import fields_of
from tests.site import Asked, Says, Site
from tests.stack import Stack, wait_until

SIGNING = "whsec_c2lnbmluZy1zZXNhbWUtNDcxMQ=="
PATH = "/services/T1/B1/open-sesame-4711"
numbers = count()


def unique() -> str:
    return f"watched {next(numbers)}"


def create(stack: Stack, **fields: Any) -> dict[str, Any]:
    """Make a rule about a schedule of its own."""
    body = {"kind": "schedule", "name": unique(), "failures": 1, "channel": "mail", **fields}
    answer = stack.http.post("/api/notifications", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def schedule(stack: Stack, name: str, times: int) -> str:
    """Make a schedule whose jobs fail for good so many times; gives its path."""
    args = {"times": times, "permanent": True}
    body = {"name": name, "task": "test.fail", "args": args, "crontab": "0 0 31 12 *"}
    answer = stack.http.post("/api/schedules", json=body)
    assert answer.status_code == 201, answer.text
    return f"/api/schedules/{answer.json()['id']}"


def test_a_mail_says_that_a_schedule_fails_and_another_that_it_has_recovered(stack: Stack, postbox: Postbox) -> None:
    rule = create(stack, to="Backup-1@example.org", failures=2)
    path = schedule(stack, rule["name"], times=99)

    for _ in range(2):
        stack.ended(stack.http.post(f"{path}/run").json()["id"])

    mail = postbox.first_to("backup-1@example.org")
    assert mail["Subject"] == f"Bellhop: The schedule {rule['name']} has failed 2 times in a row"
    assert f"{stack.url}{path.removeprefix('/api')}" in parts(mail)[0]
    [shown] = stack.http.get(f"/api/notifications/{rule['id']}").json()["incidents"]
    assert (shown["condition"], shown["name"]) == ("failing", rule["name"])
    assert shown["notified_at"]
    stack.http.patch(path, json={"args": {"times": 0, "permanent": True}})
    stack.http.post(f"{path}/run")
    wait_until(lambda: len(postbox.to("backup-1@example.org")) == 2)
    assert postbox.to("backup-1@example.org")[1]["Subject"] == f"Bellhop: The schedule {rule['name']} has recovered"


def try_out(stack: Stack, rule: dict[str, Any]) -> dict[str, Any]:
    """Test a rule, and wait for the end of the job that sends it."""
    answer = stack.http.post(f"/api/notifications/{rule['id']}/test")
    assert answer.status_code == 202, answer.text
    return stack.ended(answer.json()["job_id"])


def test_a_test_is_sent_at_once_also_in_quiet_hours(stack: Stack, postbox: Postbox) -> None:
    rule = create(stack, to="test-1@example.org", quiet_from="00:00", quiet_until="23:59")

    try_out(stack, rule)

    assert "This is a test" in postbox.first_to("test-1@example.org")["Subject"]


def asked_of(site: Site) -> Asked:
    [asked] = site.asked
    return asked


def test_a_webhook_gets_json_with_a_signature_that_the_client_verifies(calling: Stack, site: Site) -> None:
    rule = create(calling, channel="webhook", url=site.url("/hook"), signing_secret=SIGNING)

    job = try_out(calling, rule)

    asked = asked_of(site)
    assert (job["state"], job["result"]) == ("succeeded", True)
    verify(SIGNING, asked.headers, asked.body)
    assert asked.headers["webhook-id"] == asked.headers["idempotency-key"] == job["id"]
    said = json.loads(asked.body)
    assert (said["type"], said["data"]["names"]) == ("schedule.test", [rule["name"]])


def test_slack_gets_a_text_and_blocks(calling: Stack, site: Site) -> None:
    try_out(calling, create(calling, channel="slack", url=site.url(PATH), name=f"<!here> & {unique()}"))

    said = json.loads(asked_of(site).body)
    assert asked_of(site).headers["content-type"] == "application/json"
    assert "schedule &lt;!here&gt; &amp; watched" in said["text"]
    assert {block["text"]["type"] for block in said["blocks"]} == {"mrkdwn"}


def test_teams_gets_an_adaptive_card(calling: Stack, site: Site) -> None:
    rule = create(calling, channel="teams", url=site.url(PATH))

    try_out(calling, rule)

    said = json.loads(asked_of(site).body)
    [attachment] = said["attachments"]
    assert said["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert rule["name"] in attachment["content"]["body"][0]["text"]


def test_a_webhook_that_is_busy_is_asked_again(calling: Stack, site: Site) -> None:
    answers = iter([Says(503, b"", (("Retry-After", "1"),)), Says(200)])
    site.answers["/busy"] = lambda _: next(answers)

    job = try_out(calling, create(calling, channel="webhook", url=site.url("/busy")))

    assert (job["state"], job["attempt"]) == ("succeeded", 2)
    assert {asked.headers["idempotency-key"] for asked in site.asked} == {job["id"]}


@pytest.mark.parametrize("status", [301, 400, 404, 410])
def test_a_refusal_is_final_and_says_nothing_of_the_address(calling: Stack, site: Site, status: int) -> None:
    site.answers[PATH] = Says(status, b"", (("Location", site.url(PATH)),))

    job = try_out(calling, create(calling, channel="slack", url=site.url(PATH)))

    assert (job["state"], job["attempt"]) == ("failed", 1)
    assert str(status) in job["error"]["message"]
    assert "open-sesame" not in json.dumps(job)


def test_no_webhook_leads_into_a_private_network(stack: Stack, site: Site) -> None:
    job = try_out(stack, create(stack, channel="slack", url=site.url(PATH)))

    assert (job["state"], site.asked) == ("failed", [])
    assert "open-sesame" not in json.dumps(job)


def test_the_address_and_the_secret_of_a_webhook_are_nowhere_to_be_found(calling: Stack, site: Site) -> None:
    rule = create(calling, channel="webhook", url=site.url(PATH), signing_secret=SIGNING)
    try_out(calling, rule)

    assert (rule["url"], rule["signing_secret"]) == ("***", "***")
    assert rule["origin"] == site.url("").rstrip("/")
    everything = everything_in_the_database(calling) + "".join(map(calling.log, ("web", "worker", "scheduler")))
    assert "open-sesame" not in everything
    assert SIGNING not in everything


def test_stars_keep_the_address_and_the_secret_but_not_for_another_host(
    calling: Stack, site: Site, other: Site
) -> None:
    rule = create(calling, channel="webhook", url=site.url(PATH), signing_secret=SIGNING)
    path = f"/api/notifications/{rule['id']}"
    kept = {name: rule[name] for name in ("kind", "name", "failures", "channel", "url", "signing_secret")}

    assert calling.http.put(path, json=kept | {"recovered": False}).json()["recovered"] is False
    try_out(calling, rule)
    refused = calling.http.put(path, json=kept | {"url": other.url("/hook")})

    assert asked_of(site).path == PATH
    verify(SIGNING, asked_of(site).headers, asked_of(site).body)
    assert fields_of(refused) == ["signing_secret"]


def test_what_is_on_its_way_to_a_webhook_is_not_sent_when_its_rule_is_deleted(
    make_stack: Callable[..., Stack], site: Site
) -> None:
    stack = make_stack("web", FETCH_ALLOW="127.0.0.0/8")
    rule = create(stack, channel="slack", url=site.url(PATH))
    job = stack.http.post(f"/api/notifications/{rule['id']}/test").json()["job_id"]
    assert stack.http.delete(f"/api/notifications/{rule['id']}").status_code == 204

    stack.start_service("worker")

    assert (stack.ended(job)["result"], site.asked) == (False, [])


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"failures": None}, ["failures"]),
        ({"failures": 0}, ["failures"]),
        ({"kind": "task", "late_seconds": 60}, ["late_seconds"]),
        ({"kind": "host"}, ["kind"]),
        ({"name": ""}, ["name"]),
        ({"to": None}, ["to"]),
        ({"to": "nobody"}, ["to"]),
        ({"url": "https://a.example/"}, ["url"]),
        ({"channel": "slack"}, ["to", "url"]),
        ({"channel": "slack", "to": None, "url": "ftp://a.example/"}, ["url"]),
        ({"channel": "slack", "to": None, "url": "***"}, ["url"]),
        ({"channel": "teams", "to": None, "url": "https://a.example/", "signing_secret": SIGNING}, ["signing_secret"]),
        ({"channel": "webhook", "to": None, "url": "https://a.example/", "signing_secret": "x"}, ["signing_secret"]),
        ({"quiet_from": "22:00"}, ["quiet_until"]),
        ({"quiet_until": "22:00"}, ["quiet_from"]),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, ["quiet_until"]),
        ({"quiet_from": "24:00", "quiet_until": "22:00"}, ["quiet_from"]),
        ({"quiet_from": "22:00", "quiet_until": "07:00", "time_zone": "Vienna"}, ["time_zone"]),
        ({"time_zone": "Europe/Vienna"}, ["time_zone"]),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_name_of_its_field(
    stack: Stack, fields: dict[str, Any], wrong: list[str]
) -> None:
    body = {"kind": "schedule", "name": "x", "failures": 1, "channel": "mail", "to": "ada@example.org"} | fields

    assert fields_of(stack.http.post("/api/notifications", json=body)) == wrong


def test_a_mail_goes_to_whoever_makes_the_rule_unless_it_says_otherwise(stack: Stack) -> None:
    operator = stack.user("operator")
    body = {"kind": "task", "name": unique(), "failures": 1, "channel": "mail"}

    made = operator.http.post("/api/notifications", json=body).json()

    assert (made["to"], made["to_account"]) == (operator.email, str(operator.id))
    assert made["owner"].startswith("token:")


def test_a_rule_follows_its_account_to_another_address_and_keeps_an_address_that_was_given(
    stack: Stack, postbox: Postbox
) -> None:
    operator = stack.user("operator")
    body = {"kind": "task", "name": unique(), "failures": 1, "channel": "mail"}
    following, given = (
        operator.http.post("/api/notifications", json=body | to).json() for to in ({}, {"to": operator.email})
    )
    new = address_of("moved")

    stack.sql("UPDATE users SET email = %s WHERE id = %s", new, str(operator.id))

    for rule, address in ((following, new), (given, operator.email)):
        try_out(stack, rule)
        assert "test" in postbox.first_to(address)["Subject"]
        assert stack.http.get(f"/api/notifications/{rule['id']}").json()["to"] == address


def test_a_change_without_an_address_keeps_the_account_and_one_with_it_ends_that(stack: Stack) -> None:
    ada, bob = stack.user("operator"), stack.user("operator")
    body = {"kind": "task", "name": unique(), "failures": 1, "channel": "mail"}
    path = f"/api/notifications/{ada.http.post('/api/notifications', json=body).json()['id']}"

    kept = bob.http.put(path, json=body | {"failures": 2}).json()
    written = bob.http.put(path, json=body | {"to": "team@example.org"}).json()
    taken = bob.http.put(path, json=body).json()

    assert [(one["to"], one["to_account"]) for one in (kept, written, taken)] == [
        (ada.email, str(ada.id)),
        ("team@example.org", None),
        (bob.email, str(bob.id)),
    ]


def test_rules_are_listed_shown_and_deleted(stack: Stack) -> None:
    rule = create(stack, to="ada@example.org")
    path = f"/api/notifications/{rule['id']}"

    listed = stack.http.get("/api/notifications").json()["notifications"]

    assert rule in listed
    assert stack.http.get(path).json() == rule
    assert stack.http.delete(path).status_code == 204
    assert {stack.http.request(method, path).status_code for method in ("GET", "DELETE")} == {404}


def test_a_change_of_the_key_reaches_the_address_and_the_secret(ledger: Stack, set_keys: Callable[[str], None]) -> None:
    hook = {"channel": "webhook", "recipient": None, "url": "https://a.example/hook", "signing_secret": SIGNING}
    id = make_rule(**hook)
    set_keys("another-key-of-a-test,dev-only-encryption-key")

    with transaction() as db:
        assert reencrypt_all(db) == (2, 0)
    set_keys("another-key-of-a-test")

    with transaction() as db:
        assert rules.opened(db.get_one(NotificationRule, id)) == ("https://a.example/hook", SIGNING)
