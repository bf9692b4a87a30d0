"""Modules that an import loads, each counted in an interpreter of its own."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.measure.figure import Figure
from bench.measure.rooms import rooms, tree

MOST, MOST_BESIDES_PYDANTIC = 120, 20
MODEL = "pydantic; type('Model', (pydantic.BaseModel,), {})"
"""What loads all of pydantic: its own 165 modules, of which 60 come with the first model, are no matter of ours."""
DECLARE = frozenset({"signature", "task"})
"""What makes a signature of a stub."""
HEAVY = (
    "sqlalchemy",
    "psycopg2",
    "celery",
    "kombu",
    "redis",
    "flask",
    "opentelemetry",
    "prometheus_client",
    "structlog",
)
"""Packages that no signature needs."""
COUNT = """
import json, sys
import {}
before = set(sys.modules)
import {}
loaded = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(json.dumps([len(sys.modules) - len(before), sorted(loaded - sys.stdlib_module_names)]))
"""


def imports() -> Iterator[Figure]:
    """Import the contract, and each module with a signature; of these the one that loads the most counts."""
    number, packages = loaded_by("bellhop")
    yield Figure("modules loaded by `import bellhop`", number, MOST, _heavy(packages))
    found = {name: loaded_by(name, after=MODEL) for name in modules_with_signatures()}
    worst = max(found, key=lambda name: found[name][0])
    number, packages = found[worst]
    detail = ", ".join(filter(None, (worst, _heavy(packages))))
    yield Figure("modules loaded by a signature, besides pydantic", number, MOST_BESIDES_PYDANTIC, detail)


def _heavy(packages: list[str]) -> str:
    return ", ".join(package for package in HEAVY if package in packages)


def loaded_by(module: str, *, after: str = "sys") -> tuple[int, list[str]]:
    """Return how many modules an import loads that `after` has not, and which packages besides the standard library."""
    argv = [sys.executable, "-c", COUNT.format(after, module)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    number, packages = json.loads(done.stdout)
    return number, packages


def modules_with_signatures() -> Iterator[str]:
    """Yield the modules of all packages that declare a task without its body."""
    for room in rooms():
        yield from (room.dotted(module) for module in room.modules() if _declares(module))


def _declares(module: Path) -> bool:
    functions = (node for node in ast.walk(tree(module)) if isinstance(node, ast.FunctionDef))
    return any(_is_declaration(mark) for function in functions for mark in function.decorator_list)


def _is_declaration(mark: ast.expr) -> bool:
    return isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id in DECLARE
