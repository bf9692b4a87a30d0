"""Which ports are asked for a stranger."""

import pytest

from bellhop_worker.http import AllowList, Unreachable, parse_ports
from bellhop_worker.http.ports import BAD_PORTS
from tests.unit.http.world import Serve, get, names, raw, redirect, refused

WEB = parse_ports("80, 443")
NOT_ASKED = "port {} is not one from which pages are fetched"
PUBLIC = names(page_test="1.1.1.1")


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "port", [1, 22, 25, 79, 81, 444, 465, 587, 993, 3306, 5432, 6000, 6379, 8000, 8080, 11211, 65535]
)
def test_other_ports_of_public_hosts_are_not_asked(scheme: str, port: int) -> None:
    with refused(NOT_ASKED.format(port)):
        get(f"{scheme}://page.test:{port}/", allow=AllowList(), ports=WEB, resolve=PUBLIC)


@pytest.mark.parametrize("url", ["http://1.1.1.1:22/", "http://[2606:4700::1111]:25/", "https://page.test.:22/"])
def test_no_spelling_of_a_host_opens_a_port(url: str) -> None:
    with refused("port 2[25] is not one"):
        get(
            url,
            allow=AllowList(),
            ports=WEB,
            resolve=lambda host, port: [host.strip("[]").replace("page.test.", "1.1.1.1")],
        )


@pytest.mark.parametrize("port", sorted(BAD_PORTS))
@pytest.mark.parametrize("allow", ["127.0.0.0/8", "127.0.0.1", ""])
def test_ports_of_other_protocols_are_not_asked_though_their_host_is_allowed(port: int, allow: str) -> None:
    with refused(NOT_ASKED.format(port)):
        get(f"http://127.0.0.1:{port}/", allow=AllowList.parse(allow), ports=WEB)


def test_a_redirect_does_not_lead_to_another_port(serve: Serve) -> None:
    for location in ("http://127.0.0.1:25/", "http://page.test:8080/"):
        site = serve(redirect(location))

        with refused(r"port (25|8080) is not one"):
            get(site.url(), ports=WEB, resolve=lambda host, port: ["1.1.1.1" if host == "page.test" else host])


@pytest.mark.parametrize("allow", ["127.0.0.0/8", "127.0.0.1"])
def test_what_is_allowed_is_allowed_with_its_ports(serve: Serve, allow: str) -> None:
    assert get(serve(raw(b"HTTP/1.1 200 OK\r\n\r\n")).url(), allow=AllowList.parse(allow), ports=WEB).status == 200


@pytest.mark.parametrize(("allow", "ports"), [("127.0.0.1:1", "80"), ("127.0.0.0/8", "80,1")])
def test_a_port_that_is_named_is_asked(allow: str, ports: str) -> None:
    with pytest.raises(Unreachable):
        get("http://127.0.0.1:1/", allow=AllowList.parse(allow), ports=parse_ports(ports))


@pytest.mark.parametrize("setting", ["", " , ", "0", "65536", "-1", "http", "80;443", "８０", "80-90", "1" * 5000])
def test_what_is_no_port_is_refused_with_its_setting(setting: str) -> None:
    with pytest.raises(ValueError, match=r"^FETCH_PORTS: "):
        parse_ports(setting)
