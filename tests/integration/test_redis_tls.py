"""Redis over TLS: its certificate is verified by every client that we open, unless the address says otherwise."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from redis.exceptions import ConnectionError as RedisAway

from bellhop_ledger.broker import celery_app, pubsub
from bellhop_ledger.broker.transport import Connection
from bellhop_ledger.platform.redis_address import read
from bellhop_ledger.platform.settings import BrokerSettings, Settings
from bellhop_scheduler.broker import Broker
from bellhop_web.ratelimits.limiter import make_limiter
from tests.certificates import write_certificate
from tests.stack import Stack
from tests.tls import tls_door


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody trusts unless told to."""
    return write_certificate(tmp_path)


@pytest.fixture
def address(ledger: Stack, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Makes REDIS_URL an address of a TLS server with these parameters."""
    with tls_door(certificate, ledger.redis.port) as port:

        def make(host: str = "127.0.0.1", **parameters: str) -> str:
            url = f"rediss://:{ledger.redis.password}@{host}:{port}/0?{urlencode(parameters)}"
            monkeypatch.setenv("REDIS_URL", url)
            forget()
            return url

        yield make
    monkeypatch.undo()
    forget()


def forget() -> None:
    for settings in (Settings, BrokerSettings):
        settings.load.cache_clear()
    pubsub.client.cache_clear()


def by_redis_py(url: str) -> None:
    pubsub.client().ping()


def by_listener(url: str) -> None:
    pubsub.listen("channel").close()


def by_scheduler(url: str) -> None:
    Broker().mark()


def by_sender(url: str) -> None:
    address = read(url)
    with Connection(address.url, ssl=address.tls) as connection:
        connection.channel().client.ping()


def by_celery(url: str) -> None:
    configured = celery_app.configuration()
    with Connection(configured["broker_url"], ssl=configured["broker_use_ssl"]) as connection:
        connection.channel().client.ping()


def by_limiter(url: str) -> None:
    make_limiter(Settings.load().redis)._window.storage.incr("tests", 1)  # type: ignore[attr-defined]


CLIENTS = [by_redis_py, by_listener, by_scheduler, by_sender, by_celery, by_limiter]


@pytest.mark.parametrize("connect", CLIENTS)
@pytest.mark.parametrize("parameters", [{}, {"ssl_cert_reqs": "required"}, {"ssl_check_hostname": "false"}])
def test_a_certificate_that_nobody_trusts_is_refused(
    address: Callable[..., str], connect: Callable[[str], None], parameters: dict[str, str]
) -> None:
    with pytest.raises((RedisAway, OSError), match="certificate verify failed"):
        connect(address(**parameters))


@pytest.mark.parametrize("connect", CLIENTS)
@pytest.mark.parametrize("requirement", ["required", "CERT_REQUIRED", "optional"])
def test_the_certificate_of_a_private_authority_is_verified(
    address: Callable[..., str], connect: Callable[[str], None], certificate: Path, requirement: str
) -> None:
    connect(address(ssl_ca_certs=str(certificate), ssl_cert_reqs=requirement))


@pytest.mark.parametrize("connect", CLIENTS)
def test_a_certificate_for_another_host_is_refused(
    address: Callable[..., str], connect: Callable[[str], None], certificate: Path
) -> None:
    with pytest.raises((RedisAway, OSError), match="certificate verify failed"):
        connect(address(host="localhost", ssl_ca_certs=str(certificate)))

    connect(address(host="localhost", ssl_ca_certs=str(certificate), ssl_check_hostname="false"))


@pytest.mark.parametrize("connect", CLIENTS)
@pytest.mark.parametrize("requirement", ["none", "CERT_NONE", "cert_none"])
def test_who_asks_for_no_verification_gets_none(
    address: Callable[..., str], connect: Callable[[str], None], requirement: str
) -> None:
    connect(address(ssl_cert_reqs=requirement))


@pytest.mark.parametrize("connect", CLIENTS)
def test_a_client_may_show_a_certificate_of_its_own(
    ledger: Stack, certificate: Path, monkeypatch: pytest.MonkeyPatch, connect: Callable[[str], None]
) -> None:
    files = dict.fromkeys(("ssl_ca_certs", "ssl_certfile", "ssl_keyfile"), str(certificate))
    with tls_door(certificate, ledger.redis.port, client_ca=certificate) as port:
        url = f"rediss://:{ledger.redis.password}@127.0.0.1:{port}/0?{urlencode(files)}"
        monkeypatch.setenv("REDIS_URL", url)
        forget()
        connect(url)
    monkeypatch.undo()
    forget()


@pytest.mark.long
def test_a_job_runs_over_tls(make_stack: Callable[..., Stack], tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path)
    stack = make_stack()
    with tls_door(certificate, stack.redis.port) as port:
        stack.settings["REDIS_URL"] = (
            f"rediss://:{stack.redis.password}@127.0.0.1:{port}/0?ssl_ca_certs={certificate}&ssl_cert_reqs=CERT_REQUIRED"
        )
        for service in ("web", "worker", "scheduler"):
            stack.start_service(service)
        stack.wait_ready("web")
        job = stack.ended(stack.submit("test.add", args={"a": 5, "b": 7})["id"])

        assert job["result"] == 12
        for service in ("worker", "scheduler", "web"):
            stack.services[service].stop(20)
