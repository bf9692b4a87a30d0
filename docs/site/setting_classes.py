"""What the classes know of each setting: its type, its limits, its default, and who reads it."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from pydantic_settings import BaseSettings

from bellhop_ledger.migrations.command import MigrateSettings
from bellhop_ledger.platform.settings import variable_of
from bellhop_scheduler.settings import SchedulerSettings
from bellhop_web.settings import WebSettings
from bellhop_worker.settings import WorkerSettings
from docs.site.manual import kind

ROOT = Path(__file__).parents[2]
FLOWER = ROOT / "services/flower/flowerconfig.py"


@dataclass
class Setting:
    """One setting, as its class describes it."""

    schema: Mapping[str, Any]
    definitions: Mapping[str, Any]
    required: bool
    readers: list[str] = field(default_factory=list)

    def describe(self) -> str:
        """Return its type, limits and default in words, as Markdown with a little HTML."""
        options = [_resolved(one, self.definitions) for one in self.schema.get("anyOf", [self.schema])]
        words = " or ".join(str(_kind(one)) for one in options if one.get("type") != "null")
        default = self.schema.get("default")
        if default in (None, ""):
            return f"{words}, required" if self.required else words
        return f"{words}; default `{default}`"


def of_classes() -> dict[str, Setting]:
    """Return every setting that a class has, by its variable."""
    found: dict[str, Setting] = {}
    for reader, settings in _classes().items():
        schema = settings.model_json_schema()
        for name, one in schema["properties"].items():
            required = name in schema.get("required", ())
            known = Setting(one, schema.get("$defs", {}), required)
            found.setdefault(variable_of(settings, name), known).readers.append(reader)
    return found


def _classes() -> dict[str, type[BaseSettings]]:
    services: dict[str, type[BaseSettings]] = {
        "migrate": MigrateSettings,
        "web": WebSettings,
        "worker": WorkerSettings,
        "scheduler": SchedulerSettings,
        "flower": _of_flower(),
    }
    return services | _of_workloads()


def _of_flower() -> type[BaseSettings]:
    """Return the class alone, for the module configures Flower when it is imported."""
    tree = ast.parse(FLOWER.read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom | ast.ClassDef)]
    names: dict[str, Any] = {"__name__": "flowerconfig"}
    exec(compile(tree, FLOWER, "exec"), names)  # noqa: S102  a file of ours
    return cast("type[BaseSettings]", names["FlowerSettings"])


def _of_workloads() -> dict[str, type[BaseSettings]]:
    found = {path.parts[-4]: path.parts[-2] for path in ROOT.glob("workloads/*/src/*/settings.py")}
    return {
        workload: getattr(import_module(f"{package}.settings"), f"{workload.title()}Settings")
        for workload, package in found.items()
    }


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref", "").rsplit("/", 1)[-1]
    named = {key: value for key, value in schema.items() if key not in {"default", "$ref"}}
    return {**definitions[reference], **named} if reference else named


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    return "secret" if schema.get("format") == "password" else str(kind(schema))
