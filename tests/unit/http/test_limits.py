"""What a server may cost us: time, memory and trust."""

import gzip
import socket
import ssl
import threading
import tracemalloc
import zlib
from pathlib import Path

import pytest

from bellhop_worker.http import Limits
from tests.unit.http.world import Answer, Serve, Site, failed, get, names, page, raw, refused

HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        [b"HTTP"],
        [HEAD, b"X-Long: "],
        [HEAD, b"\r\n"],
        [HEAD, b"Transfer-Encoding: chunked\r\n\r\n"],
    ],
    ids=["status line", "headers", "body", "chunk length"],
)
def test_a_dripping_answer_ends_at_the_deadline(serve: Serve, parts: list[bytes]) -> None:
    site = serve(raw(*parts, then_for_ever=b"1"))

    with failed("took longer than 0.1 seconds"):
        get(site.url(), limits=Limits(total_seconds=0.1))


def test_a_resolver_that_hangs_ends_at_the_deadline() -> None:
    hung = threading.Event()

    with failed("took longer than 0.05 seconds"):
        get(
            "http://page.test/",
            limits=Limits(total_seconds=0.05),
            resolve=lambda host, port: [str(hung.wait())],
        )
    hung.set()


def test_a_silent_tls_handshake_ends_at_the_connect_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, failed("127.0.0.1 did not answer in"):
        get(f"https://127.0.0.1:{silent.getsockname()[1]}/", limits=Limits(connect_seconds=0.05))


BOMB = bytes(50_000_000)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(BOMB)),
        ("deflate", zlib.compress(BOMB)),
        ("gzip, gzip", gzip.compress(gzip.compress(BOMB))),
    ],
)
def test_a_compressed_bomb_is_refused_before_it_grows(serve: Serve, encoding: str, body: bytes) -> None:
    site = serve(page(body, Content_Encoding=encoding))
    tracemalloc.start()

    with refused("larger than 100000 bytes"):
        get(site.url(), limits=Limits(body_bytes=100_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 2_000_000


@pytest.mark.parametrize(
    "answer",
    [
        page(b"x" * 1001),
        page(gzip.compress(b"") * 100, Content_Encoding="gzip"),
        raw(HEAD, b"\r\n", b"x" * 1001),
        raw(HEAD, b"Transfer-Encoding: chunked\r\n\r\n", b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n"),
    ],
    ids=["length", "nothing once decoded", "no length", "chunked"],
)
def test_a_body_over_the_limit_is_refused(serve: Serve, answer: Answer) -> None:
    with refused("larger than 1000 bytes"):
        get(serve(answer).url(), limits=Limits(body_bytes=1000))


def test_a_body_of_just_the_limit_is_a_page(serve: Serve) -> None:
    site = serve(page(b"x" * 1000))

    assert get(site.url(), limits=Limits(body_bytes=1000)).bytes == 1000


def test_a_chunk_of_negative_length_cannot_fill_the_memory(serve: Serve) -> None:
    head = b"Transfer-Encoding: chunked\r\n\r\n-1\r\n"
    site = serve(raw(HEAD, head, then_for_ever=b"x" * 1_000_000))

    with refused("larger than 1000 bytes"):
        get(site.url(), limits=Limits(body_bytes=1000))


def test_a_certificate_is_checked_for_the_name_and_not_the_address(secure: Site) -> None:
    url = secure.url("/", "page.test.", "https")

    found = get(url, resolve=lambda host, port: ["127.0.0.1"])

    assert (found.status, found.bytes) == (200, 6)


def test_a_certificate_for_another_name_is_a_failure(secure: Site) -> None:
    with failed("other.test has no valid certificate: Hostname mismatch"):
        get(secure.url("/", "other.test", "https"), resolve=names(other_test="127.0.0.1"))


def test_a_certificate_that_nobody_vouches_for_is_a_failure(secure: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")

    with failed("page.test has no valid certificate"):
        get(secure.url("/", "page.test", "https"), resolve=names(page_test="127.0.0.1"))


def test_a_dripping_answer_ends_at_the_deadline_below_tls_too(serve: Serve, certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    site = serve(raw(HEAD, b"\r\n", then_for_ever=b"1"), tls)

    with failed("took longer than 0.3 seconds"):
        get(
            site.url("/", "page.test", "https"),
            limits=Limits(total_seconds=0.3),
            resolve=names(page_test="127.0.0.1"),
        )


@pytest.mark.parametrize(
    "answer",
    [
        raw(b"nonsense\r\n\r\n"),
        raw(),
        raw(HEAD, b"X: y\r\n" * 200, b"\r\n"),
    ],
    ids=["no http", "nothing", "too many headers"],
)
def test_an_answer_that_breaks_the_protocol_is_a_failure(serve: Serve, answer: Answer) -> None:
    with failed("127.0.0.1 could not be reached or gave no valid answer"):
        get(serve(answer).url())


def test_a_refused_connection_is_a_failure_that_names_no_address() -> None:
    with socket.socket() as bound, failed("^page.test refused the connection$"):
        bound.bind(("127.0.0.1", 0))  # bound, but nobody listens
        port = bound.getsockname()[1]
        get(f"http://page.test:{port}/", resolve=names(page_test="127.0.0.1"))


@pytest.mark.parametrize("error", [socket.gaierror(-2, "unknown"), UnicodeError("too long")])
def test_a_name_that_does_not_resolve_is_a_failure(error: Exception) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise error

    with failed("page.test could not be resolved"):
        get("http://page.test/", resolve=resolve)
