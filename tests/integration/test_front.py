"""The proxy before web, as it is shipped: whose address web learns, what is asked again, and where people are sent."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import httpx
import pytest

from bellhop_web.http.addresses import client_address
from tests.deployed import COMPOSE, K8S, STACK, environment
from tests.front import caddy, name_server, ports, web_replica
from tests.stack import ROOT, wait_until

CLIENT = "203.0.113.7"
KUBERNETES = K8S / "base/caddy/Caddyfile"
PRODUCTION = ROOT / "compose/caddy/Caddyfile.prod"
REPLICAS = ("127.0.0.2", "127.0.0.3")


class Front:
    """Caddy, two replicas of web behind it, and how to ask it."""

    def __init__(self, url: str, directory: Path, redirects_at: str = ""):
        self.url = url
        self.redirects_at = redirects_at
        self.http = httpx.Client(base_url=url, verify=trusting(directory) if url.startswith("https") else True)
        self.replicas: dict[str, Any] = {}

    def seen(self, *forwarded: str) -> str:
        """What web is told of the client's address when a request arrives with these headers."""
        headers = [("X-Forwarded-For", value) for value in forwarded]
        return str(self.http.get("/api/seen", headers=headers).json()["headers"]["x-forwarded-for"])


def trusting(directory: Path) -> ssl.SSLContext:
    root = directory / "caddy/pki/authorities/local/root.crt"
    wait_until(root.exists)
    return ssl.create_default_context(cafile=root)


def front(directory: Path, file: Path, patience: str = "10s", **settings: str) -> Iterator[Front]:
    free = ports("8080", "8443", "8081", "8082", "web")
    with name_server(*REPLICAS) as resolver:
        changes = {name: str(port) for name, port in free.items() if name.isdigit()} | {
            "port 8000": f"port {free['web']}",
            "name web": f"name web\n\t\tresolvers 127.0.0.1:{resolver}",
            "lb_try_duration 10s": f"lb_try_duration {patience}",
            "/tmp/flower.caddy": str(directory / "flower.caddy"),
        }
        tls = file is PRODUCTION
        url = f"https://localhost:{free['8443']}" if tls else f"http://127.0.0.1:{free['8080']}"
        with caddy(directory, file, changes, **settings):
            made = Front(url, directory, f"http://127.0.0.1:{free['8080']}")
            for address in REPLICAS:
                made.replicas[address] = web_replica(address, free["web"])
                made.replicas[address].__enter__()
            try:
                wait_until(lambda: answers(made))
                yield made
            finally:
                for replica in made.replicas.values():
                    replica.__exit__(None, None, None)
                made.http.close()


def answers(made: Front) -> bool:
    try:
        return made.http.get("/").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def kubernetes(tmp_path: Path) -> Iterator[Front]:
    """What stands behind an Ingress; the test is the Ingress."""
    yield from front(tmp_path, KUBERNETES, PROXY_NETWORKS=environment("caddy")["PROXY_NETWORKS"])


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Front]:
    """One that does not try again, so that whatever it takes for down is refused at once."""
    yield from front(tmp_path, KUBERNETES, patience="0s", PROXY_NETWORKS=environment("caddy")["PROXY_NETWORKS"])


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Front]:
    """The entry of the production files; the test is a client."""
    yield from front(tmp_path, PRODUCTION, PROXY_NETWORKS="", PUBLIC_URL="https://bellhop.example.org:8444")


@pytest.fixture
def behind_a_proxy(tmp_path: Path) -> Iterator[Front]:
    """The same behind another proxy, which the test is."""
    yield from front(tmp_path, PRODUCTION, PROXY_NETWORKS="127.0.0.1/32 10.0.0.0/8")


@pytest.mark.parametrize(
    "forwarded",
    [
        (CLIENT,),
        (f"{CLIENT}, 10.42.0.5",),  # a load balancer before the Ingress
        (CLIENT, "10.42.0.5"),
        (f"198.51.100.1, {CLIENT}",),  # the client's own invention
        (f"not an address, {CLIENT}",),
    ],
)
@pytest.mark.parametrize("topology", ["kubernetes", "behind_a_proxy"])
def test_behind_proxies_web_learns_the_address_of_the_client_and_no_other(
    topology: str, forwarded: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    assert request.getfixturevalue(topology).seen(*forwarded) == CLIENT


@pytest.mark.parametrize("forwarded", [(), (CLIENT,), (f"{CLIENT}, 10.42.0.5",)])
def test_without_a_proxy_before_it_nobody_can_invent_an_address(production: Front, forwarded: tuple[str, ...]) -> None:
    assert production.seen(*forwarded) == "127.0.0.1"


@pytest.mark.parametrize(
    "told", [COMPOSE["web"]["environment"], STACK["services"]["web"]["environment"], environment("web")]
)
def test_web_counts_the_one_address_that_the_proxy_names(told: dict[str, str]) -> None:
    app = flask.Flask("web")
    app.config["TRUSTED_PROXIES"] = told["TRUSTED_PROXIES"]

    with app.test_request_context(headers={"X-Forwarded-For": CLIENT}, environ_base={"REMOTE_ADDR": "10.42.0.9"}):
        assert client_address() == CLIENT


def test_a_post_that_reached_no_replica_is_sent_to_the_next_one(production: Front) -> None:
    production.replicas[REPLICAS[0]].__exit__(None, None, None)
    gone = production.replicas.pop(REPLICAS[0])

    answers = [production.http.post("/api/jobs", json={"task": "a.b", "args": {"n": n}}) for n in range(40)]

    assert gone
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json()["size"] > 20 for answer in answers)


def test_a_client_that_hangs_up_within_its_body_takes_web_from_nobody(impatient: Front) -> None:
    url = httpx.URL(impatient.url)
    for _ in range(8):
        with socket.create_connection((url.host, url.port)) as client:
            client.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{")
            client.shutdown(socket.SHUT_WR)
            assert client.recv(65_536), "Caddy has noticed"

    answers = [impatient.http.get("/").status_code for _ in range(4)]

    assert answers == [200] * 4


@pytest.mark.parametrize("host", ["bellhop.example.org", "localhost", "198.51.100.1:8180"])
def test_plain_http_is_sent_to_where_people_reach_the_pages(production: Front, host: str) -> None:
    answer = httpx.get(production.redirects_at + "/jobs?state=failed", headers={"Host": host})

    assert (answer.status_code, answer.headers["Location"]) == (
        308,
        "https://bellhop.example.org:8444/jobs?state=failed",
    )
