"""Coded bodies: every coding we ask for, whole, broken off and broken."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_worker.http.codings import Incomplete, Undecodable, UnknownCoding, decode


def bare(content: bytes) -> bytes:
    made = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return made.compress(content) + made.flush()


CODED = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}
pieces_of = st.lists(st.integers(0, 300), max_size=5)


def decoded(content: bytes, *codings: str, cuts: list[int] | None = None) -> bytes:
    ends = [*sorted(cuts or []), len(content)]
    pieces = [content[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
    return b"".join(decode(iter(pieces), list(codings), lambda pieces: pieces))


@given(st.binary(max_size=300), st.lists(st.sampled_from(sorted(CODED)), max_size=5), pieces_of)
def test_what_was_coded_comes_back(content: bytes, codings: list[str], cuts: list[int]) -> None:
    coded = content
    for coding in codings:
        coded = CODED[coding](coded)

    assert decoded(coded, *codings, cuts=cuts) == content


@given(st.binary(min_size=1, max_size=300), st.sampled_from(sorted(CODED)), st.data())
def test_a_stream_that_breaks_off_is_incomplete(content: bytes, coding: str, data: st.DataObject) -> None:
    coded = CODED[coding](content)
    end = data.draw(st.integers(1, len(coded) - 1))

    with pytest.raises(Incomplete, match=f"the {coding} body broke off"):
        decoded(coded[:end], coding)


@given(st.binary(max_size=300), pieces_of)
def test_a_bare_deflate_stream_is_read(content: bytes, cuts: list[int]) -> None:
    assert decoded(bare(content), "deflate", cuts=cuts) == content


@pytest.mark.parametrize("coding", sorted(CODED))
def test_no_body_is_no_broken_body(coding: str) -> None:
    assert decoded(b"", coding, coding) == b""


@given(st.lists(st.binary(max_size=100), min_size=1, max_size=4), pieces_of)
def test_members_of_gzip_are_put_together(members: list[bytes], cuts: list[int]) -> None:
    assert decoded(b"".join(map(gzip.compress, members)), "gzip", cuts=cuts) == b"".join(members)


@pytest.mark.parametrize("rest", [b"\0" * 512, b"\n", b"\x1f", b"rubbish"])
def test_what_follows_a_gzip_stream_is_passed_over(rest: bytes) -> None:
    assert decoded(gzip.compress(b"hello") + rest, "gzip") == b"hello"


@pytest.mark.parametrize("coding", sorted(CODED))
@pytest.mark.parametrize("content", [b"this is not gzip at all", b"\xff" * 20, b"<!DOCTYPE html>"])
def test_what_is_not_coded_is_undecodable(coding: str, content: bytes) -> None:
    with pytest.raises(Undecodable, match=f"the body is not {coding}, as it is said to be"):
        decoded(content, coding)


def test_a_wrong_checksum_is_undecodable() -> None:
    coded = gzip.compress(b"hello")

    with pytest.raises(Undecodable):
        decoded(coded[:-8] + b"\0" * 8, "gzip")


@pytest.mark.parametrize("codings", [["br"], ["zstd"], ["compress"], ["utf-8"], ["gzip", "br"], ["gzip"] * 6])
def test_what_was_not_asked_for_is_unknown(codings: list[str]) -> None:
    with pytest.raises(UnknownCoding, match="cannot be decoded here"):
        decoded(b"hello", *codings)
