"""An arrival: a thread gets a request when it is whole, or when the thread must read the rest itself."""

import pytest

from bellhop_web.gunicorn_arrival import MOST_BODY, MOST_HEAD, Arrival

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "long"),
    [
        (HEAD + b"\r\n", False),
        (HEAD + b"Content-Length: 3\r\n\r\nabc", False),
        (HEAD + b"content-length:3 \r\n\r\nabc", False),
        (b"\r\n" + HEAD + b"\r\n", False),
        (HEAD + b"Content-Length: %d\r\n\r\n" % (MOST_BODY + 1), True),
        (HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n", False),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", True),
        (HEAD + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n", True),
    ],
)
def test_it_is_whole_at_its_last_byte_however_it_comes(request_bytes: bytes, long: bool) -> None:
    at_once, slowly = Arrival(request_bytes), Arrival()
    for byte in request_bytes[:-1]:
        slowly.add(bytes([byte]))
    nearly = slowly.whole
    slowly.add(request_bytes[-1:])

    assert not nearly
    assert (at_once.whole, slowly.whole) == (True, True)
    assert (at_once.long, slowly.long) == (long, long)
    assert at_once.data == slowly.data == request_bytes.lstrip(b"\r\n")


def test_a_body_that_looks_like_headers_is_a_body() -> None:
    made = Arrival(HEAD + b"Content-Length: 40\r\n\r\nTransfer-Encoding: chunked\r\n\r\n")

    assert (made.whole, made.long) == (False, False)


def test_empty_lines_are_no_request() -> None:
    assert not Arrival(b"\r\n\r\n\r\n\r\n").whole


def test_a_head_without_an_end_is_too_large_some_day() -> None:
    made = Arrival(b"GET / HTTP/1.1\r\nX: " + b"x" * MOST_HEAD)

    assert (made.whole, made.too_large) == (False, True)
