"""Sharing: the counts of a service's processes stand in files, which whoever answers a scrape adds up.

As in prometheus_client's own mode for many processes, but files belong to numbers and not to
process ids: a new process takes the lowest number that no living one holds, and goes on where
the dead one stopped. So no count is lost or goes back, and there are never more files than
there were processes at once, however many come and go.
"""

import fcntl
import os
from itertools import chain, count
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.metrics.registry import REGISTRIES

log = get_logger(__name__)

PREFIX = "bellhop_"
FIRST_SIZE, LONGEST_KEY = 1 << 16, 4096
_lock = Lock()
_place: dict[str, "Place"] = {}
"""Where this process counts: nothing before its first count, nor in a child that was just forked."""


class CountFile(MmapedDict):
    """prometheus_client's file, with its space taken first: who writes to memory that a full disk lacks is killed."""

    def __init__(self, path: Path):
        with open(path, "ab") as file:
            if not file.tell():
                os.posix_fallocate(file.fileno(), 0, FIRST_SIZE)
        super().__init__(str(path))  # type: ignore[no-untyped-call]

    def _init_value(self, key: str) -> None:
        if self._used + LONGEST_KEY > self._capacity:
            os.posix_fallocate(self._f.fileno(), 0, 2 * self._capacity)
        super()._init_value(key)  # type: ignore[no-untyped-call]


class Nowhere:
    """Instead of a file that cannot be written. Who counts has better things to do than to fail for it."""

    def read_value(self, key: str) -> tuple[float, float]:
        """Begin at nothing."""
        return 0.0, 0.0

    def write_value(self, key: str, value: float, timestamp: float) -> None:
        """Forget it."""


class Place:
    """The files of one process, and the lock on its number, which ends with the process however that dies.

    A lock of POSIX: it belongs to the process, so no child that it forks inherits it.
    """

    def __init__(self, directory: Path):
        self._directory = directory
        self._files: dict[str, Any] = {}
        self._number = -1
        self._lock: TextIO | None = None
        try:
            directory.mkdir(mode=0o700, exist_ok=True)  # somebody may have tidied /tmp up
            self._number, self._lock = next(filter(None, (take(directory, number) for number in count())))
        except OSError as error:
            log.warning("not_counted", error=repr(error))

    def file(self, kind: str) -> Any:
        """Return the file for the values of a kind."""
        if kind not in self._files:
            self._files[kind] = self._open(kind)
        return self._files[kind]

    def _open(self, kind: str) -> Any:
        if self._lock is None:
            return Nowhere()
        try:
            return CountFile(self._directory / f"{kind}_{self._number}.db")
        except OSError as error:
            log.warning("not_counted", kind=kind, error=repr(error))
            return Nowhere()


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
        self._file: Any = self._at.file(self._kind)
        self._value = 0.0
        try:
            self._value = self._file.read_value(self._key)[0]
        except OSError:  # the file would have to grow, and cannot
            self._file = Nowhere()

    def inc(self, amount: float) -> None:
        """Add to it."""
        with _lock:
            if self._at is None or self._at is not _place.get("this"):
                self._settle()
            self._value += amount
            self._file.write_value(self._key, self._value, 0.0)

    def set(self, value: float, timestamp: float | None = None) -> None:
        """Set it."""
        self.inc(value - self.get())

    def get(self) -> float:
        """Return what this process' number has counted."""
        self.inc(0)
        return self._value

    def set_exemplar(self, exemplar: object) -> None:
        """Keep none."""

    def get_exemplar(self) -> None:
        """Return None: there are no exemplars."""


def share_counts(directory: Path) -> None:
    """Count every metric that is declared from now on in files of this directory."""
    names = chain.from_iterable(registry._names_to_collectors for registry in REGISTRIES)
    if declared := [name for name in names if name.startswith(PREFIX)]:
        raise RuntimeError(f"{declared[0]} is declared before share_counts(), so it would be counted for nobody")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)
    values.ValueClass = SharedValue
    # A thread that counts while another one forks would leave the child locks that nobody opens.
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_begin_anew)


def _begin_anew() -> None:
    _place.clear()
    for metric in chain.from_iterable(registry._collector_to_names for registry in REGISTRIES):
        if hasattr(metric, "_lock"):  # under it the library looks for labels
            metric._lock = Lock()
    _lock.release()
