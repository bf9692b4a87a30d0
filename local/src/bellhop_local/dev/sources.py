"""Sources: the files that are watched, and which of them have changed."""

import os
import time
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from bellhop_local.settings import ROOT

SUFFIXES = frozenset({".py", ".html", ".css", ".js"})
LEFT_OUT = frozenset({"__pycache__", "node_modules"})
PERIOD = 1.0
"""Seconds between two looks: some hundred files take milliseconds, and what an editor writes in steps is whole then."""
OURS = ("common/src", "ledger/src", "services/*/src", "workloads/*/src")


class Sources:
    """Folders of source files, looked at now and then."""

    def __init__(self, folders: Iterable[Path]):
        self.folders = list(dict.fromkeys(folders))
        self._seen = self._candidate = self._read()
        self._looked_at = time.monotonic()

    def changed(self) -> list[Path]:
        """Return the files that were changed, added or removed; nothing while they still change."""
        if time.monotonic() - self._looked_at < PERIOD:
            return []
        self._looked_at = time.monotonic()
        before, self._candidate = self._candidate, self._read()
        if self._candidate != before or self._candidate == self._seen:
            return []
        paths = self._candidate.items() ^ self._seen.items()
        self._seen = self._candidate
        return sorted({path for path, _ in paths})

    def _read(self) -> dict[Path, int]:
        return {path: modified for folder in self.folders for path, modified in files_in(folder)}


def files_in(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield the sources below a folder, and when each was modified. Hidden folders, such as .venv, are left out."""
    for parent, names, files in os.walk(folder):
        names[:] = [name for name in names if not name.startswith(".") and name not in LEFT_OUT]
        for name in files:
            path = Path(parent, name)
            if path.suffix in SUFFIXES:
                try:
                    yield path, path.stat().st_mtime_ns
                except OSError:  # an editor has just removed it
                    continue


def folders_of(modules: Iterable[str]) -> Iterator[Path]:
    """Yield Bellhop's own sources, and the folders of these modules; what cannot be found the worker complains of."""
    for pattern in OURS:
        yield from sorted(ROOT.glob(pattern))
    for module in modules:
        spec = find_spec(module.partition(":")[0].partition(".")[0])
        if spec and spec.submodule_search_locations:
            yield from map(Path, spec.submodule_search_locations)
        elif spec and spec.origin:
            yield Path(spec.origin).parent
