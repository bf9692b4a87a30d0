"""http.request and redirects: what did not arrive as it was sent does not count as done."""

import pytest

from bellhop.errors import Permanent
from bellhop_worker.http_requests.task import Unanswered, Unexpected
from tests.site import Says, Site, redirect
from tests.unit.http_requests import SIGNATURES, request

pytestmark = pytest.mark.usefixtures("reachable")

SIGNING = "a secret between two of us"
REDIRECTS = [301, 302, 303, 307, 308]
CHANGING = ["POST", "PUT", "PATCH", "DELETE"]


def becomes_a_get(status: int, method: str) -> bool:
    return status == 303 or (status in {301, 302} and method == "POST")


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("method", CHANGING)
@pytest.mark.parametrize("body", [None, "", "a=1", {"a": 1}])
def test_a_change_is_redirected_only_where_it_arrives_as_it_was_sent(
    site: Site, status: int, method: str, body: object
) -> None:
    site.answers["/"] = redirect("/there", status)

    if becomes_a_get(status, method):
        wanted = f"The answer was {status} .* with the Location /there .not followed: the {method} would become a GET"
        with pytest.raises(Unexpected, match=wanted):
            request(site.url(), method=method, body=body)
        assert len(site.asked) == 1
    else:
        request(site.url(), method=method, body=body, signing_secret=SIGNING)
        here, there = site.asked
        assert (there.method, there.path, there.body) == (method, "/there", here.body)
        assert there.headers.keys() >= SIGNATURES


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("method", CHANGING)
@pytest.mark.parametrize("body", [None, "a=1"])
def test_a_change_is_never_redirected_to_another_origin(
    site: Site, other: Site, status: int, method: str, body: str | None
) -> None:
    site.answers["/"] = redirect(other.url("/there"), status)

    with pytest.raises(Unexpected, match=rf"{status} .* with the Location {other.url('/there')} .not followed: the"):
        request(site.url(), method=method, body=body)
    assert other.asked == []


@pytest.mark.parametrize("location", ["https://127.0.0.1:{port}/", "http://localhost:{port}/", "http://127.0.0.1/"])
@pytest.mark.parametrize("status", [307, 308])
def test_another_scheme_host_or_port_is_another_origin(site: Site, status: int, location: str) -> None:
    location = location.format(port=site.server_port)
    site.answers["/"] = redirect(location, status)

    with pytest.raises(Permanent, match="the POST would go to another scheme, host or port"):
        request(site.url(), method="POST", body="a=1")


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_what_only_asks_is_redirected_anywhere(site: Site, other: Site, status: int, method: str) -> None:
    if (status, method) == (303, "OPTIONS"):
        pytest.skip("would become a GET")
    site.answers["/"] = redirect(other.url("/there"), status)

    answer = request(site.url(), method=method)

    assert (answer.status, answer.url) == (200, other.url("/there"))
    assert [asked.method for asked in other.asked] == [method]


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_body_is_dropped_from_no_get(site: Site, other: Site, status: int) -> None:
    site.answers |= {"/": redirect("/there", status), "/away": redirect(other.url(), status)}

    if status == 303:
        with pytest.raises(Permanent, match="the body of the GET would be dropped"):
            request(site.url(), body="a=1")
    else:
        request(site.url(), body="a=1")
        assert [asked.body for asked in site.asked] == [b"a=1"] * 2
    with pytest.raises(Permanent, match=r"the (GET|body of the GET) would"):
        request(site.url("/away"), body="a=1")
    assert other.asked == []


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 306, 307, 308, 310, 399])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_without_a_location_leads_nowhere(site: Site, status: int, method: str) -> None:
    for headers in ((), (("Location", ""),), (("Location", "  "),)):
        site.answers["/"] = Says(status, b"", headers)

        with pytest.raises(Unexpected, match=rf"The answer was {status}.* without a Location, expected was 200-299"):
            request(site.url(), method=method, body="a" if method == "POST" else None)


@pytest.mark.parametrize("status", [300, 304, 305, 306, 310, 399])
def test_a_location_of_what_is_no_redirect_is_told_and_not_followed(site: Site, status: int) -> None:
    site.answers["/"] = redirect("/there", status)

    with pytest.raises(Unexpected, match=rf"The answer was {status}.* with the Location /there, expected was"):
        request(site.url())
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://[::1", "cannot be read"),
        ("ftp://example.com/", "only http and https"),
        ("mailto:a@example.com", "only http and https"),
        ("http://user:sesame@example.com/", "must not carry a user name or a password"),
        ("http://.example.com/", "has no host"),
    ],
)
@pytest.mark.parametrize("follow", [None, True])
def test_a_location_that_cannot_be_followed_ends_it(
    site: Site, location: str, reason: str, follow: bool | None
) -> None:
    site.answers["/"] = redirect(location)

    with pytest.raises(
        Unexpected, match=rf"The answer was 302 Found with the Location .* .not followed: .*{reason}"
    ) as e:
        request(site.url(), follow_redirects=follow)
    assert "sesame" not in str(e.value)


def test_an_error_after_a_redirect_tells_the_way(site: Site, env: pytest.MonkeyPatch) -> None:
    env.setenv("FETCH_ALLOW", f"127.0.0.1:{site.server_port}")
    site.answers["/"] = redirect("http://127.0.0.2/")

    with pytest.raises(Permanent, match=r"^after a redirect \(302\) to http://127.0.0.2/: .* not public"):
        request(site.url())


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_that_is_expected_or_to_be_tried_again_is_not_followed(site: Site, status: int, method: str) -> None:
    site.answers["/"] = redirect("/there", status)

    assert request(site.url(), method=method, expect="200-399").status == status
    with pytest.raises(Unanswered, match=f"The answer was {status} .* with the Location /there"):
        request(site.url(), method=method, retry_on="3xx")
    assert len(site.asked) == 2


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("method", ["GET", *CHANGING])
def test_who_asks_to_follow_gets_what_browsers_do(site: Site, other: Site, status: int, method: str) -> None:
    site.answers["/"] = redirect(other.url("/there"), status)
    secrets = {"headers": {"X-Key": "open sesame", "Content-Type": "text/x"}, "signing_secret": SIGNING}

    request(site.url(), method=method, body="a=1", follow_redirects=True, **secrets)

    [there] = other.asked
    kept = not becomes_a_get(status, method)
    assert (there.method, there.body) == ((method, b"a=1") if kept else ("GET", b""))
    assert ("content-type" in there.headers) is kept
    assert there.headers.keys().isdisjoint({"x-key", *SIGNATURES})


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_asks_not_to_follow_is_told_where_to(site: Site, method: str) -> None:
    site.answers["/"] = redirect("/there", 307)

    with pytest.raises(Unexpected, match=r"the Location /there .not followed: follow_redirects is false"):
        request(site.url(), method=method, follow_redirects=False)
    assert len(site.asked) == 1
