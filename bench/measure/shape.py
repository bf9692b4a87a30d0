"""The shape of functions, files and folders."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, quantiles

from bench.measure.figure import Figure
from bench.measure.rooms import ROOT, Room, files_below, line_count, rooms, tree

LARGE_FILE = 250
CONTRACT, CONTRACT_LINES = "bellhop", 1_500
ODD_VERBS = re.compile(r"(Give|Say|Tell|Have)s?\b")
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def packages() -> Iterator[Figure]:
    """Count the lines of each package, and what the contract must not exceed."""
    for room in rooms():
        lines = sum(line_count(module) for module in room.modules())
        aim = CONTRACT_LINES if room.name == CONTRACT else None
        yield Figure(f"lines of {room.name}", lines, aim, f"{len(room.modules())} modules")


def files() -> Iterator[Figure]:
    """Measure files and folders."""
    modules = _modules()
    longest = max(modules, key=line_count)
    folder, fullest = Counter(module.parent for module in modules).most_common(1)[0]
    yield Figure("modules in the fullest folder", fullest, None, _relative(folder))
    yield Figure("lines of the largest file", line_count(longest), None, _relative(longest))
    large = [module for module in modules if line_count(module) > LARGE_FILE]
    yield Figure(f"files of more than {LARGE_FILE} lines", len(large), 0, ", ".join(path.name for path in large))
    yield Figure("imports a file", round(mean(_imports(module) for module in modules), 1))


def functions() -> Iterator[Figure]:
    """Measure how long functions are, in lines."""
    lengths = [length for module in _modules() for length in _lengths(module)]
    cuts = quantiles(lengths, n=100)
    yield Figure("functions", len(lengths))
    for name, place in (("median", 49), ("p90", 89), ("p99", 98)):
        yield Figure(f"lines of a function, {name}", round(cuts[place]))


def docstrings() -> Iterator[Figure]:
    """Count docstrings that begin with a verb that the house style does without."""
    places = [place for module in files_below(ROOT, "*.py") for place in _odd_docstrings(module)]
    detail = ", ".join(f"{number} in {where}" for where, number in Counter(places).most_common(4))
    yield Figure("docstrings that begin with Give, Say, Tell or Have", len(places), 0, detail)


def _modules() -> list[Path]:
    return [module for room in rooms() for module in room.modules()]


def _imports(module: Path) -> int:
    return sum(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree(module)))


def _lengths(module: Path) -> Iterator[int]:
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def _odd_docstrings(module: Path) -> Iterator[str]:
    for node in ast.walk(tree(module)):
        if isinstance(node, DOCUMENTED) and ODD_VERBS.match(ast.get_docstring(node) or ""):
            yield _owner(module)


def _owner(module: Path) -> str:
    room: Room | None = next((room for room in rooms() if module.is_relative_to(room.source)), None)
    return room.name if room else module.relative_to(ROOT).parts[0]


def _relative(path: Path) -> str:
    return str(path.relative_to(ROOT))
