"""Loading: the signatures that this process knows are those of our modules and of EXTRA_SIGNATURES."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from bellhop.signature import Signature, registry
from bellhop_ledger.platform.settings import import_named

OURS = [
    "bellhop_timer.tasks",
    "bellhop_products.tasks",
    "bellhop_fetches.tasks",
    "bellhop_ledger.mail",
    "bellhop_ledger.files",
    "bellhop_ledger.accounts.users",
    "bellhop_polls.tasks",
    "bellhop_ledger.http_requests",
    "bellhop_prices.tasks",
]


def load(modules: list[str]) -> Mapping[str, Signature[..., Any]]:
    """Return every signature that is known once our modules and these have been imported.

    Raises SettingsError when one of `modules` cannot be imported.
    """
    for module in OURS:
        import_module(module)
    import_named("EXTRA_SIGNATURES", modules)
    return registry
