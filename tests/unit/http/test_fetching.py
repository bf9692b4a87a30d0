"""A page is fetched from the address that was checked, and from nowhere else."""

import gzip

import pytest

from bellhop_worker.http import AllowList, FetchRefused, Limits
from bellhop_worker.http.target import Target
from tests.unit.http.world import Serve, get, names, page, raw, redirect, refused


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

    found = get(site.url(), keep_body=True)

    assert (found.body, found.bytes) == (b"hello" * 100, 500)


def test_a_chunked_body_is_put_together(serve: Serve) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    site = serve(raw(head, b"3\r\nabc\r\n", b"2\r\nde\r\n", b"0\r\n\r\n"))

    assert get(site.url(), keep_body=True).body == b"abcde"


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
