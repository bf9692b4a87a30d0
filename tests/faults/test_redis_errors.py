"""Redis answers with an error for a while: the services stay, and no job is lost."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import redis

from tests.stack import Stack, wait_until

SERVICES = ("web", "worker", "scheduler")
Act = Callable[[redis.Redis], object]


def busy(client: redis.Redis) -> None:
    """A script that does not end."""
    client.config_set("busy-reply-threshold", 50)
    with suppress(redis.TimeoutError):
        client.eval("while true do end", 0)


def unbusy(client: redis.Redis) -> None:
    with suppress(redis.ResponseError):
        client.script_kill()


def without_password(client: redis.Redis) -> None:
    """As in a failover to a server that has another password: connections are closed, and new ones refused."""
    client.config_set("requirepass", "another")
    client.client_kill_filter(_type="normal", skipme=True)


def with_password(stack: Stack) -> None:
    redis.Redis(port=stack.redis.port, password="another").config_set("requirepass", stack.redis.password)


def set_to(**settings: object) -> Act:
    def act(client: redis.Redis) -> None:
        for name, value in settings.items():
            client.config_set(name.replace("_", "-"), value)  # type: ignore[arg-type]

    return act


def replica_of(client: redis.Redis) -> None:
    client.replicaof("127.0.0.1", "1")


def full_house(client: redis.Redis) -> None:
    client.config_set("maxclients", 1)
    client.client_kill_filter(_type="normal", skipme=True)


FAULTS: dict[str, tuple[Act, Act]] = {
    "READONLY and UNBLOCKED": (replica_of, lambda client: client.replicaof("NO", "ONE")),
    "MASTERDOWN": (
        lambda client: (set_to(replica_serve_stale_data="no")(client), replica_of(client)),
        lambda client: client.replicaof("NO", "ONE"),
    ),
    "NOREPLICAS": (set_to(min_replicas_to_write=1), set_to(min_replicas_to_write=0)),
    "OOM": (set_to(maxmemory=1), set_to(maxmemory=0)),
    "BUSY": (busy, unbusy),
    "max number of clients": (full_house, set_to(maxclients=1000)),
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack for all faults of this file."""
    made = Stack(tmp_path_factory.mktemp("redis-errors"))
    try:
        yield made.start(*SERVICES)
    finally:
        made.stop()


def suffer(stack: Stack, begin: Callable[[], object], end: Callable[[], object]) -> None:
    """Submit jobs before, in and after a fault, and see all of them run, in the processes that were there."""
    pids = {name: stack.services[name].pid for name in SERVICES}
    jobs = [stack.submit("test.sleep", args={"seconds": 3})["id"]]
    stack.in_state(jobs[0], "running")
    began = len(stack.log("worker"))

    begin()
    jobs += [stack.submit("test.noop_leased")["id"] for _ in range(3)]
    wait_until(lambda: "publish_failed" in stack.log("web") or len(stack.log("worker")) > began)
    time.sleep(1.5)  # for so long the fault lasts
    end()
    jobs.append(stack.submit("test.noop_leased")["id"])

    assert [stack.ended(id)["state"] for id in jobs] == ["succeeded"] * 5
    assert {name: stack.services[name].pid for name in SERVICES} == pids
    assert [name for name in SERVICES if stack.services[name].exit_code is not None] == []


@pytest.mark.parametrize(
    "fault", [pytest.param(name, marks=[] if name == "NOREPLICAS" else pytest.mark.long) for name in FAULTS]
)
def test_an_error_of_redis_that_passes_ends_nobody_and_loses_no_job(shared: Stack, fault: str) -> None:
    begin, end = FAULTS[fault]
    client = redis.Redis.from_url(shared.redis.url, socket_timeout=5)

    suffer(shared, lambda: begin(client), lambda: end(client))


def test_a_server_that_refuses_our_password_for_a_while_ends_nobody(shared: Stack) -> None:
    client = redis.Redis.from_url(shared.redis.url, socket_timeout=5)

    suffer(shared, lambda: without_password(client), lambda: with_password(shared))
