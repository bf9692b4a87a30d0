"""Who may do what: each role at each operation, and members at the jobs of one another."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bellhop_ledger.accounts.roles import Role
from tests.cast import TestUser
from tests.problems import ADDITION, LATER, fields_of
from tests.samples import all_samples
from tests.stack import Stack, wait_until

EVERYBODY = set(Role)
ADMINISTERING = {Role.ADMIN}
RUNNING = {Role.OPERATOR, Role.ADMIN}
LOOKING = RUNNING | {Role.VIEWER}
SUBMITTING = RUNNING | {Role.MEMBER}
NOBODY = "0197e3a4-5c1e-7b52-9d7f-3f0a51f7c3aa"
"""The id of nothing there is."""

TABLE: dict[str, set[Role]] = {
    **dict.fromkeys(
        ("list_jobs", "show_job", "list_attempts", "list_events", "show_job_logs", "list_tasks"), EVERYBODY
    ),
    **dict.fromkeys(("submit_job", "submit_batch", "cancel_job", "retry_job"), SUBMITTING),
    **dict.fromkeys(("list_schedules", "show_schedule", "preview_runs", "list_runs", "list_changes"), LOOKING),
    **dict.fromkeys(("show_change", "list_holds", "list_queues", "show_counts", "suggest"), LOOKING),
    **dict.fromkeys(("show_queue", "list_workers", "show_worker"), LOOKING),
    **dict.fromkeys(("drain_worker", "resume_worker"), RUNNING),
    **dict.fromkeys(("list_failures", "show_status"), LOOKING),
    "diagnose": RUNNING,
    **dict.fromkeys(("retry_jobs", "cancel_jobs", "preview_bulk_action", "list_bulk_actions"), RUNNING),
    **dict.fromkeys(("show_bulk_action", "undo_bulk_action"), RUNNING),
    **dict.fromkeys(("create_schedule", "change_schedule", "delete_schedule", "pause_schedule"), RUNNING),
    **dict.fromkeys(("resume_schedule", "run_schedule", "preview_schedule", "import_schedules"), RUNNING),
    **dict.fromkeys(("pause_host", "pause_queue", "pause_task", "resume_host", "resume_queue", "resume_task"), RUNNING),
    "show_endpoint": LOOKING,
    **dict.fromkeys(("put_endpoint", "delete_endpoint"), RUNNING),
    **dict.fromkeys(("list_notifications", "show_notification", "create_notification"), RUNNING),
    **dict.fromkeys(("change_notification", "delete_notification", "test_notification"), RUNNING),
    "complete_attempt": EVERYBODY,
    **dict.fromkeys(("list_mails", "show_mail"), RUNNING),
    **dict.fromkeys(("list_system_tokens", "end_system_token", "list_service_tokens"), ADMINISTERING),
    **dict.fromkeys(("list_audit", "export_audit", "list_people", "show_person"), ADMINISTERING),
    **dict.fromkeys(("change_role", "disable_person", "enable_person", "ask_for_address_of_person"), ADMINISTERING),
    **dict.fromkeys(("list_invitations", "invite_person", "resend_invitation", "revoke_invitation"), ADMINISTERING),
    **dict.fromkeys(("export_person", "delete_person"), ADMINISTERING),
    **dict.fromkeys(("export_account", "delete_account"), EVERYBODY),
    **dict.fromkeys(("accept_invitation", "ask_for_address", "confirm_address"), EVERYBODY),
    **dict.fromkeys(("create_service_token", "change_service_token"), ADMINISTERING),
    **dict.fromkeys(("rotate_service_token", "revoke_service_token"), ADMINISTERING),
    **dict.fromkeys(("show_account", "sign_out", "change_password", "list_sessions", "revoke_session"), EVERYBODY),
    **dict.fromkeys(("list_tokens", "create_token", "revoke_personal_token"), EVERYBODY),
    **dict.fromkeys(("list_identities", "unlink_identity"), EVERYBODY),
    **dict.fromkeys(("sign_up", "activate", "sign_in", "ask_for_password_reset", "reset_password"), EVERYBODY),
    **dict.fromkeys(("live", "ready"), EVERYBODY),
    **dict.fromkeys(("show_wall", "show_forecast", "list_jumps"), LOOKING),
}
"""By operation: who may ask for it. Those of workloads say so themselves."""
OTHERS = {name for one in all_samples() for name in one.operations}


def asked(stack: Stack, client: httpx.Client) -> Iterator[tuple[str, httpx.Response]]:
    """Ask for each operation with nothing in it, and yield its name and the answer."""
    document = stack.http.get("/api/openapi.json").json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield operation["operationId"], client.request(method, re.sub(r"{\w+}", NOBODY, path))


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_the_table_says_and_nothing_else(members: Stack, role: Role) -> None:
    answers = {name: answer for name, answer in asked(members, members.user(role).http) if name not in OTHERS}

    allowed = {name for name, answer in answers.items() if answer.status_code not in {401, 403}}

    assert set(answers) == set(TABLE)
    assert allowed == {name for name, roles in TABLE.items() if role in roles}


@pytest.mark.parametrize(
    ("path", "roles"),
    [
        ("/jobs", LOOKING),
        ("/schedules", LOOKING),
        ("/holds", LOOKING),
        ("/workers", LOOKING),
        ("/queues", LOOKING),
        ("/tasks", LOOKING),
        ("/dashboard", LOOKING),
        ("/failures", LOOKING),
        ("/mails", RUNNING),
        ("/notifications", RUNNING),
        ("/people", ADMINISTERING),
        ("/service-tokens", ADMINISTERING),
        ("/audit", ADMINISTERING),
        ("/account", EVERYBODY),
    ],
)
def test_each_role_sees_the_pages_that_are_for_it_and_links_to_no_others(
    members: Stack, path: str, roles: set[Role]
) -> None:
    users = {role: members.user(role) for role in Role}

    seen = {role for role, user in users.items() if httpx.get(members.url + path, cookies=user.cookies).is_success}
    linked = {role for role, user in users.items() if f'href="{path}"' in home(members, user)}

    assert (seen, linked) == (roles, roles)


@pytest.mark.parametrize(("path", "hidden"), [("/holds", True), ("/account", False), ("/", False)])
def test_a_viewer_is_offered_no_form_but_those_of_the_own_account(members: Stack, path: str, hidden: bool) -> None:
    viewer, operator = members.user(Role.VIEWER), members.user(Role.OPERATOR)

    assert ('<body class="looks">' in httpx.get(members.url + path, cookies=viewer.cookies).text) is hidden
    assert '<body class="looks">' not in httpx.get(members.url + path, cookies=operator.cookies).text


def home(stack: Stack, user: TestUser) -> str:
    return httpx.get(stack.url, cookies=user.cookies).text


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system in which members may submit some tasks, with a worker for what they ask for."""
    made = Stack(tmp_path_factory.mktemp("members"), MEMBER_TASKS="test.add, test.fail*", BELLHOP_PLUGINS="tests.tasks")
    try:
        yield made.start("web", "worker")
    finally:
        made.stop()


def submitted(client: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/api/jobs", json=body)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def test_a_member_submits_and_sees_their_own(members: Stack) -> None:
    member, other = members.user(Role.MEMBER).http, members.user(Role.MEMBER).http

    job = submitted(member, **ADDITION)

    assert job["queue"] == "people"
    shown = member.get(f"/api/jobs/{job['id']}", params={"wait": 30}).json()
    assert (shown["state"], shown["result"]) == ("succeeded", 12)
    assert [one["id"] for one in member.get("/api/jobs").json()["jobs"]] == [job["id"]]
    assert other.get("/api/jobs").json()["jobs"] == []
    assert {member.get(f"/api/jobs/{job['id']}/{part}").status_code for part in ("logs", "attempts", "events")} == {200}
    for part in ("", "/logs", "/attempts", "/events"):
        assert other.get(f"/api/jobs/{job['id']}{part}").status_code == 404


def test_a_member_cancels_and_retries_their_own_and_nobody_elses(members: Stack) -> None:
    member, other = members.user(Role.MEMBER).http, members.user(Role.MEMBER).http
    job = f"/api/jobs/{submitted(member, **LATER)['id']}"

    refused = {other.post(f"{job}/{verb}").status_code for verb in ("cancel", "retry")}

    assert refused == {404}
    assert member.get(job).json()["state"] == "scheduled"
    assert member.post(f"{job}/cancel").json()["state"] == "cancelled"
    assert member.post(f"{job}/retry").status_code == 202
    wait_until(lambda: member.get(job).json()["state"] == "succeeded")


def test_a_member_submits_no_task_that_the_patterns_do_not_name(members: Stack) -> None:
    member = members.user(Role.MEMBER).http

    refused = member.post("/api/jobs", json={"task": "mail.send", "args": {}})
    batch = member.post("/api/jobs/batch", json={"jobs": [LATER, LATER, {"task": "test.noop"}]})

    assert fields_of(refused, 403) == ["task"]
    assert refused.json()["allowed_tasks"] == ["test.add", "test.fail*"]
    assert fields_of(batch, 403) == ["jobs.2.task"]
    assert member.get("/api/jobs").json()["jobs"] == []
    assert {task["name"] for task in member.get("/api/tasks").json()["tasks"]} >= {"test.add"}
    assert {task["name"] for task in member.get("/api/tasks").json()["tasks"]} & {"mail.send", "test.noop"} == set()


def test_an_operator_sees_what_members_have_asked_for_and_is_bound_by_no_pattern(members: Stack) -> None:
    job = submitted(members.user(Role.MEMBER).http, **LATER)
    operator = members.user(Role.OPERATOR).http

    assert operator.get(f"/api/jobs/{job['id']}").status_code == 200
    assert operator.post("/api/jobs", json={"task": "test.noop"}).json()["queue"] == "default"


def test_a_viewer_sees_all_jobs_and_changes_none(members: Stack) -> None:
    viewer = members.user(Role.VIEWER).http
    job = f"/api/jobs/{submitted(members.http, **LATER)['id']}"

    assert viewer.get(job).json()["state"] == "scheduled"
    assert viewer.get("/api/jobs").json()["jobs"]
    refused = viewer.post(f"{job}/cancel").json()
    assert (refused["status"], refused["required_role"], refused["role"]) == (403, "member", "viewer")
    assert members.job(job.rpartition("/")[2])["state"] == "scheduled"


def test_an_admin_changes_a_role_and_it_holds_at_once(members: Stack) -> None:
    admin, user = members.user(Role.ADMIN).http, members.user(Role.MEMBER)
    assert httpx.get(f"{members.url}/api/schedules", cookies=user.cookies).status_code == 403

    changed = admin.put(f"/api/people/{user.id}/role", json={"role": "viewer", "sees_payloads": False})

    assert changed.status_code == 200, changed.text
    assert (changed.json()["role"], changed.json()["sees_payloads"]) == ("viewer", False)
    assert httpx.get(f"{members.url}/api/schedules", cookies=user.cookies).status_code == 200
    wait_until(lambda: user.http.get("/api/schedules").status_code == 200, patience=20)
    [act] = admin.get("/api/audit", params={"action": "user.changed", "thing": str(user.id)}).json()["acts"]
    assert act["details"] == {"before": "member", "role": "viewer", "sees_payloads": False}
    assert admin.put(f"/api/people/{NOBODY}/role", json={"role": "viewer"}).status_code == 404


@pytest.mark.parametrize(
    ("role", "stored"),
    [
        ("user", ("user", "member")),
        (Role.VIEWER, ("user", "viewer")),
        (Role.MEMBER, ("user", "member")),
        (Role.ADMIN, ("operator", "admin")),
    ],
)
def test_the_release_before_reads_the_role_that_it_knows(members: Stack, role: str, stored: tuple[str, str]) -> None:
    user = members.user(role)

    assert members.sql("SELECT role, granted_role FROM users WHERE id = %s", str(user.id)) == [stored]


def test_what_the_release_before_writes_is_understood(members: Stack) -> None:
    user = members.user("user")

    members.sql("UPDATE users SET role = 'operator' WHERE id = %s", str(user.id))

    assert members.sql("SELECT granted_role FROM users WHERE id = %s", str(user.id)) == [("admin",)]
