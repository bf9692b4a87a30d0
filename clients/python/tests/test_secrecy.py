"""The token is in no repr, message, log or traceback."""

import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from bellhop_client import BellhopError, Client, Invalid, JobFailed, Problem, Retries, WaitTimeout
from bellhop_client.errors import refusal
from bellhop_client.link import Token
from tests.site import Raw, Says, Site

SECRET = "open-sesame-4711"
QUICK = Retries(attempts=2, first=0.01)


@pytest.mark.parametrize("says", [Says(401), Says(500), Says(200, b"no json"), Raw(b"", reset=True)])
def test_no_error_and_no_log_of_it_has_the_token(
    connect: Callable[..., Any], site: Site, caplog: pytest.LogCaptureFixture, says: Says | Raw
) -> None:
    site.answers["/api/jobs"] = says
    client = connect(site.url(), SECRET, retries=QUICK)
    caplog.set_level(logging.DEBUG)

    with pytest.raises(BellhopError) as raised:
        client.submit("test.noop")

    assert site.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    seen = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    assert SECRET not in "".join(seen.format()) + repr(raised.value) + str(raised.value) + caplog.text


def test_no_repr_has_it() -> None:
    with Client("http://127.0.0.1:1/", SECRET) as client:
        assert SECRET not in repr(client) + repr(client._link) + repr(client.schedules) + repr(vars(client))


def test_the_end_of_a_line_is_no_part_of_a_token(connect: Callable[..., Any], site: Site) -> None:
    site.answers["/api/jobs"] = Says(401)

    with pytest.raises(BellhopError):
        connect(site.url(), f"{SECRET}\n").submit("test.noop")

    assert site.asked[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("odd", ["", " ", "two words", "l\nine", "schlüssel", b"bytes", None])
def test_what_is_no_token_is_refused_without_being_repeated(odd: Any) -> None:
    with pytest.raises(ValueError, match="token: must be a text of visible ASCII characters"):
        Token(odd)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8000",
        "ftp://example.org",
        "http://",
        "http://me:sesame@example.org",
        "http://example.org/?token=sesame",
    ],
)
def test_what_is_no_url_of_a_server_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="url: must ") as refused:
        Client(url, SECRET)

    assert "sesame" not in str(refused.value)


def test_errors_survive_a_pickle() -> None:
    error = refusal(Problem(422, "Unprocessable Content", "args.a: is required", {"args.a": "is required"}))

    copy = pickle.loads(pickle.dumps(error))

    assert (type(copy), str(copy), copy.errors) == (Invalid, str(error), error.errors)
    assert not issubclass(WaitTimeout, JobFailed)
