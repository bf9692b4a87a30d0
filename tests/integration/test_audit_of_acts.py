"""The audit: each act stands there with who did it, to which thing and from where, if and only if it happened."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from uuid import uuid4

import flask
import httpx
import pytest
from flask.testing import FlaskClient

from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.audit import Action
from bellhop_scheduler.forgetting import Forgetting
from bellhop_web.app import create_app
from bellhop_web.settings import WebSettings
from tests.audited import AUDITED, NOT_AUDITED
from tests.cast import PASSWORD, Person
from tests.fixtures import app_of_ledger
from tests.integration.test_every_route import SAFE
from tests.integration.test_service_tokens import made
from tests.integration.test_who_may_do_what import NOBODY
from tests.problems import ADDITION, LATER, fields_of
from tests.stack import TOKEN, Stack

numbers = count()
YEAR_END = "0 0 31 12 *"
OPERATOR = {"Authorization": f"Bearer {TOKEN}"}
Do = Callable[[Stack], tuple[httpx.Response, str]]


def test_every_changing_route_is_audited_or_says_why_not(app: flask.Flask) -> None:
    ours = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) - SAFE and app.view_functions[rule.endpoint].__module__.startswith("bellhop_web")
    }

    assert ours == AUDITED.keys() | NOT_AUDITED.keys()
    assert not AUDITED.keys() & NOT_AUDITED.keys()


def acts(stack: Stack, **filters: str) -> list[dict[str, Any]]:
    answer = stack.http.get("/api/audit", params=filters)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["acts"])


def scheduled(stack: Stack) -> str:
    body = {"name": f"audited {next(numbers)}", "crontab": YEAR_END, **ADDITION}
    return str(stack.http.post("/api/schedules", json=body).json()["id"])


def cancel(stack: Stack) -> tuple[httpx.Response, str]:
    id = stack.submit(**LATER)["id"]
    return stack.http.post(f"/api/jobs/{id}/cancel"), id


def retry(stack: Stack) -> tuple[httpx.Response, str]:
    id = stack.submit(**LATER)["id"]
    stack.http.post(f"/api/jobs/{id}/cancel")
    return stack.http.post(f"/api/jobs/{id}/retry"), id


def create(stack: Stack) -> tuple[httpx.Response, str]:
    body = {"name": f"audited {next(numbers)}", "crontab": YEAR_END, **ADDITION}
    answer = stack.http.post("/api/schedules", json=body)
    return answer, answer.json()["id"]


def of_schedule(verb: str, path: str, **body: Any) -> Do:
    def act(stack: Stack) -> tuple[httpx.Response, str]:
        id = scheduled(stack)
        return stack.http.request(verb, f"/api/schedules/{id}{path}", **({"json": body} if body else {})), id

    return act


def import_some(stack: Stack) -> tuple[httpx.Response, None]:
    one = {"name": f"audited {next(numbers)}", "crontab": YEAR_END, **ADDITION}
    return stack.http.post("/api/schedules/import", json={"schedules": [one]}), None


def pause_host(stack: Stack) -> tuple[httpx.Response, str]:
    host = f"{uuid4().hex}.example"
    return stack.http.post(f"/api/hosts/{host}/pause", json={"reason": "it is down", "until": "2090-01-01"}), host


def resume_host(stack: Stack) -> tuple[httpx.Response, str]:
    _, host = pause_host(stack)
    return stack.http.post(f"/api/hosts/{host}/resume"), host


def put_endpoint(stack: Stack) -> tuple[httpx.Response, str]:
    name = f"audited.endpoint_{next(numbers)}"
    return stack.http.put(f"/api/tasks/{name}", json={"url": "http://service.example/"}), name


def delete_endpoint(stack: Stack) -> tuple[httpx.Response, str]:
    _, name = put_endpoint(stack)
    return stack.http.delete(f"/api/tasks/{name}"), name


def notify(stack: Stack) -> tuple[httpx.Response, str]:
    body = {"kind": "task", "name": "audited.*", "failures": 1, "channel": "mail", "to": "ada@example.org"}
    answer = stack.http.post("/api/notifications", json=body)
    return answer, answer.json()["id"]


def of_notification(verb: str, path: str, **body: Any) -> Do:
    def act(stack: Stack) -> tuple[httpx.Response, str]:
        _, id = notify(stack)
        return stack.http.request(verb, f"/api/notifications/{id}{path}", **({"json": body} if body else {})), id

    return act


QUIETER = {"kind": "task", "name": "audited.*", "failures": 9, "channel": "mail", "to": "ada@example.org"}


def make_service(stack: Stack) -> tuple[httpx.Response, str]:
    answer = stack.http.post("/api/service-tokens", json={"name": f"audited {next(numbers)}", "tasks": ["test.*"]})
    return answer, answer.json()["id"]


def rotate_service(stack: Stack) -> tuple[httpx.Response, str]:
    id = made(stack)["id"]
    return stack.http.post(f"/api/service-tokens/{id}/rotate", json={}), id


def revoke_service(stack: Stack) -> tuple[httpx.Response, str]:
    id = made(stack)["id"]
    return stack.http.delete(f"/api/service-tokens/{id}"), id


def cancel_many(stack: Stack) -> tuple[httpx.Response, str]:
    tag = uuid4().hex
    stack.submit(**LATER, tags=[tag])
    answer = stack.http.post("/api/jobs/cancel", json={"q": f"tag:{tag}", "count": 1, "delay": 3600})
    return answer, answer.json()["id"]


def undo(stack: Stack) -> tuple[httpx.Response, str]:
    _, id = cancel_many(stack)
    return stack.http.post(f"/api/bulk-actions/{id}/undo"), id


DONE: dict[Action, Any] = {
    Action.JOB_CANCELLED: cancel,
    Action.JOB_RETRIED: retry,
    Action.JOBS_CANCELLED: cancel_many,
    Action.BULK_ACTION_UNDONE: undo,
    Action.SCHEDULE_CREATED: create,
    Action.SCHEDULE_CHANGED: of_schedule("PATCH", "", note="changed"),
    Action.SCHEDULE_PAUSED: of_schedule("POST", "/pause", reason="for a while"),
    Action.SCHEDULE_RESUMED: of_schedule("POST", "/resume"),
    Action.SCHEDULE_RUN: of_schedule("POST", "/run"),
    Action.SCHEDULE_DELETED: of_schedule("DELETE", ""),
    Action.SCHEDULES_IMPORTED: import_some,
    Action.HOLD_PAUSED: pause_host,
    Action.HOLD_RESUMED: resume_host,
    Action.ENDPOINT_STORED: put_endpoint,
    Action.ENDPOINT_DELETED: delete_endpoint,
    Action.NOTIFICATION_CREATED: notify,
    Action.NOTIFICATION_CHANGED: of_notification("PUT", "", **QUIETER),
    Action.NOTIFICATION_TESTED: of_notification("POST", "/test"),
    Action.NOTIFICATION_DELETED: of_notification("DELETE", ""),
    Action.SERVICE_TOKEN_CREATED: make_service,
    Action.SERVICE_TOKEN_ROTATED: rotate_service,
    Action.SERVICE_TOKEN_REVOKED: revoke_service,
}


@pytest.mark.parametrize("action", DONE)
def test_an_act_names_who_did_what_to_which_thing_and_from_where(stack: Stack, action: Action) -> None:
    answer, thing = DONE[action](stack)

    assert answer.is_success, answer.text
    [act] = acts(stack, request_id=answer.headers["X-Request-Id"])
    assert (act["action"], act["thing"], act["address"]) == (action, thing, "127.0.0.1")
    assert (act["actor"][:6], act["actor_name"], act["agent"][:5]) == ("token:", "token admin", "pytho")
    assert acts(stack, kind=act["kind"], **({"thing": thing} if thing else {}))[0] == act


def test_what_people_do_with_their_account_is_noted(stack: Stack) -> None:
    user = stack.user()
    with httpx.Client(base_url=stack.url) as http:
        person = Person(http, user.email)
        assert person.sign_in().status_code == 200
        new = {"name": "mine", "password": PASSWORD}
        token = http.post("/api/account/tokens", json=new).json()
        assert http.delete(f"/api/account/tokens/{token['id']}").status_code == 204
        changed = {"current": PASSWORD, "new": "nine kettles below a green sea"}
        person.entered(http.put("/api/account/password", json=changed))
        assert http.delete("/api/account/session").status_code == 204

    found = acts(stack, actor=f"user:{user.id}")

    assert [act["action"] for act in reversed(found)] == [
        "session.began",
        "token.created",
        "token.revoked",
        "password.changed",
        "session.ended",
    ]
    assert {act["actor_name"] for act in found} == {user.email}
    assert token["token"] not in json.dumps(found)
    assert PASSWORD not in json.dumps(found)


def test_an_application_acts_under_its_own_name(stack: Stack) -> None:
    service = made(stack, tasks=["test.*"])
    client = stack.client(service["token"])
    job = client.post("/api/jobs", json=LATER).json()["id"]

    client.post(f"/api/jobs/{job}/cancel", headers={"User-Agent": "billing/1 " + "x" * 300})

    [act] = acts(stack, thing=job)
    assert (act["actor"], act["actor_name"]) == (f"service:{service['id']}", f"service {service['name']}")
    assert act["agent"].startswith("billing/1")
    assert len(act["agent"]) == 200


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("post", f"/api/jobs/{NOBODY}/cancel", 404),
        ("post", "/api/queues/nowhere/pause", 422),
        ("delete", f"/api/schedules/{NOBODY}", 404),
        ("delete", f"/api/service-tokens/{NOBODY}", 404),
    ],
)
def test_what_is_refused_has_not_been_done(stack: Stack, verb: str, path: str, status: int) -> None:
    answer = stack.http.request(verb, path, **({"json": {}} if "pause" in path else {}))

    assert answer.status_code == status
    assert acts(stack, request_id=answer.headers["X-Request-Id"]) == []


@pytest.fixture(scope="module")
def app() -> flask.Flask:
    servers = {"database_url": "postgresql://nowhere/none", "redis_url": "redis://nowhere"}
    return create_app(WebSettings(**servers, secret_key="dev-only-of-a-test"))  # type: ignore[arg-type]


@pytest.fixture
def client(ledger: Stack, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A client of the application in this process, on an empty ledger, as the first of two proxies behind another."""
    return app_of_ledger(ledger, monkeypatch, TRUSTED_PROXIES="1").test_client()


def done(client: FlaskClient, ledger: Stack, **headers: str) -> tuple[int, str]:
    """Cancel a new job and return the status and its state."""
    job = client.post("/api/jobs", json=LATER, headers=OPERATOR).get_json()["id"]
    answer = client.post(f"/api/jobs/{job}/cancel", headers=OPERATOR | headers)
    return answer.status_code, str(ledger.sql("SELECT state FROM jobs WHERE id = %s", job)[0][0])


@pytest.fixture
def refusing(ledger: Stack) -> Iterator[None]:
    """Let the audit take no act of a client that calls itself so."""
    ledger.sql("""
        CREATE FUNCTION refuse_act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$;
        CREATE TRIGGER refuse_act BEFORE INSERT ON audit FOR EACH ROW WHEN (NEW.agent = 'refuse me')
            EXECUTE FUNCTION refuse_act();
    """)
    yield
    ledger.sql("DROP TRIGGER refuse_act ON audit; DROP FUNCTION refuse_act()")


@pytest.mark.usefixtures("refusing")
def test_what_cannot_be_noted_is_not_done(client: FlaskClient, ledger: Stack) -> None:
    assert done(client, ledger, **{"User-Agent": "refuse me"}) == (500, "scheduled")
    assert ledger.sql("SELECT count(*) FROM audit") == [(0,)]
    assert done(client, ledger, **{"User-Agent": "take me"}) == (202, "cancelled")
    assert ledger.sql("SELECT count(*) FROM audit") == [(1,)]


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("198.51.100.9, 192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("not an address", None),
        ("", "127.0.0.1"),
    ],
)
def test_an_address_is_the_one_that_the_trusted_proxy_saw(
    client: FlaskClient, ledger: Stack, forwarded: str, address: str | None
) -> None:
    done(client, ledger, **({"X-Forwarded-For": forwarded} if forwarded else {}))

    assert ledger.sql("SELECT address FROM audit") == [(address,)]


def test_what_was_done_long_ago_is_forgotten(ledger: Stack) -> None:
    ledger.sql(
        "INSERT INTO audit (at, actor, action, kind) "
        "SELECT now() - days * interval '1 day', 'user:x', 'job.cancelled', 'job' FROM generate_series(0, 500) AS days"
    )

    Forgetting(keep=60, exports=False, audit_days=30).forget_acts()

    assert ledger.sql("SELECT count(*) FROM audit") == [(30,)]


def test_pages_of_the_list_go_back_in_time_and_filters_hold(stack: Stack) -> None:
    ids = [cancel(stack)[1] for _ in range(5)]

    first = stack.http.get("/api/audit", params={"action": "job.cancelled", "limit": 3}).json()
    second = stack.http.get(
        "/api/audit", params={"action": "job.cancelled", "limit": 3, "cursor": first["next_cursor"]}
    ).json()

    shown = [act["thing"] for act in first["acts"] + second["acts"]]
    assert shown[:5] == ids[::-1]
    assert {act["action"] for act in first["acts"]} == {"job.cancelled"}
    assert acts(stack, since="2090-01-01") == []
    assert acts(stack, until="1990-01-01") == []
    other = stack.http.get("/api/audit", params={"action": "job.retried", "cursor": first["next_cursor"]})
    assert fields_of(other) == ["cursor"]


def test_the_whole_is_a_file_in_two_formats(stack: Stack) -> None:
    service = made(stack, tasks=["test.*"])
    client = stack.client(service["token"])
    for _ in range(3):
        job = client.post("/api/jobs", json=LATER).json()["id"]
        client.post(f"/api/jobs/{job}/cancel", headers={"User-Agent": "=cmd|' /C calc'!A0"})
    filters = {"actor": f"service:{service['id']}", "since": "2020-01-31T09:30:00Z", "until": "4000000000"}

    lines = stack.http.get("/api/audit/export", params=filters)
    table = stack.http.get("/api/audit/export", params=filters | {"format": "csv"})

    listed = acts(stack, **filters)[::-1]
    assert [json.loads(line) for line in lines.text.splitlines()] == listed
    assert lines.headers["Content-Type"] == "application/jsonl"
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row["thing"] for row in rows] == [act["thing"] for act in listed]
    assert {row["agent"] for row in rows} == {"'=cmd|' /C calc'!A0"}
    assert "attachment" in table.headers["Content-Disposition"]


def test_a_long_audit_leaves_in_pieces(client: FlaskClient, ledger: Stack) -> None:
    ledger.sql(
        "INSERT INTO audit (actor, action, kind, thing) "
        f"SELECT 'user:{NOBODY}', 'job.cancelled', 'job', n::text FROM generate_series(1, 2500) AS n"
    )

    answer = client.get("/api/audit/export", headers=OPERATOR)

    things = [json.loads(line)["thing"] for line in answer.get_data(as_text=True).splitlines()]
    assert things == [str(n) for n in range(1, 2501)]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER, Role.OPERATOR])
def test_it_is_for_admins_alone(stack: Stack, role: Role) -> None:
    user = stack.user(role)

    assert {user.http.get(path).status_code for path in ("/api/audit", "/api/audit/export")} == {403}
    assert httpx.get(f"{stack.url}/audit", cookies=user.cookies).status_code == 403


def test_an_admin_reads_it_on_a_page(stack: Stack) -> None:
    admin, job = stack.user(Role.ADMIN), cancel(stack)[1]

    page = httpx.get(f"{stack.url}/audit", params={"thing": job}, cookies=admin.cookies)

    assert page.status_code == 200
    assert job in page.text
    assert "token admin" in page.text
    assert "127.0.0.1" in page.text
    assert f"thing={job}&amp;format=csv" in page.text
