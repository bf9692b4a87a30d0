"""What can be set of prices; .env.example says how."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, SecretStr, field_validator

from bellhop.text import Shape
from bellhop_ledger.api import PluginSettings, check_web_address

SteamUrl = Annotated[
    str,
    Shape("https?://.*[^/]", "an http or https URL without a slash at its end"),
    AfterValidator(check_web_address),
]
MOVED = (
    "FEED_URL",
    "FEED_MAX_BYTES",
    "STEAM_API_KEY",
    "STEAM_API_KEY_FILE",
    "STEAM_COUNTRY",
    "STEAM_CALLS",
    "STEAM_WINDOW_SECONDS",
    "STEAM_API_URL",
    "STEAM_STORE_URL",
)
"""Settings that had no prefix."""


class PricesSource(StrEnum):
    """Where games and their prices come from."""

    FEED = "feed"
    STEAM = "steam"
    NONE = "none"
    """From nowhere: nothing is read."""


class PricesSettings(PluginSettings, env_prefix="PRICES_"):
    """Where games and prices come from, and how often the source may be asked."""

    renamed: ClassVar[dict[str, str]] = {name: f"PRICES_{name}" for name in MOVED}

    source: PricesSource = PricesSource.FEED
    feed_url: str = ""
    """A path or an address."""
    feed_max_bytes: int = Field(default=32 * 1024 * 1024, ge=1024, le=1024**3)
    steam_api_key: SecretStr = SecretStr("")
    steam_country: Annotated[str, Shape("[a-z]{2}", "the two letters of a country, such as us")] = "us"
    steam_api_url: SteamUrl = "https://api.steampowered.com"
    steam_store_url: SteamUrl = "https://store.steampowered.com"
    steam_calls: int = Field(default=200, ge=1, le=100_000)
    steam_window_seconds: float = Field(default=300, gt=0, le=86_400)
    """All workers together make at most so many calls in any window of so many seconds."""

    @field_validator("feed_url")
    @classmethod
    def is_a_path_or_an_address(cls, place: str) -> str:
        """Refuse an address that is neither a file's nor one of the web."""
        is_file = "://" not in place or place.startswith("file://")
        return place if is_file else check_web_address(place)
