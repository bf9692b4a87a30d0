"""http.request and bodies that break: the status line decides, and what broke is told."""

import gzip
import re
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bellhop.errors import Later
from bellhop_worker.http_requests.task import Unanswered, Unexpected
from tests.site import Raw, Says, Site
from tests.unit.http_requests import request

pytestmark = pytest.mark.usefixtures("reachable")

GZIP = gzip.compress(b"hello " * 1000, mtime=0)
UNKNOWN = "the body is coded as .*, which cannot be decoded here"


def coded(coding: str, body: bytes) -> bytes:
    return f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


BROKEN = {
    "not gzip": (coded("gzip", b"this is not gzip at all"), "this is not gzip at all", "is not gzip"),
    "not x-gzip": (coded("X-GZIP", b"this is not gzip"), "this is not gzip", "is not x-gzip"),
    "not deflate": (coded("deflate", b"this is not deflate"), "this is not deflate", "is not deflate"),
    "gzip is deflate": (coded("gzip", zlib.compress(b"x")), None, "is not gzip"),
    "not coded twice": (coded("gzip, gzip", gzip.compress(b"once")), None, "is not gzip"),
    "br": (coded("br", b"\x0b\x02\x80hello\x03"), "\x0b\x02\ufffdhello\x03", UNKNOWN),
    "zstd": (coded("zstd", b"(\xb5/\xfd"), "(\ufffd/\ufffd", UNKNOWN),
    "unknown": (coded("utf-8", b"hello"), "hello", UNKNOWN),
    "gzip of unknown": (coded("br, gzip", gzip.compress(b"x", mtime=0)), None, UNKNOWN),
    "gzip broken off": (coded("gzip", GZIP[:-4]), "hello " * 1000, "the gzip body broke off"),
    "gzip of nothing but a head": (coded("gzip", GZIP[:10]), "", "the gzip body broke off"),
    "deflate broken off": (coded("deflate", zlib.compress(b"hello")[:-1]), "hello", "the deflate body broke off"),
    "wrong checksum": (coded("gzip", GZIP[:-8] + bytes(8)), "hello " * 1000, "is not gzip"),
    "too short": (b"Content-Length: 10\r\n\r\nhello", "hello", "broke off, with 5 bytes missing"),
    "nothing at all": (b"Content-Length: 10\r\n\r\n", "", "broke off, with 10 bytes missing"),
    "two lengths": (b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "hello", "Content-Length cannot be read"),
    "no length": (b"Content-Length: five\r\n\r\nhello", "hello", "Content-Length cannot be read"),
    "a chunk too short": (b"Transfer-Encoding: chunked\r\n\r\nff\r\nhello", "hello", "the body broke off"),
    "no last chunk": (b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "hello", "the body broke off"),
    "no chunk": (b"Transfer-Encoding: chunked\r\n\r\nhello", "", "the body broke off"),
    "no number": (b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n", "hello", "the body broke off"),
    "less than nothing": (b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n-5\r\nx", "hellox", "the body broke off"),
    "no end of the headers": (b"Content-Le", "", "broke off within its headers"),
}


def answer(status: int, rest: bytes) -> Raw:
    return Raw(f"HTTP/1.1 {status} Whatever\r\n".encode() + rest)


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("status", [200, 299, 404, 503])
def test_the_status_decides_though_the_body_is_broken(site: Site, status: int, case: str) -> None:
    rest, body, reason = BROKEN[case]
    site.answers["/"] = answer(status, rest)

    if status < 300:
        kept = request(site.url(), method="POST", retries=2)
        assert (kept.status, kept.truncated) == (status, True)
        assert body is None or kept.body == body
        assert re.search(reason, kept.body_error or "")
    else:
        error = Unanswered if status >= 500 else Unexpected
        with pytest.raises(error, match=rf"The answer was {status} ?.*, expected was 200-299 \(.*{reason}"):
            request(site.url(), method="POST", retries=2)
    assert len(site.asked) == 1


@pytest.mark.parametrize("head", [b"Content-Length: 10\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\na\r\nhello"])
@pytest.mark.parametrize(("status", "done"), [(200, True), (503, False)])
def test_the_status_decides_though_the_body_never_ends(site: Site, head: bytes, status: int, done: bool) -> None:
    site.answers["/"] = Raw(answer(status, head).content, silent=True)

    if done:
        kept = request(site.url(), timeout=0.3)
        assert (kept.body, kept.body_error) == ("hello", "the body took longer than 0.3 seconds")
    else:
        with pytest.raises(Unanswered, match=r"The answer was 503 .* \(the body took longer than 0.3 seconds\): hello"):
            request(site.url(), timeout=0.3)


def test_the_status_decides_though_the_connection_is_reset(site: Site) -> None:
    site.answers["/"] = Raw(answer(200, b"Content-Length: 10\r\n\r\n").content, reset=True)

    kept = request(site.url(), method="POST", body="a")

    assert (kept.status, kept.body_error) == (200, "the body broke off")


def test_a_body_that_decodes_to_nothing_for_ever_is_given_up(site: Site) -> None:
    site.answers["/"] = answer(200, b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"") * 600_000)

    assert request(site.url()).body_error == "the answer is larger than 10485760 bytes"


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("head", [b"Transfer-Encoding: chunked", b"Content-Encoding: gzip", b"Content-Length: 9"])
def test_an_answer_that_has_no_body_is_whole(site: Site, method: str, status: int, head: bytes) -> None:
    site.answers["/"] = answer(status, head + b"\r\n\r\n")

    kept = request(site.url(), method=method, expect="204, 304")

    assert (kept.body, kept.truncated, kept.body_error) == ("", False, None)


def test_an_answer_to_head_has_no_body_whatever_its_headers_say(site: Site) -> None:
    site.answers["/"] = answer(200, b"Content-Encoding: br\r\nContent-Length: 10\r\n\r\n")

    assert request(site.url(), method="HEAD").body == ""


@pytest.mark.parametrize("head", [b"Content-Length: 5, 5", b"Content-Length: \t5\t ", b"Transfer-Encoding: identity"])
def test_a_body_whose_end_is_known_is_whole(site: Site, head: bytes) -> None:
    site.answers["/"] = answer(200, head + b"\r\n\r\nhello")

    kept = request(site.url())

    assert (kept.body, kept.body_error) == ("hello", None)


@pytest.mark.parametrize("coding", ["chunked", " Chunked \t", "gzip , chunked"])
def test_a_chunked_body_is_read_however_it_is_announced(site: Site, coding: str) -> None:
    body = gzip.compress(b"hello") if "gzip" in coding else b"hello"
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    site.answers["/"] = answer(200, f"Transfer-Encoding: {coding}\r\n\r\n".encode() + chunks)

    kept = request(site.url())

    assert (kept.body, kept.body_error) == ("hello", None)


@pytest.mark.parametrize("blanks", ["%s ", " %s", "\t%s\t", "   %s \t "])
def test_the_blanks_around_a_value_are_no_part_of_it(site: Site, blanks: str) -> None:
    def header(name: str, value: str) -> bytes:
        return f"{name}:{blanks % value}\r\n".encode()

    body = gzip.compress("grüß".encode("latin-1"))
    head = header("Content-Encoding", "gzip") + header("Content-Type", "text/x; charset=latin-1")
    site.answers["/"] = answer(200, head + header("Content-Length", str(len(body))) + b"\r\n" + body)
    site.answers["/moved"] = answer(301, header("Location", "/") + b"\r\n")
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    for path, said in (("/seconds", "7"), ("/date", date)):
        site.answers[path] = answer(503, header("Retry-After", said) + b"\r\n")

    kept = request(site.url("/moved"))

    assert (kept.body, kept.body_error) == ("grüß", None)
    assert (kept.headers["content-type"], kept.headers["content-encoding"]) == ("text/x; charset=latin-1", "gzip")
    with pytest.raises(Later) as seconds:
        request(site.url("/seconds"))
    with pytest.raises(Later) as until:
        request(site.url("/date"))
    assert seconds.value.seconds == 7
    assert 500 < until.value.seconds <= 600


@pytest.mark.parametrize(
    "said", ["Sunday, 06-Nov-50 08:49:37 GMT", "Sun Nov  6 08:49:37 2050", "Sun, 06 Nov 2050 08:49:37 GMT"]
)
def test_every_form_of_a_date_is_read(site: Site, said: str) -> None:
    site.answers["/"] = Says(503, b"", (("Retry-After", said),))

    with pytest.raises(Later) as later:
        request(site.url())

    assert later.value.seconds == 3600


@pytest.mark.parametrize(
    "said",
    [
        "",
        "1.5",
        "7 s",
        "-7",
        "+7",
        "１",
        "7, 8",
        "Sun, 99 Nov 2050 08:49:37 GMT",
        "Sun, 06 Nov 2050 08:49:37 +99999999999",
    ],
)
def test_what_is_neither_seconds_nor_a_date_leaves_the_policy_as_it_is(site: Site, said: str) -> None:
    site.answers["/"] = Raw(f"HTTP/1.1 503 No\r\nRetry-After: {said}\r\nContent-Length: 0\r\n\r\n".encode())

    with pytest.raises(Unanswered):
        request(site.url())


UMLAUTS = "Grüße"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html; charset=ISO-8859-1", UMLAUTS.encode("latin-1")),
        ('text/html; Charset="iso-8859-1"', UMLAUTS.encode("latin-1")),
        ("TEXT/HTML;CHARSET=Windows-1252", UMLAUTS.encode("cp1252")),
        ("text/plain; format=flowed; charset=latin1", UMLAUTS.encode("latin-1")),
        ("text/html; charset=utf-16", UMLAUTS.encode("utf-16")),
        ("text/html; charset=utf-16le", UMLAUTS.encode("utf-16-le")),
        ("text/html; charset=UTF-16BE", UMLAUTS.encode("utf-16-be")),
        ("text/html; charset=utf-32", UMLAUTS.encode("utf-32")),
        ("text/html; charset=ISO-8859-1", b"\xef\xbb\xbf" + UMLAUTS.encode()),
        ("text/html", b"\xff\xfe" + UMLAUTS.encode("utf-16-le")),
        ("text/html", UMLAUTS.encode()),
        ("", UMLAUTS.encode()),
        ("text/html; charset=", UMLAUTS.encode()),
        ("text/html; charset=none-of-all", UMLAUTS.encode()),
        ("text/html; charset=base64", UMLAUTS.encode()),
        ("text/html; charset=unicode_escape", UMLAUTS.encode()),
        ("text/html; charset=idna", UMLAUTS.encode()),
        ("nonsense;;;charset", UMLAUTS.encode()),
    ],
)
def test_a_body_is_read_by_the_charset_that_is_declared(site: Site, content_type: str, body: bytes) -> None:
    site.answers["/"] = Says(200, body, (("Content-Type", content_type),))

    assert request(site.url()).body == UMLAUTS


def test_a_charset_within_the_body_is_ignored(site: Site) -> None:
    body = '<meta charset="latin-1">Grüße'
    site.answers["/"] = Says(200, body.encode(), (("Content-Type", "text/html"),))

    assert request(site.url()).body == body


def test_what_is_not_of_the_declared_charset_is_replaced(site: Site) -> None:
    site.answers["/"] = Says(200, b"Gr\xfc\xdfe", (("Content-Type", "text/html; charset=utf-8"),))

    assert request(site.url()).body == "Gr\ufffd\ufffde"


def test_a_header_with_what_no_database_stores_is_kept_without_it(site: Site) -> None:
    site.answers["/"] = answer(200, b"ETag: a\0b\r\nServer: two\r\n lines\r\nContent-Length: 0\r\n\r\n")

    headers = request(site.url()).headers

    assert (headers["etag"], headers["server"]) == ("a\ufffdb", "two lines")


def test_a_refusal_before_the_body_has_been_taken_counts(site: Site) -> None:
    refusal = Raw(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
    site.unread["/"] = refusal

    with pytest.raises(Unexpected, match="The answer was 413"):
        request(site.url(), method="POST", body="x" * 900_000)


def test_a_success_before_the_body_has_been_taken_does_not_count(site: Site) -> None:
    site.unread["/"] = Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")

    with pytest.raises(Unanswered, match="could not be reached or gave no valid answer"):
        request(site.url(), method="POST", body="x" * 30_000_000)
