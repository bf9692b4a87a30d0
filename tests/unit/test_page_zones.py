"""The zone of a page's times: it is asked for with each of them, so it must cost nothing."""

import flask
import pytest

from bellhop_ledger.platform import zones as platform_zones
from bellhop_web.http import cookies
from bellhop_web.site import zones


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer a request, and fail where names that are like a wrong one are looked for."""

    def fail(name: str) -> str:
        raise AssertionError(name)

    monkeypatch.setattr(platform_zones, "_near", fail)


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("cookie", "zone", "fixed"),
    [
        ("", "UTC", False),
        ("browser", "UTC", False),
        ("Europe/Vienna", "Europe/Vienna", True),
        ("Europe/Viena", "UTC", False),
        ("../etc/passwd", "UTC", False),
    ],
)
def test_a_choice_that_is_no_zone_counts_as_none_and_nothing_like_it_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, cookie: str, zone: str, fixed: bool
) -> None:
    monkeypatch.setattr(cookies, "read", {zones.COOKIE: cookie}.__getitem__)

    with flask.Flask(__name__).test_request_context():
        assert (zones.zone(), zones.is_fixed()) == (zone, fixed)


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(("name", "zone"), [("Asia/Tokyo", "Asia/Tokyo"), ("Asia/Tokio", "UTC"), ("", "UTC")])
def test_a_page_may_have_a_zone_of_its_own(monkeypatch: pytest.MonkeyPatch, name: str, zone: str) -> None:
    monkeypatch.setattr(cookies, "read", {zones.COOKIE: ""}.__getitem__)

    with flask.Flask(__name__).test_request_context():
        zones.use_zone(name)
        assert zones.zone() == zone
