"""Sharing: the counts of a service's processes stand in files, which whoever answers a scrape adds up.

As in prometheus_client's own mode for many processes, but files belong to numbers and not to
process ids: a new process takes the lowest number that no living one holds, and goes on where
the dead one stopped. So no count is lost or goes back, and there are never more files than
there were processes at once, however many come and go.
"""

import fcntl
import os
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

from prometheus_client import REGISTRY, values
from prometheus_client.mmap_dict import MmapedDict, mmap_key

PREFIX = "bellhop_"
_lock = Lock()
_place: dict[str, "Place"] = {}
"""Where this process counts: nothing before its first count, nor in a child that was just forked."""


class Place:
    """The files of one process, and the lock on its number, which ends with the process however that dies.

    A lock of POSIX: it belongs to the process, so no child that it forks inherits it.
    """

    def __init__(self, directory: Path):
        self._directory = directory
        self._number, self._lock = next(filter(None, (take(directory, number) for number in count())))
        self._files: dict[str, Any] = {}

    def file(self, kind: str) -> Any:
        """Give the file for the values of a kind."""
        if kind not in self._files:
            self._files[kind] = MmapedDict(str(self._directory / f"{kind}_{self._number}.db"))  # type: ignore[no-untyped-call]
        return self._files[kind]


def take(directory: Path, number: int) -> tuple[int, TextIO] | None:
    """Take this number, unless a living process has it."""
    file = open(directory / f"{number}.lock", "w")  # noqa: SIM115  held for as long as the process lives
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return number, file


class SharedValue:
    """One number of one metric, as prometheus_client wants it (`values.ValueClass`)."""

    _multiprocess = True

    def __init__(self, typ: str, metric_name: str, *which: Any, multiprocess_mode: str = "", **_: Any):
        self._kind = f"{typ}_{multiprocess_mode}" if typ == "gauge" else typ
        self._key = mmap_key(metric_name, *which)  # the name of the number, its labels and the help
        self._at: Place | None = None
        self.inc(0)

    def _settle(self) -> None:
        """Go to where this process counts."""
        if "this" not in _place:
            _place["this"] = Place(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
        self._at = _place["this"]
        self._file = self._at.file(self._kind)
        self._value: float = self._file.read_value(self._key)[0]

    def inc(self, amount: float) -> None:
        """Add to it."""
        with _lock:
            if self._at is None or self._at is not _place.get("this"):
                self._settle()
            self._value += amount
            self._file.write_value(self._key, self._value, 0.0)

    def set(self, value: float, timestamp: float | None = None) -> None:
        """Say what it is."""
        self.inc(value - self.get())

    def get(self) -> float:
        """Give what this process' number has counted."""
        self.inc(0)
        return self._value

    def set_exemplar(self, exemplar: object) -> None:
        """Keep none."""

    def get_exemplar(self) -> None:
        """Have none."""


def share_counts(directory: Path) -> None:
    """Have every metric that is declared from now on counted in files of this directory."""
    if declared := [name for name in REGISTRY._names_to_collectors if name.startswith(PREFIX)]:
        raise RuntimeError(f"{declared[0]} is declared before share_counts(), so it would be counted for nobody")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)
    values.ValueClass = SharedValue
    # A thread that counts while another one forks would leave the child locks that nobody opens.
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_begin_anew)


def _begin_anew() -> None:
    _place.clear()
    for metric in REGISTRY._collector_to_names:
        if hasattr(metric, "_lock"):  # under it the library looks for labels
            metric._lock = Lock()
    _lock.release()
