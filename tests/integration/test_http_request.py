"""http.request on a real system: it is done, tried again, and its secrets are nowhere to be found."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from bellhop.builtins.http_requests import request
from bellhop_ledger.ledger.adopt import Call, adopt, refuse
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.secrets import decrypt
from bellhop_ledger.schedules import Schedule
from bellhop_worker.celery_clients.messages import read
from bellhop_worker.http_requests.reencrypt import reencrypt_all
from bellhop_worker.settings import WorkerSettings
from tests.problems import fields_of
from tests.site import Says, Site, echo
from tests.stack import Stack, wait_until
from tests.unit.http_requests import run
from tests.unit.test_plain_messages import message, raw

KEY = "args->'headers'->>'X-Key'"
A_SCHEDULE: dict[str, Any] = {
    "name": "sealed",
    "source": "api",
    "task": "http.request",
    "fingerprint": "",
    "crontab": "@daily",
}
A_SCHEDULE |= {"time_zone": "UTC", "jitter_seconds": 0, "catch_up": "skip", "ceiling": 1, "overlap": "allow"}
A_SCHEDULE |= {"priority": 5, "note": "", "enabled": False, "created_by": "test", "updated_by": "test"}
SECRETS = ["open-sesame-4711", "another-open-sesame", "signing-sesame-4711"]


def everything_in_the_database(stack: Stack) -> str:
    tables = stack.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'bellhop'")
    rows = [row for (table,) in tables for row in stack.sql(f'SELECT t::text FROM "{table}" t')]
    return "\n".join(row[0] for row in rows)


class Eavesdropper:
    """Hears all that is published over Redis, and what Flower hears with it."""

    def __init__(self, stack: Stack):
        self.heard: list[str] = []
        self._client = redis.Redis.from_url(stack.redis.url)
        self._pubsub = self._client.pubsub()
        self._pubsub.psubscribe("*")

    def read(self) -> str:
        while message := self._pubsub.get_message(timeout=0.5):
            self.heard.append(str(message["data"]))
        return "\n".join(self.heard)

    def close(self) -> None:
        self._pubsub.close()
        self._client.close()


def test_a_job_succeeds_after_a_retry_and_its_secrets_are_nowhere(make_stack: Callable[..., Stack], site: Site) -> None:
    stack = make_stack("web", "worker", "scheduler", FETCH_ALLOW="127.0.0.0/8", LOG_LEVEL="DEBUG")
    listener = Eavesdropper(stack)
    says = [Says(503, b"not now", (("Retry-After", "1"),))]
    site.answers |= {"/": lambda asked: says.pop() if says else echo(asked), "/lost": lambda asked: lost(asked.headers)}
    headers = {"Authorization": f"Bearer {SECRETS[0]}", "X-Key": SECRETS[1], "Accept": "application/json"}
    wanted = {"method": "POST", "body": {"a": 1}, "headers": headers, "signing_secret": SECRETS[2]}

    receipt = stack.submit("http.request", args={"url": site.url(), **wanted})
    lost_id = stack.submit("http.request", args={"url": site.url("/lost"), **wanted})["id"]
    scheduled = make_schedule(stack, {"url": site.url("/scheduled"), **wanted})
    refused = stack.http.post("/api/jobs", json={"task": "http.request", "args": {"url": site.url(), **wanted, "x": 1}})
    done, failed = stack.ended(receipt["id"]), stack.ended(lost_id)

    assert (done["state"], done["attempt"], failed["state"]) == ("succeeded", 2, "failed")
    assert fields_of(refused, 422) == ["args.x"]
    assert {asked.headers["authorization"] for asked in site.asked} == {headers["Authorization"]}
    assert [a.body for a in site.asked if a.headers["idempotency-key"] == receipt["id"]] == [b'{"a": 1}'] * 2
    for shown in (receipt, done, failed):
        assert shown["args"]["headers"] == {"Authorization": "***", "X-Key": "***", "Accept": "application/json"}
        assert shown["args"]["signing_secret"] == "***"
    wait_until(lambda: [asked for asked in site.asked if asked.path == "/scheduled"])
    told = [stack.http.get(f"/api/schedules/{scheduled}{more}").text for more in ("", "/history", "/changes")]
    told += [everything_in_the_database(stack), listener.read(), refused.text, stack.http.get("/api/jobs").text]
    told += [str(receipt), str(done), str(failed), *(stack.log(name) for name in stack.services)]
    assert all(receipt["id"] in one for one in told[3:5])
    assert "sesame" not in "\n".join(told)
    listener.close()


def make_schedule(stack: Stack, args: dict[str, Any]) -> str:
    body = {"name": "ping", "task": "http.request", "args": args, "interval_seconds": 1}
    made = stack.http.post("/api/schedules", json=body).json()
    kept = {"args": made["args"], "note": "The stars stand for what is stored."}
    assert stack.http.patch(f"/api/schedules/{made['id']}", json=kept).status_code == 200
    return str(made["id"])


def lost(headers: dict[str, str]) -> Says:
    return Says(404, f"no {headers['x-key']}".encode(), (("X-Request-Id", headers["authorization"]),))


def test_a_private_address_fails_at_once(stack: Stack, site: Site) -> None:
    job = stack.ended(stack.submit("http.request", args={"url": site.url()})["id"])

    assert (job["state"], job["attempt"], job["error"]["type"]) == ("failed", 1, "Permanent")
    assert site.asked == []


def test_a_wrong_argument_is_refused_by_its_name(stack: Stack) -> None:
    args: dict[str, Any] = {"url": "https://example.org/", "headers": {"Host": "sesame"}, "expect": "9xx"}

    answer = stack.http.post("/api/jobs", json={"task": "http.request", "args": args})

    assert sorted(fields_of(answer, 422)) == ["args.expect", "args.headers"]
    assert "sesame" not in answer.text


def test_stored_secrets_are_encrypted_again_with_a_new_key(ledger: Stack, set_keys: Callable[[str], None]) -> None:
    url, headers = "https://example.org/", {"X-Key": SECRETS[0]}
    with transaction() as db:
        job = submit(db, request.after(3600), url=url, headers=headers)
        schedule = Schedule(args=job.args, **A_SCHEDULE)
        db.add(schedule)
    set_keys("the new key which is long,dev-only-encryption-key")

    with transaction() as db:
        assert reencrypt_all(db) == (2, 0)

    set_keys("the new key which is long")
    rows = ledger.sql(f"SELECT {KEY} FROM jobs UNION ALL SELECT {KEY} FROM schedules WHERE id = %s", str(schedule.id))
    ledger.sql("DELETE FROM schedules WHERE id = %s", str(schedule.id))
    assert [decrypt(stored, "https://example.org:443") for (stored,) in rows] == [SECRETS[0]] * 2


def arrived(ledger: Stack, site: Site, body: Any) -> bytes:
    """What arrives of a body that was stored in the ledger."""
    with transaction() as db:
        job = submit(db, request, url=site.url(), method="POST", body=body)
    [[stored]] = ledger.sql("SELECT args::text FROM jobs WHERE id = %s", str(job.id))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FETCH_ALLOW", "127.0.0.0/8")
        WorkerSettings.load.cache_clear()
        run(stored)
    WorkerSettings.load.cache_clear()
    return site.asked[-1].body


FORMS = [
    '{"u": 1, "f": 1.0, "n": null}',
    '{"z": 1, "a": 2, "aa": 3, "z": 4}',
    "[1.0, 1.50, 1e3, 1E+3, -0, -0.0, 0.1, 123456789012345678901234567890, 1e22]",
    r'{"text": "\u00e9\/\ud83d\ude00 \u0041 é 😀", "\u006bey": "\t"}',
    ' { "a" :\r\n[ ] } \n',
]


@pytest.mark.parametrize("text", [*FORMS, "no JSON {", "", " "])
def test_a_text_arrives_byte_by_byte(ledger: Stack, site: Site, text: str) -> None:
    assert arrived(ledger, site, text) == text.encode()


@pytest.mark.parametrize("text", FORMS)
def test_an_object_arrives_as_json_that_means_the_same(ledger: Stack, site: Site, text: str) -> None:
    value = json.loads(text)

    assert json.loads(arrived(ledger, site, value)) == value
    assert site.asked[-1].headers["content-type"] == "application/json"


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**500), 2**500)
    | st.floats(-(2.0**53), 2.0**53)  # beyond, the nearest decimal is another number, and jsonb keeps decimals
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab\u00e9"), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=25)
@given(st.lists(values, max_size=3))
def test_every_list_arrives_as_json_that_means_the_same(ledger: Stack, site: Site, value: list[Any]) -> None:
    assert json.loads(arrived(ledger, site, value)) == value


@pytest.mark.parametrize("args", [{}, {"timeout": "long"}])
def test_the_secrets_of_a_plain_celery_message_are_not_stored_either(ledger: Stack, args: dict[str, Any]) -> None:
    kwargs = {"url": "https://example.org/", "headers": {"X-Key": SECRETS[0]}, **args}
    found = read(message(raw([[], kwargs, None], task=request.name, id=str(uuid4()))))

    with transaction() as db:
        assert adopt(db, found) if isinstance(found, Call) else refuse(db, found, keep=60)

    [(stored,)] = ledger.sql("SELECT args::text FROM jobs WHERE task = 'http.request'")
    assert "https://example.org/" in stored
    assert "sesame" not in stored
