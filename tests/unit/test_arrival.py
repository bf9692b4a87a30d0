"""An arrival: a thread gets a request when it is whole, or when the thread must read the rest itself."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bellhop_web.http import limits
from bellhop_web.server.arrival import MOST_HEAD, MOST_LINE, Arrival
from bellhop_web.server.head import MOST_BODY, Unfit, read_head

CONFIG = Config()
CONFIG.set("limit_request_line", MOST_LINE)
PEER = ("192.0.2.1", 50_000)
LARGEST = 64_000_000
"""Bytes of the largest body that any path may have, here."""
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(autouse=True)
def largest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "by_path", {"/files": LARGEST})


def arrival(data: bytes = b"") -> Arrival:
    made = Arrival(partial(read_head, CONFIG, peer=PEER))
    if data:
        made.add(data)
    return made


def refused(data: bytes) -> int | None:
    """The status with which it is refused at once."""
    try:
        arrival(data)
    except Unfit as unfit:
        return unfit.status
    return None


WHOLE = {
    "no body": HEAD + b"\r\n",
    "a body": HEAD + b"Content-Length: 3\r\n\r\nabc",
    "a length written small and with blanks": HEAD + b"content-length:\t3 \r\n\r\nabc",
    "a length with zeros": HEAD + b"Content-Length: 0000000000000000000000003\r\n\r\nabc",
    "a length with an underscore, which nobody reads": HEAD + b"Content_Length: 5\r\n\r\n",
    "an empty line before": b"\r\n\r\n" + HEAD + b"\r\n",
    "no headers": b"GET / HTTP/1.0\r\n\r\n",
    "the largest that is gathered": HEAD + b"Content-Length: %d\r\n\r\n" % MOST_BODY + b"x" * MOST_BODY,
}


@pytest.mark.parametrize("request_bytes", WHOLE.values(), ids=WHOLE)
def test_it_is_whole_at_its_last_byte_however_it_comes(request_bytes: bytes) -> None:
    at_once, slowly = arrival(request_bytes), arrival(request_bytes[:-50])
    for byte in request_bytes[-50:-1]:
        slowly.add(bytes([byte]))
    nearly = slowly.whole
    slowly.add(request_bytes[-1:])

    assert not nearly
    assert (at_once.whole, slowly.whole) == (True, True)
    assert (at_once.streamed, slowly.streamed) == (False, False)
    assert at_once.data == slowly.data == request_bytes.lstrip(b"\r\n")


STREAMED = {
    "a length": HEAD + b"Content-Length: %d\r\n\r\n" % (MOST_BODY + 1),
    "the largest": HEAD + b"Content-Length: %d\r\n\r\n" % LARGEST,
    "chunks": CHUNKED,
    "one that waits to be asked for": HEAD + b"Expect: 100-continue\r\nContent-Length: 41\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", STREAMED.values(), ids=STREAMED)
def test_a_body_that_is_large_or_of_unknown_length_is_read_by_a_thread(request_bytes: bytes) -> None:
    made = arrival(request_bytes)

    assert (made.whole, made.streamed) == (True, True)


ODD_LENGTHS = {
    "+5": 400,
    "-5": 400,
    "-0": 400,
    "5, 5": 400,
    "5,6": 400,
    "5 5": 400,
    "5;": 400,
    "5.0": 400,
    "1e3": 400,
    "0x5": 400,
    "5_000": 400,
    "": 400,
    "five": 400,
    "\xb2": 400,
    "\xb5": 400,
    '"5"': 400,
    "9" * 25: 413,
    "0" * 25 + "9" * 10: 413,
    "9" * 5000: 400,  # more digits than Python reads
    str(LARGEST + 1): 413,
    "0" * 100 + str(LARGEST + 1): 413,
}


@pytest.mark.parametrize(("length", "status"), ODD_LENGTHS.items())
def test_a_length_that_is_none_or_too_large_is_refused_at_once(length: str, status: int) -> None:
    assert refused(HEAD + f"Content-Length: {length}\r\n\r\n".encode("latin-1")) == status


ODD_HEADS = {
    "two lengths": (HEAD + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400),
    "two lengths that differ": (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400),
    "a length and chunks": (HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    "chunks and a length": (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400),
    "chunks inside of a coding": (HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n", 400),
    "chunks twice": (HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n", 400),
    "chunks twice over": (HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    "a coding without chunks": (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 400),
    "identity": (HEAD + b"Transfer-Encoding: identity\r\n\r\n", 400),
    "no coding": (HEAD + b"Transfer-Encoding:\r\n\r\n", 501),
    "an unknown coding": (HEAD + b"Transfer-Encoding: xchunked\r\n\r\n", 501),
    "a quoted coding": (HEAD + b'Transfer-Encoding: "chunked"\r\n\r\n', 501),
    "a vertical tab before chunked": (HEAD + b"Transfer-Encoding: \x0bchunked\r\n\r\n", 400),
    "a blank before the colon": (HEAD + b"Transfer-Encoding : chunked\r\n\r\n", 400),
    "a blank before the colon of a length": (HEAD + b"Content-Length : 5\r\n\r\n", 400),
    "a blank before the name": (HEAD + b" Content-Length: 5\r\n\r\n", 400),
    "a tab before the name": (HEAD + b"X: y\r\n\tContent-Length: 5\r\n\r\n", 400),
    "a folded length": (HEAD + b"Content-Length:\r\n 5\r\n\r\n", 400),
    "a folded coding": (HEAD + b"Transfer-Encoding:\r\n chunked\r\n\r\n", 400),
    "no colon": (HEAD + b"Content-Length 5\r\n\r\n", 400),
    "no name": (HEAD + b": 5\r\n\r\n", 400),
    "a nul": (HEAD + b"Content-Length: 5\0\r\n\r\n", 400),
    "a bare carriage return": (HEAD + b"X: y\rContent-Length: 5\r\n\r\n", 400),
    "a bare line feed": (HEAD + b"X: y\nContent-Length: 5\r\n\r\n", 400),
    "bare line feeds alone": (b"GET / HTTP/1.1\nHost: x\n\n", 400),
    "chunks in HTTP/1.0": (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    "another expectation": (HEAD + b"Expect: 200-ok\r\n\r\n", 417),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (HEAD + b"Host: x\r\n\r\n", 400),
    "a host with a path": (b"GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
    "a host with a user": (b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400),
    "two hosts in one": (b"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
    "a host with a port that is none": (b"GET / HTTP/1.1\r\nHost: x:http\r\n\r\n", 400),
    "no version": (b"GET /\r\nHost: x\r\n\r\n", 400),
    "another version": (b"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 400),
    "no request at all": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "a small method": (b"get / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
}


@pytest.mark.parametrize(("request_bytes", "status"), ODD_HEADS.values(), ids=ODD_HEADS)
def test_what_has_no_clear_end_is_refused_at_once(request_bytes: bytes, status: int) -> None:
    assert refused(request_bytes) == status


@pytest.mark.parametrize("host", ["x", "x:", "x:8000", "127.0.0.1:80", "[::1]:8000", "", "a_b.example"])
def test_a_host_may_be_a_name_or_an_address_with_a_port(host: str) -> None:
    assert arrival(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()).whole


def test_a_client_of_http_1_0_needs_no_host() -> None:
    assert arrival(b"GET / HTTP/1.0\r\n\r\n").whole


def head_of(size: int) -> bytes:
    """A head of so many bytes, in headers that are each allowed."""
    fields, head = [], HEAD + b"X-0: "
    while size - len(head) - len(b"\r\n\r\n") > 8_000:
        fields.append(b"x" * 8_000)
        head += b"x" * 8_000 + b"\r\nX-%d: " % len(fields)
    return head + b"x" * (size - len(head) - 4) + b"\r\n\r\n"


EDGES = {
    "a line": (b"GET /" + b"x" * (MOST_LINE - 14) + b" HTTP/1.1\r\nHost: x\r\n\r\n", None),
    "a longer line": (b"GET /" + b"x" * (MOST_LINE - 13) + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "a line without an end": (b"GET /" + b"x" * MOST_LINE, 414),
    "a head": (head_of(MOST_HEAD), None),
    "a larger head": (head_of(MOST_HEAD + 1), 431),
    "a head without an end": (head_of(MOST_HEAD + 4)[:-3], 431),
    "headers": (HEAD + b"X: y\r\n" * 99 + b"\r\n", None),
    "more headers": (HEAD + b"X: y\r\n" * 100 + b"\r\n", 431),
    "a header": (HEAD + b"X: " + b"y" * 8_185 + b"\r\n\r\n", None),
    "a longer header": (HEAD + b"X: " + b"y" * 8_186 + b"\r\n\r\n", 431),
}


@pytest.mark.parametrize(("request_bytes", "status"), EDGES.values(), ids=EDGES)
def test_a_head_is_refused_from_one_byte_too_many_on(request_bytes: bytes, status: int | None) -> None:
    slowly = arrival()

    def add_all() -> int | None:
        try:
            for start in range(0, len(request_bytes), 999):
                slowly.add(request_bytes[start : start + 999])
        except Unfit as unfit:
            return unfit.status
        return None

    assert refused(request_bytes) == status
    assert add_all() == status


def test_a_body_that_looks_like_headers_is_a_body() -> None:
    made = arrival(HEAD + b"Content-Length: 40\r\n\r\nTransfer-Encoding: chunked\r\n\r\n")

    assert (made.whole, made.streamed) == (False, False)


def test_empty_lines_are_no_request_and_do_not_begin_one() -> None:
    made = arrival()
    for piece in (b"\r\n", b"\r", b"\n", b"\r\n\r\n\r\n", b"\r"):
        made.add(piece)

    assert (made.begun, made.whole) == (False, False)


class Asked(AssertionError):
    """More was asked for than the arrival had."""


def outcome_at_gunicorn(data: bytes) -> Any:
    """What gunicorn makes of a request, of which it gets these bytes and no more: a body, or a refusal."""

    def source() -> Iterator[bytes]:
        yield data
        raise Asked

    unreader = IterUnreader(source())
    try:
        return Request(CONFIG, unreader, PEER).body.read()
    except (ParseException, NoMoreData) as error:
        return error


NAMES = st.sampled_from(
    ["Content-Length", "Transfer-Encoding", "content-length", "Expect", "Host", "X", "Content-Length ", " X", ""]
)
VALUES = st.sampled_from(
    ["", "3", "03", "+3", "chunked", "gzip, chunked", "100-continue", "x", "3, 3", " 3\t", "\x0b3"]
)
LINES = st.sampled_from(["GET / HTTP/1.1", "POST /a?b HTTP/1.1", "POST / HTTP/1.0", "GET /", "", "PUT * HTTP/1.1"])
ENDS = st.sampled_from(["\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n "])
CHUNK = st.one_of(
    st.binary(max_size=20).map(lambda data: b"%x\r\n%b\r\n" % (len(data), data)),
    st.sampled_from(
        [b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"3;a=b\r\nabc\r\n", b"3 \r\nabc\r\n", b"3\r\nabcd\r\n", b"g\r\n"]
    ),
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Requests of all kinds, most of them not quite right."""
    fields = draw(st.lists(st.tuples(NAMES, VALUES, ENDS), max_size=4))
    head = draw(LINES) + draw(ENDS) + draw(st.sampled_from(["Host: x\r\n", ""]))
    head += "".join(f"{name}: {value}{end}" for name, value, end in fields)
    body = draw(st.one_of(st.binary(max_size=30), st.lists(CHUNK, max_size=4).map(b"".join)))
    return (head + draw(st.sampled_from(["\r\n", "\r\n", "\n"]))).encode("latin-1") + body


@given(requests(), st.lists(st.integers(1, 60), min_size=1, max_size=8))
@settings(max_examples=600)
@example(b"\r\n\r\n\r\n", [1])
def test_gunicorn_never_asks_for_more_of_a_request_that_was_whole(data: bytes, sizes: list[int]) -> None:
    made, at = arrival(), 0
    try:
        while at < len(data) and not made.whole:
            size = sizes[at % len(sizes)]
            made.add(data[at : at + size])
            at += size
    except Unfit:
        return

    if made.whole and not made.streamed:
        outcome_at_gunicorn(bytes(made.data))  # raises Asked where a thread would have to wait


@given(st.binary(max_size=300))
@settings(max_examples=300)
def test_whatever_comes_is_refused_or_waited_for_and_nothing_breaks(data: bytes) -> None:
    made = arrival()
    try:
        for byte in data + b"\r\n\r\n":
            if not made.whole:
                made.add(bytes([byte]))
    except Unfit:
        return
