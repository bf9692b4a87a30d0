"""What a job is limited by besides its task: found in its arguments as its task declares it."""

from typing import Any

import pytest

from bellhop.builtins.http_requests import request
from bellhop.builtins.mail import send as send_mail
from bellhop.limit_key import NotALimitKey, check, limit_key_of
from bellhop.manifest import manifest_of
from bellhop_ledger.tasks.task import Task

LONG = "a" * 70


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://Example.ORG/path?x=1", "host:example.org"),
        ("http://example.org:8080", "host:example.org"),
        ("http://example.org./", "host:example.org"),
        (" https://example.org ", "host:example.org"),
        ("http://münchen.de/", "host:xn--mnchen-3ya.de"),
        ("http://127.0.0.1:9/", "host:127.0.0.1"),
        ("http://[::1]:8/", "host:::1"),
        (f"http://{LONG}.de/", f"host:{LONG}.de"),
        ("http://[", None),
        ("no url", None),
        ("", None),
        (7, None),
        (None, None),
    ],
)
def test_the_host_of_a_url_is_the_key(url: Any, key: str | None) -> None:
    assert limit_key_of("host(args.url)", {"url": url}) == key


def test_a_task_that_declares_nothing_has_no_key() -> None:
    assert send_mail.limit_key_of({"mail_id": "https://example.org"}) is None
    assert Task.of(manifest_of(send_mail), "release").limit_key_of({}) is None


def test_an_argument_that_is_not_given_has_no_key() -> None:
    assert limit_key_of("host(args.url)", {}) is None


def test_what_is_published_of_a_task_finds_the_same_key_as_its_signature() -> None:
    args = {"url": "https://example.org/"}
    task = Task.of(manifest_of(request), "release")

    assert task.limit_key_of(args) == request.limit_key_of(args) == "host:example.org"


@pytest.mark.parametrize(
    "declared", ["", "url", "args.url", "host(url)", "host(args.other)", "host(args.secret)", "host(args.url) "]
)
def test_a_key_that_cannot_be_found_is_refused(declared: str) -> None:
    with pytest.raises(NotALimitKey):
        check(declared, {"url", "secret"}, {"secret"})
