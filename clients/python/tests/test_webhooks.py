"""The signature of what http.request sends."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from bellhop_client import InvalidSignature, verify
from bellhop_worker.http_requests.secrets import standard_headers
from tests.site import Site
from tests.stack import ROOT, Stack

SECRET, BODY = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", b'{"order": 4711}'
ID = "0197e3a4-5c1e-7b52-9d7f-3f0a51f7c3aa"


def signed(secret: str = SECRET, body: bytes = BODY, *, age: float = 0, **other: str) -> dict[str, str]:
    headers = standard_headers(secret, ID, int(time.time() - age), body)
    return {**headers, **{f"webhook-{name}": value for name, value in other.items()}}


@pytest.mark.parametrize("secret", [SECRET, "a secret of mine", "schlüssel", "whsec_", "whsec_no base64"])
@pytest.mark.parametrize("write", [str.lower, str.title, str.upper])
def test_what_the_worker_signs_is_recognised(secret: str, write: Callable[[str], str]) -> None:
    verify(secret, {"Host": "example.org", **{write(name): value for name, value in signed(secret).items()}}, BODY)


def test_one_signature_of_several_is_enough() -> None:
    fitting = signed()["webhook-signature"]

    verify(SECRET, signed(signature=f"v1,bm90IG91cnM= {fitting} v2,other"), BODY)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, BODY),
        (signed(timestamp=""), BODY),
        (signed(timestamp="soon"), BODY),
        (signed(timestamp="-1"), BODY),
        (signed(timestamp="1" * 400), BODY),
        (signed(signature=""), BODY),
        (signed(signature="v1,"), BODY),
        (signed(signature="v1,schlüssel"), BODY),
        (signed(signature=signed()["webhook-signature"].removeprefix("v1,")), BODY),
        (signed(id="0197e3a4-5c1e-7b52-9d7f-3f0a51f7c3ab"), BODY),
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
    assert names["is_from_bellhop"](signed(), BODY, SECRET)
    assert not names["is_from_bellhop"](signed(), b"{}", SECRET)


def test_a_webhook_of_a_real_job_is_verified(make_stack: Callable[..., Stack], site: Site) -> None:
    own = make_stack("web", "worker", "scheduler", FETCH_ALLOW="127.0.0.0/8")
    args = {"url": site.url("/hook"), "method": "POST", "body": {"order": 4711}, "signing_secret": SECRET}

    own.ended(own.submit("http.request", args=args)["id"])

    [asked] = site.asked
    verify(SECRET, asked.headers, asked.body)
