"""Plug-ins: what is added to Bellhop without its repository, and how it is found.

A plug-in is a value, `plugin = Plugin("polls", tasks="bellhop_polls.tasks", ...)`. It is found by an entry point of the
group `bellhop.plugins`, or because BELLHOP_PLUGINS names the package in which it stands. A module of tasks alone needs
no such value: BELLHOP_PLUGINS=acme.tasks is enough. The workloads that show what Bellhop can do are plug-ins like any
other; they stand in a group of their own, so that WORKLOADS can choose among them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from bellhop.errors import BellhopError

GROUP, VARIABLE, VALUE = "bellhop.plugins", "BELLHOP_PLUGINS", "plugin"
"""The group of entry points, the setting, and the name of the value in a module."""
WORKLOADS_GROUP, WORKLOADS = "bellhop.workloads", "WORKLOADS"
ALL, NONE = "all", "none"
PLATFORM = "bellhop"
"""The name under which the tasks stand that Bellhop itself brings along."""


class PluginError(BellhopError):
    """A plug-in cannot be found or imported, or two have one name; the message names where it was asked for."""


@dataclass(frozen=True)
class Plugin:
    """What one plug-in consists of: dotted names, imported by the process that needs the part and by no other."""

    name: str
    tasks: str | None = None
    """The module of its signatures, which needs `bellhop` alone."""
    bodies: str | None = None
    """The module that binds bodies to them; for the worker only. Tasks made with `@task` are their own bodies."""
    web: str | None = None
    """The package of its routes and pages; for web only."""
    migrations: str | None = None
    """Its Alembic migrations: a package and a folder, `bellhop_polls:migrations`."""
    settings: str | None = None
    """The class of its settings: `bellhop_polls.settings:PollsSettings`."""
    personal: str | None = None
    """What it keeps of people, a `bellhop_ledger.api.PersonalData`: `bellhop_polls.personal:personal`; for web only."""

    def __post_init__(self) -> None:
        if not re.fullmatch("[a-z][a-z0-9_.]*", self.name):
            raise ValueError(f"{self.name!r} is not the name of a plug-in: small letters, digits, _ and . only")

    @property
    def modules(self) -> list[str]:
        """The modules that a worker imports, signatures first."""
        return [module for module in (self.tasks, self.bodies) if module]

    def load_tasks(self) -> None:
        """Import its signatures and bodies. Raises PluginError."""
        for module in self.modules:
            load(module, f"the plug-in {self.name}")


def load(name: str, asked_by: str) -> Any:
    """Return the module `a.b`, or the value `a.b:c`. Raises PluginError, which names who asked for it."""
    module, _, attribute = name.partition(":")
    try:
        found: Any = import_module(module)
        return getattr(found, attribute) if attribute else found
    except Exception as error:
        raise PluginError(f"{asked_by}: {name} cannot be imported: {type(error).__name__}: {error}") from error


def find_plugins(named: Sequence[str] = (), workloads: Sequence[str] = (ALL,), *, run_tasks: bool) -> list[Plugin]:
    """Return the plug-ins that are installed, then those that BELLHOP_PLUGINS names.

    `workloads` are the names of those that start: all, none, or some of them. With `run_tasks` false (web, migrations)
    no task code is imported: a named module that is no package holds tasks only, and a named package need not be
    installed here. Raises PluginError.
    """
    points = [*_chosen(workloads), *entry_points(group=GROUP)]
    found = [_plugin_in(load(one.value, f"the entry point {one.name} of {one.group}"), one.name) for one in points]
    found += _of_modules(named) if run_tasks else _of_packages(named)
    by_name: dict[str, Plugin] = {}
    for plugin in found:
        if by_name.setdefault(plugin.name, plugin) != plugin:
            raise PluginError(f"{VARIABLE}: two plug-ins have the name {plugin.name}")
    return list(by_name.values())


def _chosen(names: Sequence[str]) -> list[EntryPoint]:
    installed = {one.name: one for one in sorted(entry_points(group=WORKLOADS_GROUP), key=lambda one: one.name)}
    if list(names) in ([ALL], []):
        return list(installed.values())
    wanted = [name for name in names if name != NONE]
    if unknown := [name for name in wanted if name not in installed]:
        there = ", ".join(sorted(installed)) or "there are none"
        raise PluginError(f"{WORKLOADS}: {unknown[0]} is not installed; choose from {ALL}, {NONE}, {there}")
    return [installed[name] for name in wanted]


def _of_modules(named: Sequence[str]) -> Iterator[Plugin]:
    for name in named:
        yield _plugin_in(load(name, VARIABLE), name)


def _of_packages(named: Sequence[str]) -> Iterator[Plugin]:
    for name in named:
        if ":" in name or _is_package(name):
            yield _plugin_in(load(name, VARIABLE), name)


def _is_package(name: str) -> bool:
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:  # a package around it is not installed here
        return False
    return spec is not None and spec.submodule_search_locations is not None


def _plugin_in(found: Any, name: str) -> Plugin:
    value = getattr(found, VALUE, None) if isinstance(found, ModuleType) else found
    if isinstance(value, Plugin):
        return value
    if isinstance(found, ModuleType) and value is None:
        return Plugin(_plain(found.__name__), tasks=found.__name__)
    raise PluginError(f"{VARIABLE}: {name} is neither a Plugin nor a module")


def _plain(module: str) -> str:
    return module.lower().lstrip("_")
