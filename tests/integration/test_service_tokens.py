"""Service tokens: what they may submit, see and manage by patterns; how they end, and how secrets are replaced."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.platform.secrets import hash_of
from tests.cast import PASSWORD
from tests.integration.test_who_may_do_what import NOBODY
from tests.listener import Listener
from tests.problems import ADDITION, LATER, fields_of
from tests.stack import Stack, wait_until

names = count()
YEAR_END = "0 0 31 12 *"
FOR_SERVICES = {
    "submit_job",
    "submit_batch",
    "list_jobs",
    "show_job",
    "list_attempts",
    "list_events",
    "show_job_logs",
    "cancel_job",
    "retry_job",
    "list_tasks",
    "create_schedule",
    "list_schedules",
    "preview_schedule",
    "import_schedules",
    "show_schedule",
    "change_schedule",
    "delete_schedule",
    "pause_schedule",
    "resume_schedule",
    "run_schedule",
    "preview_runs",
    "list_runs",
    "list_changes",
    "show_change",
    "show_wall",
    "show_forecast",
    "list_jumps",
}


def made(stack: Stack, **wanted: Any) -> dict[str, Any]:
    """Make a service token and return the answer, with its secret."""
    answer = stack.http.post("/api/service-tokens", json={"name": f"service {next(names)}", **wanted})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def service(stack: Stack, **wanted: Any) -> httpx.Client:
    """Return a client with a new service token."""
    return stack.client(made(stack, **wanted)["token"])


@pytest.fixture(scope="module")
def billing(stack: Stack) -> httpx.Client:
    """An application that may submit some tasks, and manages its own schedules."""
    return service(stack, tasks=["test.add", "test.f*", "test.*_lea*"], schedules=["billing *", "billing: 50%_*"])


def test_it_submits_what_a_pattern_names_and_sees_what_it_submitted(stack: Stack, billing: httpx.Client) -> None:
    others = stack.submit(**LATER)

    answer = billing.post("/api/jobs", json=ADDITION)

    assert answer.status_code == 202, answer.text
    job = answer.json()["id"]
    assert stack.ended(job)["submitter"].startswith("service:")
    assert billing.get(f"/api/jobs/{job}").json()["result"] == 12
    assert {billing.get(f"/api/jobs/{job}/{part}").status_code for part in ("logs", "attempts", "events")} == {200}
    listed = [one["id"] for one in billing.get("/api/jobs").json()["jobs"]]
    assert job in listed
    assert others["id"] not in listed
    for part in ("", "/logs", "/attempts", "/events"):
        assert billing.get(f"/api/jobs/{others['id']}{part}").status_code == 404
    assert billing.get("/api/jobs", params={"submitter": others["submitter"]}).json()["jobs"] == []


def test_its_jobs_are_of_all_its_secrets_and_of_no_other_token(stack: Stack, billing: httpx.Client) -> None:
    other = service(stack, tasks=["*"])
    job = f"/api/jobs/{billing.post('/api/jobs', json=LATER).json()['id']}"

    assert {other.post(f"{job}/{verb}").status_code for verb in ("cancel", "retry")} == {404}
    assert billing.get(job).json()["state"] == "scheduled"
    assert billing.post(f"{job}/cancel").json()["state"] == "cancelled"
    assert billing.post(f"{job}/retry").status_code == 202


@pytest.mark.parametrize(
    ("tasks", "queues", "task", "field"),
    [
        (["test.add"], ["*"], "test.add", None),
        (["test.*"], ["*"], "test.add", None),
        (["test.*", "test.add", "*"], ["*"], "test.add", None),
        (["*"], ["slow"], "test.add", None),
        (["*.add"], ["sl*", "def*"], "test.add", None),
        ([], ["*"], "test.add", "task"),
        (["test.ad"], ["*"], "test.add", "task"),
        (["test.add*x"], ["*"], "test.add", "task"),
        (["TEST.*"], ["*"], "test.add", "task"),
        (["test?add", "test.[a]dd"], ["*"], "test.add", "task"),
        (["*"], ["default"], "test.add", "queue"),
        (["test.*"], ["default"], "mail.send", "task"),
    ],
)
def test_task_and_queue_must_fit(
    stack: Stack, tasks: list[str], queues: list[str], task: str, field: str | None
) -> None:
    client = service(stack, tasks=tasks, queues=queues)

    answer = client.post("/api/jobs", json=LATER | {"task": task})

    if field is None:
        assert answer.status_code == 202, answer.text
    else:
        assert fields_of(answer, 403) == [field]


def test_a_batch_with_one_task_that_it_may_not_submit_is_refused_as_a_whole(
    stack: Stack, billing: httpx.Client
) -> None:
    before = len(billing.get("/api/jobs", params={"limit": 200}).json()["jobs"])

    answer = billing.post("/api/jobs/batch", json={"jobs": [LATER, LATER, {"task": "test.noop"}, LATER]})

    assert fields_of(answer, 403) == ["jobs.2.task"]
    assert "test.noop" in answer.json()["detail"]
    assert len(billing.get("/api/jobs", params={"limit": 200}).json()["jobs"]) == before
    assert len(billing.post("/api/jobs/batch", json={"jobs": [LATER] * 3}).json()["jobs"]) == 3


def test_it_is_refused_everywhere_else_and_a_403_says_that_this_is_not_for_service_tokens(
    stack: Stack, billing: httpx.Client
) -> None:
    document = stack.http.get("/api/openapi.json").json()
    answers: dict[str, int] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            answer = billing.request(method, re.sub(r"{\w+}", NOBODY, path))
            if operation.get("security"):
                answers[operation["operationId"]] = answer.status_code
                assert bool(operation.get("x-service-tokens")) is (answer.status_code != 403), operation["operationId"]

    assert {name for name, status in answers.items() if status != 403} == FOR_SERVICES
    assert "Service tokens do not have access" in billing.get("/api/mails").json()["detail"]
    assert {billing.get(path).status_code for path in ("/jobs", "/dashboard", "/schedules", "/account")} == {403}
    assert billing.get("/live", params={"topic": "dashboard"}).status_code == 403


def schedule(client: httpx.Client, **values: Any) -> httpx.Response:
    body = {"name": f"billing {next(names)}", "crontab": YEAR_END, **ADDITION} | values
    return client.post("/api/schedules", json=body)


def test_it_manages_schedules_whose_names_fit_and_sees_no_others(stack: Stack, billing: httpx.Client) -> None:
    others = schedule(stack.http, name=f"reports {next(names)}").json()["id"]

    created = schedule(billing)

    assert created.status_code == 201, created.text
    place = f"/api/schedules/{created.json()['id']}"
    assert billing.patch(place, json={"note": "ours"}).json()["note"] == "ours"
    assert billing.post(f"{place}/pause", json={"reason": "later"}).status_code == 200
    assert billing.post(f"{place}/resume").status_code == 200
    ran = billing.post(f"{place}/run")
    assert ran.status_code == 202
    assert billing.get(f"/api/jobs/{ran.json()['id']}").status_code == 200
    parts = ("", "/preview", "/history", "/changes")
    assert {billing.get(place + part).status_code for part in parts} == {200}
    assert {billing.get(f"/api/schedules/{others}{part}").status_code for part in parts} == {404}
    shown = {one["name"] for one in billing.get("/api/schedules", params={"limit": 200}).json()["schedules"]}
    assert created.json()["name"] in shown
    assert {name for name in shown if not name.startswith("billing")} == set()
    assert stack.http.post(f"/api/schedules/{others}/run").status_code == 202
    wall = {one["name"] for one in billing.get("/api/schedules/wall").json()["schedules"]}
    assert created.json()["name"] in wall
    assert {name for name in wall if not name.startswith("billing")} == set()
    assert billing.delete(place).status_code == 200
    for verb, path in (("patch", ""), ("delete", ""), ("post", "/resume"), ("post", "/run")):
        body = {"json": {}} if verb == "patch" else {}
        assert billing.request(verb, f"/api/schedules/{others}{path}", **body).status_code == 404, path


def due(stack: Stack, id: str) -> None:
    """Let a schedule be due, and wait until its job is made."""
    before = stack.sql("SELECT count(*) FROM jobs WHERE schedule = %s", id)
    stack.sql("UPDATE schedules SET next_due_at = now(), fire_at = now() WHERE id = %s", id)
    wait_until(lambda: stack.sql("SELECT count(*) FROM jobs WHERE schedule = %s", id) > before)


def test_it_sees_the_jobs_of_its_schedules_as_long_as_it_has_said_what_they_run(
    stack: Stack, billing: httpx.Client
) -> None:
    id = schedule(billing).json()["id"]
    place, query = f"/api/schedules/{id}", {"schedule": id}

    due(stack, id)
    stack.http.patch(place, json={"crontab": "0 1 31 12 *"})
    due(stack, id)
    stack.http.patch(place, json={"args": {"a": 1, "b": 1}})
    due(stack, id)
    billing.patch(place, json={"args": {"a": 2, "b": 2}})
    due(stack, id)

    made, seen = (client.get("/api/jobs", params=query).json()["jobs"] for client in (stack.http, billing))
    assert [job["args"]["a"] for job in made] == [2, 1, 5, 5]
    assert [job["id"] for job in seen] == [job["id"] for job in made if job["args"]["a"] != 1]
    assert billing.get(f"/api/jobs/{seen[0]['id']}").status_code == 200


def test_it_follows_its_jobs_by_an_event_stream_and_nothing_else(
    stack: Stack, billing: httpx.Client, listen: Callable[..., Listener]
) -> None:
    token = billing.headers["Authorization"].removeprefix("Bearer ")
    job, others = billing.post("/api/jobs", json=LATER).json()["id"], stack.submit(**LATER)["id"]

    stream = listen(stack, f"job_news:{job}", token=token)
    stream.wait_for('{"state": "scheduled", "lines": "0"}')
    billing.post(f"/api/jobs/{job}/cancel")
    stream.wait_for('"state": "cancelled"')

    pages = [f"job:{job}", f"job_log:{job}", f"job_outline:{job}", "alarms"]
    for topic in [f"job_news:{others}", f"job_news:{NOBODY}", *pages]:
        topics = {"topic": [f"job_news:{job}", topic]}
        assert billing.get("/live", params=topics).status_code == 403, topic


def test_a_stream_ends_soon_after_the_secret_that_opened_it(stack: Stack, listen: Callable[..., Listener]) -> None:
    token = made(stack, tasks=["*"])
    place = f"/api/service-tokens/{token['id']}/rotate"
    job = stack.client(token["token"]).post("/api/jobs", json=LATER).json()["id"]
    second = stack.http.post(place, json={}).json()["token"]
    old, new = (listen(stack, f"job_news:{job}", token=one) for one in (token["token"], second))
    for stream in (old, new):
        stream.wait_for("scheduled")

    stack.sql("UPDATE service_secrets SET valid_until = now() WHERE hash = %s", hash_of(token["token"]))

    old.wait_for("<end>")
    assert b"<end>" not in new.hear()


def test_members_follow_their_own_jobs_and_those_who_see_all_follow_all(
    stack: Stack, listen: Callable[..., Listener]
) -> None:
    member, job = stack.user(Role.MEMBER), stack.submit(**LATER)["id"]
    viewer = stack.user(Role.VIEWER).http.headers["Authorization"].removeprefix("Bearer ")

    assert member.http.get("/live", params={"topic": f"job_news:{job}"}).status_code == 403
    assert stack.http.get("/live", params={"topic": f"job_news:{NOBODY}"}).status_code == 404
    listen(stack, f"job_news:{job}", token=viewer).wait_for("scheduled")
    stack.sql("UPDATE jobs SET user_id = %s WHERE id = %s", str(member.id), job)
    own = listen(stack, f"job_news:{job}", token=member.http.headers["Authorization"].removeprefix("Bearer "))
    own.wait_for("scheduled")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "reports of ours"}, "name"),
        ({"name": "Billing x"}, "name"),
        ({"name": "billing: 50 off"}, "name"),
        ({"task": "test.noop", "args": {}}, "task"),
    ],
)
def test_it_makes_no_schedule_of_another_name_or_of_a_task_that_it_may_not_submit(
    billing: httpx.Client, values: dict[str, Any], field: str
) -> None:
    assert fields_of(schedule(billing, **values), 403) == [field]


def test_a_name_with_odd_characters_is_found_by_its_pattern(billing: httpx.Client) -> None:
    name = f"billing: 50%_off {next(names)} [eu]"

    assert schedule(billing, name=name).status_code == 201
    assert name in {one["name"] for one in billing.get("/api/schedules", params={"limit": 200}).json()["schedules"]}


def test_it_changes_no_schedule_to_or_from_what_it_may_not_do(stack: Stack, billing: httpx.Client) -> None:
    own = f"/api/schedules/{schedule(billing).json()['id']}"
    forbidden = f"/api/schedules/{schedule(stack.http, task='test.noop', args={}).json()['id']}"

    assert fields_of(billing.patch(own, json={"name": "reports"}), 403) == ["name"]
    assert fields_of(billing.patch(own, json={"task": "test.noop", "args": {}}), 403) == ["task"]
    assert fields_of(billing.patch(forbidden, json=ADDITION), 403) == ["task"]
    assert fields_of(billing.post(f"{forbidden}/run"), 403) == ["task"]
    assert fields_of(billing.post(f"{forbidden}/resume"), 403) == ["task"]
    assert billing.post(f"{forbidden}/pause", json={"reason": "ours"}).status_code == 200


def test_its_import_touches_no_schedule_of_others(stack: Stack) -> None:
    client = service(stack, tasks=["test.add"], schedules=["imported *"])
    kept = schedule(stack.http, name=f"kept {next(names)}").json()["id"]
    gone = schedule(client, name="imported gone").json()["id"]
    one = {"name": "imported new", "crontab": YEAR_END, **ADDITION}

    refused = client.post("/api/schedules/import", json={"schedules": [one, one | {"name": "reports"}]})
    done = client.post("/api/schedules/import", json={"schedules": [one], "delete_others": True})

    assert fields_of(refused, 403) == ["schedules.1.name"]
    assert done.json() == {"created": ["imported new"], "changed": [], "deleted": ["imported gone"], "unchanged": 0}
    assert stack.http.get(f"/api/schedules/{kept}").json()["state"] == "active"
    assert stack.http.get(f"/api/schedules/{gone}").json()["state"] == "deleted"


def test_its_secret_is_shown_once_and_stored_as_a_hash(stack: Stack) -> None:
    answer = made(stack, tasks=["*"])

    [shown] = [one for one in service_tokens(stack) if one["id"] == answer["id"]]

    assert "token" not in shown
    assert answer["token"].startswith(shown["secrets"][0]["prefix"])
    assert stack.sql("SELECT hash FROM service_secrets WHERE token_id = %s", answer["id"]) == [
        (hash_of(answer["token"]),)
    ]
    assert answer["token"] not in stack.log("web")


def service_tokens(stack: Stack) -> list[dict[str, Any]]:
    return list(stack.http.get("/api/service-tokens").json()["service_tokens"])


def test_its_use_is_noted_once_a_minute_and_not_with_each_request(stack: Stack) -> None:
    token = made(stack, tasks=["*"])
    client = stack.client(token["token"])
    client.get("/api/jobs")
    [(first,)] = stack.sql("SELECT last_used_at FROM service_secrets WHERE token_id = %s", token["id"])

    for _ in range(5):
        client.get("/api/jobs")
    still = stack.sql("SELECT last_used_at, xmin FROM service_secrets WHERE token_id = %s", token["id"])
    stack.sql("UPDATE service_secrets SET last_used_at = now() - interval '2 minutes' WHERE token_id = %s", token["id"])

    assert first is not None
    assert still[0][0] == first
    wait_until(lambda: client.get("/api/jobs").is_success and shown_use(stack, token["id"]) > first)


def shown_use(stack: Stack, id: str) -> datetime:
    [(used,)] = stack.sql("SELECT last_used_at FROM service_secrets WHERE token_id = %s", id)
    assert isinstance(used, datetime)
    return used


def test_a_second_secret_is_valid_beside_the_first_until_the_chosen_time(stack: Stack) -> None:
    token = made(stack, tasks=["*"])
    old = stack.client(token["token"])
    job = old.post("/api/jobs", json=LATER).json()["id"]
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

    rotated = stack.http.post(f"/api/service-tokens/{token['id']}/rotate", json={"old_until": until}).json()
    new = stack.client(rotated["token"])

    assert [client.get(f"/api/jobs/{job}").status_code for client in (old, new)] == [200, 200]
    assert [secret["valid_until"] is None for secret in rotated["secrets"]] == [True, False]
    stack.sql("UPDATE service_secrets SET valid_until = now() WHERE token_id = %s AND valid_until > now()", token["id"])
    wait_until(lambda: old.get("/api/jobs").status_code == 401)
    assert new.get(f"/api/jobs/{job}").status_code == 200


def test_of_three_secrets_the_oldest_ends_at_once_and_an_overlap_has_a_bound(stack: Stack) -> None:
    token = made(stack, tasks=["*"])
    place = f"/api/service-tokens/{token['id']}/rotate"
    second = stack.http.post(place, json={}).json()["token"]

    third = stack.http.post(place, json={}).json()

    assert len(third["secrets"]) == 2
    assert stack.client(second).get("/api/jobs").status_code == 200
    wait_until(lambda: stack.client(token["token"]).get("/api/jobs").status_code == 401)
    far = (datetime.now(UTC) + timedelta(days=91)).isoformat()
    assert fields_of(stack.http.post(place, json={"old_until": far}), 409) == ["old_until"]


def test_what_it_may_do_is_changed_for_all_its_secrets_and_only_what_is_named(stack: Stack) -> None:
    token = made(stack, tasks=["test.add"], schedules=["billing *"])
    client, place = stack.client(token["token"]), f"/api/service-tokens/{token['id']}"
    job = client.post("/api/jobs", json=LATER).json()["id"]

    changed = stack.http.patch(place, json={"tasks": ["test.noop"], "queues": ["def*"]})

    assert changed.status_code == 200, changed.text
    assert [changed.json()[field] for field in ("tasks", "queues", "schedules")] == [
        ["test.noop"],
        ["def*"],
        ["billing *"],
    ]
    wait_until(lambda: client.post("/api/jobs", json=LATER).status_code == 403, patience=20)
    assert client.post("/api/jobs", json={"task": "test.noop"}).status_code == 202
    assert client.get(f"/api/jobs/{job}").status_code == 200


def test_a_change_is_audited_with_what_was_before_and_one_of_nothing_is_not(stack: Stack) -> None:
    token = made(stack, tasks=["test.add"])
    place = f"/api/service-tokens/{token['id']}"

    answers = [stack.http.patch(place, json=body) for body in ({}, {"tasks": ["test.add"]}, {"tasks": ["test.*"]})]

    assert {answer.status_code for answer in answers} == {200}
    query = {"action": "service_token.changed", "thing": token["id"]}
    [act] = stack.http.get("/api/audit", params=query).json()["acts"]
    assert (act["details"]["tasks"], act["details"]["before"]) == (["test.*"], {"tasks": ["test.add"]})


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"queues": []}, ["queues"]),
        ({"tasks": [""]}, ["tasks.0"]),
        ({"schedules": ["*"] * 101}, ["schedules"]),
        ({"name": "other"}, ["name"]),
    ],
)
def test_what_cannot_be_a_pattern_changes_nothing(stack: Stack, body: dict[str, Any], fields: list[str]) -> None:
    token = made(stack, tasks=["test.add"])
    place = f"/api/service-tokens/{token['id']}"

    assert fields_of(stack.http.patch(place, json={"tasks": ["*"]} | body), 422) == fields
    assert stack.http.patch(place, json={}).json()["tasks"] == ["test.add"]
    assert stack.http.patch(f"/api/service-tokens/{NOBODY}", json={}).status_code == 404


def test_one_that_is_revoked_while_it_is_used_is_refused_within_seconds(stack: Stack) -> None:
    token = made(stack, tasks=["*"])
    client = stack.client(token["token"])
    assert client.post("/api/jobs", json=LATER).status_code == 202

    assert stack.http.delete(f"/api/service-tokens/{token['id']}").status_code == 204

    wait_until(lambda: client.post("/api/jobs", json=LATER).status_code == 401, patience=20)
    assert token["id"] not in {one["id"] for one in service_tokens(stack)}
    assert stack.http.delete(f"/api/service-tokens/{token['id']}").status_code == 404
    assert stack.http.post(f"/api/service-tokens/{token['id']}/rotate", json={}).status_code == 404


def test_one_that_has_expired_is_refused_until_a_rotation_renews_it(stack: Stack) -> None:
    token = made(stack, tasks=["*"], days=1)
    stack.sql("UPDATE service_tokens SET expires_at = now() WHERE id = %s", token["id"])
    assert stack.client(token["token"]).get("/api/jobs").status_code == 401

    renewed = stack.http.post(f"/api/service-tokens/{token['id']}/rotate", json={"days": 30}).json()

    assert stack.client(renewed["token"]).get("/api/jobs").status_code == 200


def test_names_are_taken_once_and_free_again_after_the_end(stack: Stack) -> None:
    token = made(stack)

    again = stack.http.post("/api/service-tokens", json={"name": token["name"]})

    assert fields_of(again, 409) == ["name"]
    stack.http.delete(f"/api/service-tokens/{token['id']}")
    assert made(stack, name=token["name"])["name"] == token["name"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER, Role.OPERATOR])
def test_only_admins_make_them(stack: Stack, role: Role) -> None:
    answer = stack.user(role).http.post("/api/service-tokens", json={"name": "mine"})

    assert (answer.status_code, answer.json()["required_role"]) == (403, "admin")


def signed_in(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, cookies=stack.user(Role.ADMIN).cookies) as browser:
        yield browser


admin = pytest.fixture(signed_in)


def sent(browser: httpx.Client, path: str, **form: Any) -> httpx.Response:
    """Send a form of the page, as its reader would."""
    token = re.findall(r'name="csrf-token" content="([^"]+)"', browser.get("/service-tokens").text)[0]
    return browser.post(path, data=form | {"csrf_token": token}, follow_redirects=True)


def test_an_admin_makes_replaces_and_ends_one_on_the_page(stack: Stack, admin: httpx.Client) -> None:
    name = f"page {next(names)}"
    form = {"name": name, "tasks": "test.add\r\n test.f* \r\n", "queues": "*", "days": "never", "password": PASSWORD}

    refused = sent(admin, "/service-tokens", **form | {"password": "wrong"})
    page = sent(admin, "/service-tokens", **form)

    assert refused.status_code == 422
    assert "is not your password" in refused.text
    [secret] = re.findall(r'id="secret">(bhs_[^<]+)<', page.text)
    assert stack.client(secret).post("/api/jobs", json=LATER).status_code == 202
    assert secret not in admin.get("/service-tokens").text
    [token] = [one for one in service_tokens(stack) if one["name"] == name]
    assert (token["tasks"], token["expires_at"]) == (["test.add", "test.f*"], None)
    rotated = sent(admin, f"/service-tokens/{token['id']}/rotate", seconds="3600", password=PASSWORD)
    [second] = re.findall(r'id="secret">(bhs_[^<]+)<', rotated.text)
    assert {stack.client(one).get("/api/jobs").status_code for one in (secret, second)} == {200}
    assert "is revoked" in sent(admin, f"/service-tokens/{token['id']}/revoke").text


def test_an_admin_changes_one_on_the_page(stack: Stack, admin: httpx.Client) -> None:
    token = made(stack, tasks=["test.add"], schedules=["billing *"])
    page = f"/service-tokens/{token['id']}/change"
    form = {"tasks": "test.noop\r\n test.f* \r\n", "queues": "*", "password": PASSWORD}

    assert ">\nbilling *</textarea>" in admin.get(page).text
    assert "is not your password" in sent(admin, page, **form | {"password": "wrong"}).text
    assert "is changed" in sent(admin, page, **form).text

    [shown] = [one for one in service_tokens(stack) if one["id"] == token["id"]]
    assert (shown["tasks"], shown["schedules"]) == (["test.noop", "test.f*"], [])


def test_a_browser_left_signed_in_makes_none_by_the_api_either(stack: Stack, admin: httpx.Client) -> None:
    token = re.findall(r'name="csrf-token" content="([^"]+)"', admin.get("/service-tokens").text)[0]
    body = {"name": f"api {next(names)}"}

    refused = admin.post("/api/service-tokens", json=body, headers={"X-CSRF-Token": token})
    made = admin.post("/api/service-tokens", json=body | {"password": PASSWORD}, headers={"X-CSRF-Token": token})

    assert fields_of(refused, 422) == ["password"]
    assert made.status_code == 201
