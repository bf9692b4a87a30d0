"""Settings of prices: an address that cannot be used is refused by its variable's name."""

import pytest

from bellhop_ledger.platform.settings import SettingsError
from bellhop_prices.settings import PricesSettings


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PRICES_FEED_URL", "ftp://example.org/feed.json", "must be an http or https URL"),
        ("PRICES_FEED_URL", "https://s3cr3t:x@host:port/feed.json", "the port must be a number"),
        ("PRICES_STEAM_API_URL", "https://a,b", "must name one server"),
        ("PRICES_STEAM_STORE_URL", "https://example.org/", "must be an http or https URL without a slash at its end"),
        ("PRICES_STEAM_COUNTRY", "DE", "must be the two letters of a country"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)
    PricesSettings.load.cache_clear()

    with pytest.raises(SettingsError) as refused:
        PricesSettings.load()

    assert str(refused.value).startswith(f"{name}: {reason}")
    assert "s3cr3t" not in str(refused.value)


@pytest.mark.parametrize(
    "place", ["/srv/feed.json", "feed.json", "file:///srv/feed.json", "https://example.org/f?key=5"]
)
def test_a_feed_may_be_a_file_or_an_address(place: str) -> None:
    assert PricesSettings(feed_url=place).feed_url == place
