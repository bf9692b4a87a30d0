"""The signature of what http.request sends."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from bellhop_client import InvalidSignature, verify
from bellhop_worker.http_requests.secrets import signature
from tests.site import Site
from tests.stack import ROOT, Stack

SECRET, BODY = "a secret of mine", b'{"order": 4711}'


def signed(secret: str = SECRET, body: bytes = BODY, *, age: float = 0) -> dict[str, str]:
    return {"X-Bellhop-Signature": signature(secret, int(time.time() - age), body)}


@pytest.mark.parametrize("name", ["X-Bellhop-Signature", "x-bellhop-signature", "X-BELLHOP-SIGNATURE"])
def test_what_the_worker_signs_is_recognised(name: str) -> None:
    verify(SECRET, {"Host": "example.org", name: signed()["X-Bellhop-Signature"]}, BODY)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, BODY),
        ({"X-Bellhop-Signature": ""}, BODY),
        ({"X-Bellhop-Signature": "v1=00"}, BODY),
        ({"X-Bellhop-Signature": "t=,v1=00"}, BODY),
        ({"X-Bellhop-Signature": "t=soon,v1=00"}, BODY),
        ({"X-Bellhop-Signature": "t=1,t=2,v1=00"}, BODY),
        ({"X-Bellhop-Signature": f"t={int(time.time())}"}, BODY),
        ({"X-Bellhop-Signature": f"t={int(time.time())},v1=schlüssel"}, BODY),
        (signed("another secret"), BODY),
        (signed(), b'{"order": 4712}'),
    ],
)
def test_what_is_not_signed_so_is_refused(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(InvalidSignature):
        verify(SECRET, headers, body)


@pytest.mark.parametrize("age", [310, -310])
def test_a_signature_of_another_time_is_refused(age: float) -> None:
    with pytest.raises(InvalidSignature, match="is not of the last 300 seconds"):
        verify(SECRET, signed(age=age), BODY)


def test_how_old_a_signature_may_be_can_be_said() -> None:
    verify(SECRET, signed(age=3000), BODY, tolerance=3600)


def test_a_body_that_was_read_already_is_no_body() -> None:
    text: Any = BODY.decode()

    with pytest.raises(TypeError, match="body: must be the bytes that arrived"):
        verify(SECRET, signed(), text)


def test_the_page_about_http_request_signs_as_this_verifies() -> None:
    page = (ROOT / "docs/http-requests.md").read_text()
    example = page.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(example, names)

    verify(SECRET, signed(), BODY)
    assert names["is_from_bellhop"](signed()["X-Bellhop-Signature"], BODY, SECRET)


def test_a_webhook_of_a_real_job_is_verified(make_stack: Callable[..., Stack], site: Site) -> None:
    own = make_stack("web", "worker", "scheduler", FETCH_ALLOW="127.0.0.0/8")
    args = {"url": site.url("/hook"), "method": "POST", "body": {"order": 4711}, "signing_secret": SECRET}

    own.ended(own.submit("http.request", args=args)["id"])

    [asked] = site.asked
    verify(SECRET, asked.headers, asked.body)
