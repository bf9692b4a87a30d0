"""Loading the code of all tasks, our own and those of plug-ins: for the worker, never for web or scheduler."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from bellhop.plugin import Plugin, PluginError
from bellhop.plugin import load as load_named
from bellhop.signature import Signature, registry
from bellhop_ledger.platform.settings import Settings, SettingsError
from bellhop_ledger.tasks.plugins import plugins_of

OURS = [
    "bellhop.builtins.accounts",
    "bellhop.builtins.files",
    "bellhop.builtins.http_requests",
    "bellhop.builtins.jobs",
    "bellhop.builtins.mail",
    "bellhop.builtins.notifications",
]


def load(settings: Settings) -> Mapping[str, Signature[..., Any]]:
    """Return every signature that is known once our modules and those of the plug-ins have been imported.

    Raises SettingsError when one of the latter cannot be imported.
    """
    for module in OURS:
        import_module(module)
    for plugin in plugins_of(settings, run_tasks=True):
        import_tasks(plugin)
    return registry


def import_tasks(plugin: Plugin) -> None:
    """Import the signatures and bodies of a plug-in, and read its settings. Raises SettingsError."""
    try:
        plugin.load_tasks()
        if plugin.settings:
            load_named(plugin.settings, f"the plug-in {plugin.name}").load()
    except PluginError as error:
        raise SettingsError(str(error)) from error
