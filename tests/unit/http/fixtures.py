"""Fixtures: web servers on this machine, with TLS and without."""

import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bellhop_worker.http.connections import tls_context
from tests.unit.http.world import Answer, Serve, Site, page


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
