"""http.request: what is sent, what comes of the answer, and where secrets do not go."""

import gzip
import hmac
import re
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from bellhop.errors import Later, Permanent
from bellhop_worker.http_requests.secrets import key_of, standard_headers
from bellhop_worker.http_requests.task import Unanswered, Unexpected
from tests.site import Asked, Says, Site, echo, redirect
from tests.stack import ROOT
from tests.unit.http_requests import JOB, SIGNATURES, request, run, stored

TOKEN = "Bearer open-sesame-4711"
SIGNING = "a secret between two of us"
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PAGE = (ROOT / "docs/http-requests.md").read_text()
pytestmark = pytest.mark.usefixtures("reachable")


def test_a_get_gives_status_headers_and_body(site: Site) -> None:
    site.answers["/page"] = Says(200, "grüß".encode(), (("Content-Type", "text/plain"), ("X-Other", "1")))

    answer = request(site.url("/page"))

    assert (answer.status, answer.body, answer.truncated) == (200, "grüß", False)
    assert (answer.url, answer.headers["content-type"]) == (site.url("/page"), "text/plain")
    assert "x-other" not in answer.headers
    assert 0 < answer.seconds < 30


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_method_is_sent_as_it_is(site: Site, method: str) -> None:
    request(site.url("/"), method=method)

    assert [asked.method for asked in site.asked] == [method]


def test_an_object_is_sent_as_json_and_a_text_as_it_is(site: Site) -> None:
    request(site.url(), method="POST", body={"a": [1, None]})
    request(site.url(), method="PUT", body="a=1", headers={"Content-Type": "text/x"})

    json, text = site.asked
    assert (json.body, json.headers["content-type"]) == (b'{"a": [1, null]}', "application/json")
    assert (text.body, text.headers["content-type"], text.headers["content-length"]) == (b"a=1", "text/x", "3")


def test_every_try_carries_the_same_idempotency_key(site: Site) -> None:
    request(site.url(), attempt=1)
    request(site.url(), attempt=2)

    assert [asked.headers["idempotency-key"] for asked in site.asked] == [str(JOB)] * 2


def test_a_header_arrives_although_it_is_stored_encrypted(site: Site) -> None:
    args = stored(site.url(), headers={"Authorization": TOKEN, "Accept": "text/csv"})

    run(args)

    assert TOKEN not in args
    assert "text/csv" in args
    assert (site.asked[0].headers["authorization"], site.asked[0].headers["accept"]) == (TOKEN, "text/csv")


@pytest.mark.parametrize("secret", [WHSEC, SIGNING])
def test_a_library_of_standard_webhooks_can_verify_it(site: Site, secret: str) -> None:
    key = b64decode(secret[6:]) if secret is WHSEC else secret.encode()

    request(site.url(), method="POST", body={"a": "grüß"}, signing_secret=secret)

    [asked] = site.asked
    id, sent = asked.headers["webhook-id"], asked.headers["webhook-timestamp"]
    signed = f"{id}.{sent}.".encode() + asked.body
    assert asked.headers["webhook-signature"] == f"v1,{b64encode(hmac.digest(key, signed, 'sha256')).decode()}"
    assert id == str(JOB)
    assert abs(int(sent) - datetime.now(UTC).timestamp()) < 60


def test_the_signature_is_that_of_the_specification_of_standard_webhooks() -> None:
    body = b'{"event_type":"ping","data":{"success":true}}'

    made = standard_headers("whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", 1731705121, body)

    assert made["webhook-signature"] == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="


def test_the_signatures_in_the_documentation_are_right() -> None:
    [secret] = re.findall("`(whsec_[^`]+=)`", PAGE)
    id, timestamp = re.findall("webhook-(?:id|timestamp): (.+)", PAGE)
    body = b'{"order": 4711}'

    headers = standard_headers(secret, id, int(timestamp), body)

    assert [line for name, value in headers.items() if (line := f"    {name}: {value}\n") not in PAGE] == []


def test_the_code_in_the_documentation_verifies_a_request_and_no_other(site: Site) -> None:
    [code] = re.findall("```python\n(.*?)```", PAGE, re.DOTALL)
    made: dict[str, Any] = {}
    exec(code, made)

    request(site.url(), method="POST", body={"a": 1}, signing_secret=WHSEC)

    [asked] = site.asked
    assert made["is_from_bellhop"](asked.headers, asked.body, WHSEC)
    assert not made["is_from_bellhop"](asked.headers, asked.body + b" ", WHSEC)


@pytest.mark.parametrize("secret", ["whsec_not in Base64!", "whsec_MfKQ9r8GKYqrTwj", "whsec_grüße aus Wien"])
def test_a_secret_that_is_no_key_in_base64_is_the_key_itself(secret: str) -> None:
    assert key_of(secret) == secret.encode()


def test_the_signature_is_of_the_headers_that_arrive(site: Site) -> None:
    own = {"Webhook-Id": "msg_1", "webhook-timestamp": "1", "WEBHOOK-SIGNATURE": "v1,"}

    request(site.url(), headers=own, signing_secret=SIGNING)

    headers = site.asked[0].headers
    signed = standard_headers(SIGNING, headers["webhook-id"], int(headers["webhook-timestamp"]), site.asked[0].body)
    assert headers.items() >= signed.items()
    assert headers["webhook-id"] == str(JOB)


def test_signatures_from_elsewhere_are_passed_on(site: Site) -> None:
    request(site.url(), headers={"Webhook-Id": "msg_1", "webhook-signature": "v1,b3VycyBub3Q="})

    assert site.asked[0].headers["webhook-id"] == "msg_1"
    assert site.asked[0].headers["webhook-signature"] == "v1,b3VycyBub3Q="


def test_without_a_secret_nothing_is_signed(site: Site) -> None:
    request(site.url())

    assert not SIGNATURES & site.asked[0].headers.keys()


def test_ten_kilobytes_of_a_longer_body_are_kept(site: Site) -> None:
    site.answers["/long"] = Says(200, b"x" * 1_000_000)

    answer = request(site.url("/long"))

    assert (len(answer.body), answer.truncated) == (10_000, True)


def test_a_compressed_body_is_unpacked(site: Site) -> None:
    site.answers["/zip"] = Says(200, gzip.compress(b"hello"), (("Content-Encoding", "gzip"),))

    assert request(site.url("/zip")).body == "hello"


@pytest.mark.parametrize(
    ("expect", "status"), [("200-299", 204), ("200, 404", 404), ("2xx,4xx", 410), ("302", 302), ("500-599", 503)]
)
def test_an_expected_status_is_a_success(site: Site, expect: str, status: int) -> None:
    site.answers["/"] = Says(status, b"", (("Location", "/elsewhere"),))

    assert request(site.url(), expect=expect).status == status
    assert len(site.asked) == 1


def test_an_unexpected_status_is_not_tried_again(site: Site) -> None:
    site.answers["/"] = Says(404, b"no such thing")

    with pytest.raises(Unexpected, match="The answer was 404 Not Found, expected was 200-299: no such thing"):
        request(site.url())


@pytest.mark.parametrize(("status", "retry_on"), [(503, "408, 429, 500-599"), (429, "429"), (404, "4xx")])
def test_a_status_of_the_policy_is_tried_again_until_the_last_try(site: Site, status: int, retry_on: str) -> None:
    site.answers["/"] = Says(status)

    with pytest.raises(Unanswered, match=f"The answer was {status}"):
        request(site.url(), attempt=2, retries=2, retry_on=retry_on)
    with pytest.raises(Unexpected, match=f"The answer was {status}"):
        request(site.url(), attempt=3, retries=2, retry_on=retry_on)


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [("7", 7, 7), ("999999999999", 3600, 3600), (timedelta(hours=9), 3600, 3600), (timedelta(minutes=50), 2700, 3000)],
)
def test_retry_after_is_respected_within_an_hour(site: Site, said: str | timedelta, low: float, high: float) -> None:
    header = said if isinstance(said, str) else format_datetime(datetime.now(UTC) + said)
    site.answers["/"] = Says(503, b"", (("Retry-After", header),))

    with pytest.raises(Later) as later:
        request(site.url())

    assert low <= later.value.seconds <= high


@pytest.mark.parametrize("said", ["0", "soon", "-1", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_retry_after_that_says_nothing_leaves_the_policy_as_it_is(site: Site, said: str) -> None:
    site.answers["/"] = Says(503, b"", (("Retry-After", said),))

    with pytest.raises(Unanswered):
        request(site.url())


def test_a_connection_that_fails_is_tried_again_until_the_last_try(site: Site) -> None:
    site.close()

    with pytest.raises(Unanswered, match=r"127\.0\.0\.1 refused the connection"):
        request(site.url(), retries=1)
    with pytest.raises(Unexpected, match=r"127\.0\.0\.1 refused the connection"):
        request(site.url(), attempt=2, retries=1)


def test_a_private_address_is_refused(site: Site, env: pytest.MonkeyPatch) -> None:
    env.setenv("FETCH_ALLOW", "")

    with pytest.raises(Permanent, match="resolves to an address that is not public"):
        request(site.url())


def test_a_redirect_on_the_same_host_keeps_the_secrets(site: Site) -> None:
    site.answers["/"] = redirect("/there")

    answer = request(site.url(), headers={"X-Key": TOKEN})

    assert answer.url == site.url("/there")
    assert [asked.headers["x-key"] for asked in site.asked] == [TOKEN] * 2


def test_a_redirect_to_another_host_takes_no_secret_along(site: Site, other: Site) -> None:
    site.answers["/"] = redirect(other.url("/there"))

    request(site.url(), headers={"X-Key": TOKEN, "Accept": "text/csv"}, signing_secret=SIGNING)

    [there] = other.asked
    assert (there.path, there.headers["accept"]) == ("/there", "text/csv")
    assert there.headers.keys().isdisjoint({"x-key", *SIGNATURES})
    assert TOKEN not in str(there)


def test_a_circle_of_redirects_has_an_end(site: Site) -> None:
    site.answers["/"] = redirect("/")

    with pytest.raises(Permanent, match="redirects more than 5 times"):
        request(site.url())


def test_secrets_that_come_back_are_hidden(site: Site) -> None:
    site.answers["/"] = echo

    answer = request(site.url(), headers={"Authorization": TOKEN, "X-Key": 'quo"ted\\'}, signing_secret=SIGNING)

    assert '"authorization": "***"' in answer.body
    assert '"x-key": "***"' in answer.body
    assert "sesame" not in answer.body


def test_a_signing_key_that_comes_back_is_hidden_also_without_what_stands_before_it(site: Site) -> None:
    site.answers["/"] = Says(200, f"{WHSEC} {WHSEC[6:]}".encode())

    assert request(site.url(), signing_secret=WHSEC).body == "*** ***"


def test_a_secret_that_comes_back_cut_in_two_is_hidden(site: Site) -> None:
    site.answers["/"] = Says(200, b"x" * 9_990 + TOKEN.encode() * 10)

    answer = request(site.url(), headers={"Authorization": TOKEN})

    assert answer.body == "x" * 9_990 + "***" * 3 + "*"
    assert answer.truncated


def test_secrets_are_hidden_in_errors_and_headers_too(site: Site) -> None:
    def answer(asked: Asked) -> Says:
        return Says(400, f"what is {asked.headers['x-key']}?".encode(), (("ETag", asked.headers["x-key"]),))

    site.answers["/"] = answer

    with pytest.raises(Unexpected, match=r"what is \*\*\*\?"):
        request(site.url(), headers={"X-Key": "open-sesame"})
    assert request(site.url(), headers={"X-Key": "open-sesame"}, expect="400").headers["etag"] == "***"
