"""Flower shows our workers and our tasks by their own names, to those who know the password, also after a restart."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import redis

from bellhop_local.ports import free_port
from tests.stack import ROOT, Stack, wait_until

PASSWORD = "dev-only-flower"


def words(rules: str) -> list[str]:
    """The rules of an ACL, one by one; what stands in parentheses is one."""
    return re.findall(r"\([^)]*\)|\S+", rules)


class Flower:
    """A Flower beside the shared stack."""

    def __init__(self, stack: Stack):
        self.port, self.stack = free_port(), stack

    def start(self) -> None:
        """Start Flower and wait until it answers."""
        conf = ROOT / "services/flower/flowerconfig.py"
        command = ("celery", "-A", "bellhop_ledger.broker.celery_app", "flower", f"--conf={conf}")
        self.stack.start_command("flower", *command, **self.settings)
        wait_until(self.answers)

    def stop(self) -> None:
        """End Flower, which keeps what it knows."""
        self.stack.services["flower"].stop(20)

    @property
    def settings(self) -> dict[str, str]:
        """What it is told; the database is none of its business."""
        own = {"FLOWER_PORT": str(self.port), "FLOWER_PASSWORD": PASSWORD, "DATABASE_URL": ""}
        return own | {"REDIS_URL": self.redis_url, "FLOWER_DATA": str(self.stack.directory / "flower.db")}

    @property
    def redis_url(self) -> str:
        """The address with which it may do no more than the containers' Flower."""
        rules = (ROOT / "compose/redis/flower.acl").read_text()
        with redis.Redis.from_url(self.stack.redis.url) as client:
            client.execute_command("ACL", "SETUSER", "flower", "reset", "on", ">secret", *words(rules))
        return re.sub("//.*@", "//flower:secret@", self.stack.redis.url)

    def answers(self) -> bool:
        """Whether Flower answers."""
        try:
            return self.get("/healthcheck").status_code == 200
        except httpx.TransportError:
            return False

    def get(self, path: str, password: str = PASSWORD) -> httpx.Response:
        """Ask Flower."""
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", auth=("admin", password), timeout=30)

    def post(self, path: str, **form: str) -> httpx.Response:
        """Press one of Flower's buttons."""
        return httpx.post(f"http://127.0.0.1:{self.port}{path}", data=form, auth=("admin", PASSWORD), timeout=60)

    def task(self, id: str) -> dict[str, Any] | None:
        """What Flower knows of a message."""
        return next((task for uuid, task in self.get("/api/tasks").json().items() if uuid == id), None)


@pytest.fixture(scope="module")
def flower(stack: Stack) -> Iterator[Flower]:
    """Flower and all that it watches."""
    made = Flower(stack)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def test_flower_shows_workers_and_tasks_and_remembers_them(flower: Flower) -> None:
    wait_until(lambda: any(name.startswith("worker@") for name in flower.get("/api/workers").json()))
    job = flower.stack.submit("test.add", args={"a": 5, "b": 7})
    flower.stack.ended(job["id"])

    seen = wait_until(lambda: (found := flower.task(job["id"])) and found["state"] == "SUCCESS" and found)
    flower.stop()
    flower.start()

    assert seen
    assert (seen["name"], seen["result"]) == ("test.add", "12")
    assert seen["kwargs"] == '{"a": 5, "b": 7}'
    assert flower.task(job["id"])
    assert flower.get("/api/tasks", password="wrong").status_code == 401


def test_flower_counts_what_waits_and_can_touch_no_job(flower: Flower) -> None:
    def counts_some() -> bool:
        for n in range(6):  # a worker may be quicker than Flower
            flower.stack.submit("test.add", args={"a": n, "b": 1})
        return any(queue["messages"] for queue in flower.get("/api/queues/length").json()["active_queues"])

    wait_until(counts_some)
    with redis.Redis.from_url(flower.redis_url) as client:
        for command in (
            ("LPUSH", "default", "{}"),
            ("RPOP", "slow\x06\x164"),
            ("DEL", "slow\x06\x164"),
            ("LRANGE", "slow\x06\x164", 0, -1),
            ("HGETALL", "unacked"),
            ("PUBLISH", "bellhop:changed", ""),
            ("FLUSHALL",),
            ("CONFIG", "GET", "requirepass"),
            ("KEYS", "*"),
            ("EVAL", "return redis.call('DEL', 'default')", 0),
        ):
            with pytest.raises(redis.exceptions.ResponseError, match="permission"):
                client.execute_command(*command)


def test_flower_s_buttons_cancel_jobs_in_the_ledger_or_say_why_not(flower: Flower) -> None:
    job = flower.stack.submit("test.sleep", args={"seconds": 60})
    flower.stack.in_state(job["id"], "running")
    worker = wait_until(lambda: next((name for name in flower.get("/api/workers").json() if "worker@" in name), None))

    revoked = flower.post(f"/api/task/revoke/{job['id']}", terminate="true")
    grown = flower.post(f"/api/worker/pool/grow/{worker}", n="3")
    unserved = flower.post(f"/api/worker/queue/cancel-consumer/{worker}", queue="default")

    assert revoked.status_code == 200
    assert flower.stack.ended(job["id"])["state"] == "cancelled"
    assert (grown.status_code, unserved.status_code) == (403, 403)
    assert "pool_grow is refused. Set WORKER_CONCURRENCY" in grown.text
    assert "cancel_consumer is refused. Set WORKER_QUEUES" in unserved.text
