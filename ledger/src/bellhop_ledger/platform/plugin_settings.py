"""Settings of plug-ins: the same reading and the same refusals as ours, under a prefix of the plug-in's own."""

import os
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import model_validator

from bellhop_ledger.platform.settings import EnvironmentSettings, SettingsError


class PluginSettings(EnvironmentSettings):
    """The base of a plug-in's settings: `class ShopSettings(PluginSettings, env_prefix="SHOP_")`.

    A field `feed_url` is the variable SHOP_FEED_URL; a SecretStr may stand in the file that NAME_FILE names.
    `load()` reads them once. Raises SettingsError, which names the variable that is missing or wrong.
    """

    renamed: ClassVar[Mapping[str, str]] = {}
    """Variables of earlier releases and their names of today: one that is still set is refused."""

    @model_validator(mode="before")
    @classmethod
    def refuse_old_names(cls, given: Any) -> Any:
        """Refuse a variable that has another name now, which would be ignored in silence."""
        for old, new in cls.renamed.items():
            if os.environ.get(old):
                raise SettingsError(f"{old}: is called {new} now")
        return given
