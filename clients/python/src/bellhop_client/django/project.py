"""The project: the client for its settings BELLHOP_URL and BELLHOP_TOKEN, one in each process."""

from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver

from bellhop_client.client import Client
from bellhop_client.configured import SETTINGS, client_of


@cache
def client() -> Client:
    """Return the client of this project, which its threads share. Raises ImproperlyConfigured."""
    try:
        return client_of({name: getattr(settings, name, None) for name in SETTINGS.values()})
    except ValueError as error:
        raise ImproperlyConfigured(str(error)) from None


@receiver(setting_changed)
def _forget_client(*, setting: str, **_: Any) -> None:
    if setting in SETTINGS.values() and client.cache_info().currsize:
        client().close()
        client.cache_clear()
