"""gunicorn: which of its internals our worker stands on, so that a release of it may break ours."""

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from bench.measure.figure import Figure
from bench.measure.rooms import line_count, rooms, tree

WORKERS = "gunicorn.workers."
INTERNALS = ("gunicorn.workers.base", "gunicorn.workers.gthread")
"""The classes behind `worker_class`: gunicorn documents its settings and hooks, and of these nothing."""


def internals() -> Iterator[Figure]:
    """Name the members of gunicorn's workers that a worker of ours reads, sets or overrides."""
    theirs = set().union(*(members_in(path) for name in INTERNALS if (path := _file_of(name))))
    worker = [module for module in _modules_with("gunicorn") if module in _modules_with(WORKERS) or _is_worker(module)]
    used = sorted(theirs & set().union(*map(members_in, worker)) - {"__init__"})
    yield Figure("members of gunicorn's workers in use", len(used), None, ", ".join(used))
    modules = _modules_with("gunicorn")
    yield Figure(
        "lines of modules that import gunicorn", sum(map(line_count, modules)), None, f"{len(modules)} modules"
    )


def members_in(module: Path) -> set[str]:
    """Return what a module has or reads as members of `self`."""
    found = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            found.add(node.attr)
        elif isinstance(node, ast.ClassDef):
            found |= {member.name for member in node.body if isinstance(member, ast.FunctionDef)}
    return found


def _modules_with(package: str) -> list[Path]:
    return [module for room in rooms() for module in room.modules() if any(_imported(module, package))]


def _imported(module: Path, package: str) -> Iterator[bool]:
    for node in ast.walk(tree(module)):
        names = [f"{node.module}."] if isinstance(node, ast.ImportFrom) else []
        names += [f"{alias.name}." for alias in node.names] if isinstance(node, ast.Import) else []
        yield any(name.startswith(f"{package.rstrip('.')}.") for name in names)


def _is_worker(module: Path) -> bool:
    return any(isinstance(node, ast.ClassDef) and node.name.endswith("Worker") for node in tree(module).body)


def _file_of(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin else None
