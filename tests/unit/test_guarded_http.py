"""Fetches of strangers' URLs, against real servers on this machine; only the resolver is a fake."""

import gzip
import socket
import ssl
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_worker.http import AllowList, FetchFailed, FetchRefused, Limits, Page, fetch
from bellhop_worker.http.addresses import IPAddress, is_public
from bellhop_worker.http.connections import tls_context
from bellhop_worker.http.target import Target

LOOPBACK = AllowList.parse("127.0.0.0/8")
Answer = Callable[[BaseHTTPRequestHandler], object]
Serve = Callable[..., "Site"]


class Site(ThreadingHTTPServer):
    """A web server that gives one answer to every GET and remembers what it was asked."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Answer) -> None:
        self.asked: list[tuple[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.headers["Host"], self.path))
                with suppress(ConnectionError):
                    answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what these tests are about."""

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.server_port}{path}"


@pytest.fixture
def serve() -> Iterator[Serve]:
    sites: list[Site] = []

    def start(answer: Answer, tls: ssl.SSLContext | None = None) -> Site:
        site = Site(answer)
        if tls:
            site.socket = tls.wrap_socket(site.socket, server_side=True)
        sites.append(site)
        threading.Thread(target=site.serve_forever, args=(0.01,), daemon=True).start()
        return site

    yield start
    for site in sites:
        site.shutdown()
        site.server_close()


def page(body: bytes = b"hello", status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def redirect(location: str) -> Answer:
    return page(b"", 302, Location=location)


def raw(*parts: bytes, then_for_ever: bytes = b"") -> Answer:
    """Bytes as they are, the last of them a drip that ends only with the connection."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"".join(parts))
        while then_for_ever:
            handler.wfile.write(then_for_ever)
            threading.Event().wait(0.005)

    return answer


def names(**addresses: str) -> Callable[[str, int], list[str]]:
    """A resolver that knows these names; `_` stands for a dot."""
    known = {name.replace("_", "."): found.split() for name, found in addresses.items()}
    return lambda host, port: known[host]


def get(url: str, **changes: Any) -> Page:
    return fetch(url, **{"allow": LOOPBACK, "limits": Limits(), **changes})


def refused(reason: str) -> AbstractContextManager[object]:
    return pytest.raises(FetchRefused, match=reason)


def failed(reason: str) -> AbstractContextManager[object]:
    return pytest.raises(FetchFailed, match=reason)


def test_a_page_tells_its_status_size_and_type(serve: Serve) -> None:
    site = serve(page(b"hello", Content_Type="text/plain"))

    found = get(site.url("/a?b=c"))

    assert (found.status, found.bytes, found.content_type) == (200, 5, "text/plain")
    assert (found.url, found.redirects, found.body) == (site.url("/a?b=c"), 0, None)
    assert 0 < found.seconds < 30
    assert site.asked == [(f"127.0.0.1:{site.server_port}", "/a?b=c")]


@pytest.mark.parametrize("status", [404, 500, 304])
def test_an_error_status_is_a_result(serve: Serve, status: int) -> None:
    assert get(serve(page(b"", status)).url()).status == status


def test_the_body_comes_decoded_when_it_is_asked_for(serve: Serve) -> None:
    site = serve(page(gzip.compress(b"hello" * 100), Content_Encoding="gzip"))

    found = get(site.url(), read_body=True)

    assert (found.body, found.bytes) == (b"hello" * 100, 500)


def test_a_chunked_body_is_put_together(serve: Serve) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    site = serve(raw(head, b"3\r\nabc\r\n", b"2\r\nde\r\n", b"0\r\n\r\n"))

    assert get(site.url(), read_body=True).body == b"abcde"


def test_redirects_are_followed_and_counted(serve: Serve) -> None:
    end = serve(page(b"end"))
    site = serve(lambda handler: redirect("/caf\xc3\xa9" if handler.path == "/" else end.url("/x"))(handler))

    found = get(site.url())

    assert (found.bytes, found.url, found.redirects) == (3, end.url("/x"), 2)
    assert [path for _, path in site.asked] == ["/", "/caf%C3%A9"]


def test_endless_redirects_are_refused(serve: Serve) -> None:
    site = serve(redirect("/again"))

    with refused("redirects more than 2 times"):
        get(site.url(), limits=Limits(redirects=2))
    assert len(site.asked) == 3


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://127.0.0.2/", "not public"),
        ("//169.254.169.254/latest/meta-data", "not public"),
        ("file:///etc/passwd", "only http and https"),
        ("http://user:pass@example.com/", "user name or a password"),
        ("http://[::1", "cannot be read"),
    ],
)
def test_each_redirect_is_checked_again(serve: Serve, location: str, reason: str) -> None:
    site = serve(redirect(location))

    with refused(reason):
        get(site.url(), allow=AllowList.parse("127.0.0.1"))


HOSTS = """127.0.0.1 127.1 2130706433 0x7f.1 0177.0.0.1 0x7f000001 LocalHost %6cocalhost
    0.0.0.0 0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 100.100.100.200
    192.0.0.192 168.63.129.16 192.88.99.1 224.0.0.1 255.255.255.255 [::] [::1] [0:0:0:0:0:0:0:1] [fd00:ec2::254]
    [fe80::1] [fec0::1] [3fff::1] [ff02::1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1]
    [64:ff9b::10.0.0.1] [64:ff9b:1::1] [2002:7f00:1::] [2001:0:7f00:1::]"""


@pytest.mark.parametrize("host", HOSTS.split())
def test_no_spelling_of_a_private_address_is_fetched(host: str) -> None:
    with refused("resolves to an address that is not public"):
        get(f"http://{host}:8000/", allow=AllowList())


@pytest.mark.parametrize(
    "url",
    [
        *["", "example.com", "//example.com/", "ftp://example.com/", "file:///etc/passwd"],
        *["http://", "http:///path", "http://./", "http://.example.com/", "http:example.com"],
        *["http://user@example.com/", "https://user:secret@example.com/", "https://u:secret@a b/"],
        *["http://a b/", "http://a\r\nX: y/", "http://a:99999/", "http://[1::2::3]/", "http://①②⑦.①/"],
    ],
)
def test_a_url_that_is_not_plain_http_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(FetchRefused, match=r"^url: ") as refusal:
        get(url)
    assert "secret" not in str(refusal.value)


def test_the_name_is_resolved_once_and_the_checked_address_is_used(serve: Serve) -> None:
    site = serve(page())
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])

    get(site.url("/", "page.test"), resolve=lambda host, port: next(answers))

    assert site.asked == [(f"page.test:{site.server_port}", "/")]
    assert next(answers) == ["127.0.0.2"]


def test_a_name_that_turns_private_at_the_second_hop_is_refused(serve: Serve) -> None:
    site = serve(redirect("/again"))
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    with refused("page.test resolves to an address that is not public"):
        get(site.url("/", "page.test"), resolve=lambda host, port: next(answers))


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with refused("not public"):
        get("http://page.test/", allow=AllowList(), resolve=names(page_test="1.1.1.1 10.0.0.1"))


def test_the_next_address_is_tried_when_the_first_does_not_answer(serve: Serve) -> None:
    site = serve(page())

    found = get(site.url("/", "page.test"), resolve=names(page_test="127.0.0.2 127.0.0.1 127.0.0.3"))

    assert found.status == 200


def test_a_trailing_dot_counts_for_the_resolver_only(serve: Serve) -> None:
    site = serve(page())

    get(site.url("/", "Page.test."), resolve=lambda host, port: {"page.test.": ["127.0.0.1"]}[host])

    assert site.asked == [(f"page.test:{site.server_port}", "/")]


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://page.test:80/", "page.test"),
        ("https://page.test:443/", "page.test"),
        ("https://page.test:80/", "page.test:80"),
        ("http://[2606:4700:0::1111]:81/", "[2606:4700::1111]:81"),
    ],
)
def test_the_host_header_leaves_out_the_usual_port(url: str, authority: str) -> None:
    assert Target.parse(url).authority == authority


def test_a_name_in_another_script_is_looked_up_as_idna(serve: Serve) -> None:
    site = serve(page())

    get(site.url("/ü", "bücher.test"), resolve=names(**{"xn--bcher-kva_test": "127.0.0.1"}))

    assert site.asked == [(f"xn--bcher-kva.test:{site.server_port}", "/%C3%BC")]


def test_proxies_of_the_environment_are_ignored(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    assert get(serve(page()).url()).status == 200


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


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The certificate of page.test, trusted while a test runs."""
    path = tmp_path / "page.test"
    path.write_text(CERTIFICATE)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    tls_context.cache_clear()
    yield path
    tls_context.cache_clear()


@pytest.fixture
def secure(serve: Serve, certificate: Path) -> Site:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    return serve(page(b"secret"), tls)


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
        raw(HEAD, b"Content-Length: 10\r\n\r\nshort"),
        raw(HEAD, b"X: y\r\n" * 200, b"\r\n"),
        raw(HEAD, b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        page(b"no gzip", Content_Encoding="gzip"),
    ],
    ids=["no http", "nothing", "cut short", "too many headers", "bad chunk", "bad gzip"],
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


@pytest.mark.parametrize(
    ("setting", "permitted"),
    [
        ("", False),
        ("demo", True),
        (" other:1 , DEMO.:9000,", True),
        ("demo:9001", False),
        ("10.0.0.0/8", True),
        ("10.1.0.0/16, fd00::/8", False),
        ("10.0.0.5", False),
    ],
)
def test_the_allow_list_lifts_a_host_or_a_network(setting: str, permitted: bool) -> None:
    allow = AllowList.parse(setting)

    assert allow.permits("demo", 9000, ip_address("10.0.0.5")) is permitted


def test_the_allow_list_knows_ipv6_in_any_spelling() -> None:
    allow = AllowList.parse("[0:0::1]:8080,fd00::/8")

    assert allow.permits("[::1]", 8080, ip_address("::1"))
    assert allow.permits("any.test", 80, ip_address("fd12::1"))
    assert not allow.permits("[::1]", 80, ip_address("::1"))


@pytest.mark.parametrize(
    "entry",
    [
        *["demo:", "demo:0", "demo:99999", "http://demo", "10.0.0.1/8", "10.0.0.0/8:80", "*.test"],
        *["::1", "[::1", "[::zz]", "[1::2::3]:80", "a b", "user@demo", "demo..test"],
    ],
)
def test_a_bad_entry_is_named_with_its_setting(entry: str) -> None:
    with pytest.raises(ValueError, match="FETCH_ALLOW") as bad:
        AllowList.parse(f"demo:9000,{entry}")
    assert repr(entry) in str(bad.value)


def carriers(address: IPv4Address) -> list[IPv6Address]:
    """Every IPv6 address that leads to an IPv4 address by some standard."""
    number, inverted = int(address), int(address) ^ 0xFFFFFFFF
    prefixes = ["::ffff:0:0", "::", "64:ff9b::", "64:ff9b:1::"]
    return [IPv6Address(int(IPv6Address(prefix)) | number) for prefix in prefixes] + [
        IPv6Address(0x2002 << 112 | number << 80 | 1),
        IPv6Address(0x20010000 << 96 | number << 64 | 0xF7F7F7F7),
        IPv6Address(0x20010000 << 96 | 0x01010101 << 64 | inverted),
    ]


SPECIAL = ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"]
SPECIAL += ["172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"]
SPECIAL += ["::/64", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "2001:db8::/32", "100::/64"]


@given(st.ip_addresses() | st.sampled_from(SPECIAL).flatmap(lambda net: st.ip_addresses(network=net)))
def test_what_is_not_global_is_refused_however_it_is_spelled(address: IPAddress) -> None:
    spellings: list[IPAddress] = [address]
    if isinstance(address, IPv4Address):
        spellings += carriers(address)

    if not address.is_global or address.is_multicast:
        assert not any(is_public(spelling) for spelling in spellings)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"])
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))


# The name page.test, for a hundred years; the key protects nothing.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg28Qypace+L6no5/s
pwjauAx2MQwxg/kMNF1tNwNprzehRANCAARLEVCwk1m5gXuKTP/HYy/PnZAY1dlj
Cu3Vwrv+E+b9IHPKwVhD8IUsmNzyh3L40slkZNB1yEjlc3wZ6WSQ5okl
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBYTCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlwYWdlLnRl
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CXBhZ2UudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEsRULCTWbmBe4pM
/8djL8+dkBjV2WMK7dXCu/4T5v0gc8rBWEPwhSyY3PKHcvjSyWRk0HXISOVzfBnp
ZJDmiSWjSDBGMA8GA1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFH6iq6LKsjYK+nWa
b/LEAGE9zRjsMBQGA1UdEQQNMAuCCXBhZ2UudGVzdDAKBggqhkjOPQQDAgNIADBF
AiEAugyGpG5kkMZU/1chPY03f8vJxkSRNclkQDEGafpqTU8CIEco0132wY5ki7ks
ScU5ST5KN6Ar78dEpmGtyaSYl5f5
-----END CERTIFICATE-----
"""
