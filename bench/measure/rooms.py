"""The rooms: each Python package of the repository, found by its pyproject.toml."""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
NOT_OURS = frozenset({".git", ".venv", "node_modules", "__pycache__", "build", "dist"})


@dataclass(frozen=True)
class Room:
    """One package."""

    name: str
    """As it is imported."""
    source: Path
    """The folder with its modules."""

    def modules(self) -> list[Path]:
        """Return its Python files."""
        return [path for path in files_below(self.source) if path.suffix == ".py"]

    def dotted(self, module: Path) -> str:
        """Return the name by which a module is imported."""
        parts = module.relative_to(self.source.parent).with_suffix("").parts
        return ".".join(parts).removesuffix(".__init__")


@cache
def rooms() -> list[Room]:
    """Return all packages, by name."""
    found = [Room(source.name, source) for path in files_below(ROOT, "pyproject.toml") for source in _sources(path)]
    return sorted(found, key=lambda room: room.name)


def files_below(folder: Path, pattern: str = "*") -> Iterator[Path]:
    """Yield files in order, without those that are not ours."""
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") and path.is_dir()
        if path.name in NOT_OURS or hidden:
            continue
        if path.is_dir():
            yield from files_below(path, pattern)
        elif path.match(pattern):
            yield path


def _sources(pyproject: Path) -> list[Path]:
    wheel = tomllib.loads(pyproject.read_text())
    for key in ("tool", "hatch", "build", "targets", "wheel"):
        wheel = wheel.get(key, {})
    return [pyproject.parent / package for package in wheel.get("packages", [])]


@cache
def tree(module: Path) -> ast.Module:
    """Return what a module says."""
    return ast.parse(module.read_text())


@cache
def line_count(module: Path) -> int:
    """Return its lines."""
    return len(module.read_text().splitlines())
