"""The plug-ins of this installation, as the settings name them."""

from bellhop.plugin import Plugin, PluginError, find_plugins
from bellhop_ledger.platform.settings import Settings, SettingsError, modules_of


def plugins_of(settings: Settings, *, run_tasks: bool = False) -> list[Plugin]:
    """Return the plug-ins of this installation. Raises SettingsError, which names the setting at fault."""
    try:
        named, workloads = modules_of(settings.bellhop_plugins), modules_of(settings.workloads)
        return find_plugins(named, workloads, run_tasks=run_tasks)
    except PluginError as error:
        raise SettingsError(str(error)) from error
