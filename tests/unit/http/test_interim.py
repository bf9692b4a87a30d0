"""Interim answers (RFC 9110, 15.2) are passed over, whichever they are and however they arrive."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bellhop_worker.http import FetchRefused, Limits
from tests.unit.http.world import Answer, Serve, get, raw, refused

FINAL = b"HTTP/1.1 %d Whatever\r\nContent-Length: 5\r\n\r\nhello"
EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n"


def interim(status: int) -> bytes:
    return EARLY_HINTS if status == 103 else b"HTTP/1.1 %d\r\n\r\n" % status


@pytest.mark.parametrize("status", [code for code in range(100, 200) if code != 101])
def test_an_interim_answer_is_not_the_answer(serve: Serve, status: int) -> None:
    assert get(serve(raw(interim(status), FINAL % 200)).url(), keep_body=True).body == b"hello"


@pytest.mark.parametrize("final", [200, 202, 226, 404, 418, 503, 599])
@pytest.mark.parametrize("order", list(itertools.permutations([100, 102, 103])))
def test_interim_answers_come_in_any_order(serve: Serve, order: tuple[int, ...], final: int) -> None:
    site = serve(raw(*(interim(status) for status in order), FINAL % final))

    assert get(site.url()).status == final


def test_interim_answers_come_in_any_number(serve: Serve) -> None:
    assert get(serve(raw(EARLY_HINTS * 2000, interim(100) * 2000, FINAL % 200)).url()).status == 200


@pytest.mark.parametrize("status", [100, 103])
def test_interim_answers_without_end_end_with_the_limits(serve: Serve, status: int) -> None:
    site = serve(raw(then_for_ever=interim(status) * 10_000))

    with refused("larger than 1000 bytes"):
        get(site.url(), limits=Limits(body_bytes=1000))


def cut(answer: bytes, places: list[int]) -> Answer:
    """Sends an answer in pieces."""
    ends = [*sorted({place % len(answer) for place in places}), len(answer)]
    pieces = [answer[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
    return lambda handler: [handler.wfile.write(piece) for piece in pieces]


def test_an_interim_answer_may_be_cut_at_every_byte(serve: Serve) -> None:
    answer = EARLY_HINTS + interim(100) + FINAL % 201

    site = serve(cut(answer, list(range(len(answer)))))

    assert (found := get(site.url(), keep_body=True)).body == b"hello"
    assert found.status == 201


@settings(max_examples=30)
@given(
    statuses=st.lists(st.integers(100, 199).filter(lambda status: status != 101), max_size=20),
    final=st.integers(200, 599).filter(lambda status: status not in {204, 301, 302, 303, 304, 307, 308}),
    places=st.lists(st.integers(0, 10_000), max_size=10),
)
def test_whatever_comes_before_it_the_final_answer_counts(
    serve: Serve, statuses: list[int], final: int, places: list[int]
) -> None:
    site = serve(cut(b"".join(interim(status) for status in statuses) + FINAL % final, places))

    found = get(site.url(), keep_body=True)

    assert (found.status, found.body) == (final, b"hello")


@pytest.mark.parametrize("before", [b"", EARLY_HINTS])
def test_a_change_of_protocols_is_refused(serve: Serve, before: bytes) -> None:
    site = serve(raw(before, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", FINAL % 200))

    with pytest.raises(FetchRefused, match="the answer was 101 Switching Protocols, for which nobody asked"):
        get(site.url())


@pytest.mark.parametrize("end", range(1, len(EARLY_HINTS), 9))
def test_an_answer_that_ends_with_an_interim_one_is_none(serve: Serve, end: int) -> None:
    site = serve(raw(EARLY_HINTS[:end]))

    with pytest.raises(Exception, match=r"gave no valid answer|answered with status 103"):
        get(site.url())
