"""Configured: a client made from the settings of a framework, which have the names of the environment variables."""

from collections.abc import Mapping
from typing import Any

from bellhop_client.client import Client

URL, TOKEN, SIGNING_SECRET = "BELLHOP_URL", "BELLHOP_TOKEN", "BELLHOP_SIGNING_SECRET"
SETTINGS = {"url": URL, "token": TOKEN}
"""By the names of the client's arguments."""


def setting(settings: Mapping[str, Any], name: str) -> str:
    """Return a setting that must be there. Raises ValueError, which names it."""
    value = settings.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name}: is not set")
    return value


def client_of(settings: Mapping[str, Any], **options: Any) -> Client:
    """Return a client for BELLHOP_URL and BELLHOP_TOKEN. Raises ValueError, which names the setting."""
    url, token = setting(settings, URL), setting(settings, TOKEN)
    try:
        return Client(url, token, **options)
    except ValueError as error:
        argument, separator, fault = str(error).partition(":")
        raise ValueError(f"{SETTINGS.get(argument, argument)}{separator}{fault}") from None
