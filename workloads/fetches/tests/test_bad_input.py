"""/api/fetches: whatever is sent, nothing is stored that cannot be fetched, and the answer names what is wrong."""

from typing import Any

import pytest

from tests.integration.test_api_bad_input import IDS, stored
from tests.problems import fields_of
from tests.stack import Stack


@pytest.mark.parametrize("id", IDS, ids=repr)
def test_a_fetch_s_id_that_is_none_is_refused(stack: Stack, id: str) -> None:
    assert fields_of(stack.http.get(f"/api/fetches/{id}")) == ["fetch_id"]


@pytest.mark.parametrize(
    "urls",
    [[], ["http://x"] * 101, "http://x", [1], ["ftp://x"], ["http://"], ["http://a b"], ["http://\n"], ["\0"], None],
    ids=lambda urls: str(urls)[:20],
)
def test_bad_urls_are_refused(stack: Stack, urls: Any) -> None:
    before = stored(stack)

    answer = stack.http.post("/api/fetches", json={"urls": urls})

    assert fields_of(answer)[0].startswith("urls")
    assert stored(stack) == before
