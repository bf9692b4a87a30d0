"""The project in a folder: what it brings to Bellhop, and where its sources are."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bellhop_local.errors import LocalError, UsageError

GROUP = "bellhop.plugins"


@dataclass(frozen=True)
class Project:
    """A folder with a pyproject.toml that names plug-ins of Bellhop."""

    source: Path
    """What stands on Python's path."""
    plugins: tuple[str, ...]

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the variables by which the services find it, without an install."""
        named = [name.strip() for name in inherited.get("BELLHOP_PLUGINS", "").split(",") if name.strip()]
        names = dict.fromkeys([*named, *self.plugins])
        path = os.pathsep.join(filter(None, (str(self.source), inherited.get("PYTHONPATH"))))
        return {"PYTHONPATH": path, "BELLHOP_PLUGINS": ",".join(names)}


def find_project(folder: Path) -> Project | None:
    """Return the project in a folder; None where its pyproject.toml names no plug-in, or is not there.

    Raises LocalError where the folder is not there, or the file cannot be read.
    """
    if not folder.is_dir():
        raise UsageError(f"argument FOLDER: there is no folder {folder}")
    file = folder / "pyproject.toml"
    try:
        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise LocalError(f"{file} cannot be read: {error}") from None
    plugins = project.get("entry-points", {}).get(GROUP, {})
    source = folder / "src"
    return Project((source if source.is_dir() else folder).absolute(), tuple(plugins.values())) if plugins else None
