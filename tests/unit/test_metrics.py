"""How the processes of a service count together."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bellhop_ledger.platform.metrics.exposition import listen
from bellhop_ledger.platform.metrics.jobs import known
from bellhop_ledger.platform.policies import Policy, policies
from bellhop_ledger.platform.settings import SettingsError
from bellhop_local.services import all_services
from bellhop_local.settings import LocalSettings

COUNTING = """
import os, signal, sys
from pathlib import Path
from bellhop_ledger.platform.metrics.sharing import share_counts
share_counts(Path(sys.argv[1]))
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.multiprocess import MultiProcessCollector
counter = Counter("bellhop_things_total", "Things.", ["kind"])

def in_child(act):
    child = os.fork()
    if not child:
        act()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)

def count(kind, number):
    counter.labels(kind).inc(number)

def total(kind):
    registry = CollectorRegistry()
    MultiProcessCollector(registry, sys.argv[1])
    return registry.get_sample_value("bellhop_things_total", {"kind": kind})
"""


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[object]:
    """Runs a few lines in a process of its own, which shares its counts with its children."""

    def run(code: str) -> str:
        argv = [sys.executable, "-c", COUNTING + code, str(tmp_path)]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    return run


def test_what_killed_processes_have_counted_is_kept_and_their_files_do_not_pile_up(counting, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    said = counting("""
count("a", 1)
for _ in range(20):
    in_child(lambda: count("a", 10))
    print(total("a"))
""")

    assert [float(line) for line in said.split()] == [1 + 10 * n for n in range(1, 21)]
    assert sorted(os.listdir(tmp_path)) == ["0.lock", "1.lock", "counter_0.db", "counter_1.db"]


def test_processes_that_count_at_the_same_time_do_not_share_a_number(counting) -> None:  # type: ignore[no-untyped-def]
    said = counting("""
def nested():
    count("a", 10)
    in_child(lambda: (count("a", 100), in_child(lambda: count("a", 1000))))
    count("a", 10)

count("a", 1)
in_child(nested)
count("a", 1)
print(total("a"))
""")

    assert float(said) == 1122


def test_a_child_that_was_forked_while_another_thread_was_counting_can_count(counting) -> None:  # type: ignore[no-untyped-def]
    said = counting("""
import threading
threading.Thread(target=lambda: [count("b", 1) for _ in range(10**9)], daemon=True).start()
for _ in range(50):
    in_child(lambda: count("a", 1))
print(total("a"), flush=True)
os._exit(0)
""")

    assert float(said) == 50


def test_a_directory_that_was_tidied_away_stops_nobody_and_is_made_anew(counting) -> None:  # type: ignore[no-untyped-def]
    said = counting("""
import shutil
count("a", 1)
shutil.rmtree(sys.argv[1])
count("a", 1)
in_child(lambda: count("a", 10))
print(total("a"))
""")

    assert float(said) == 10


def test_a_directory_that_cannot_be_written_stops_nobody(counting) -> None:  # type: ignore[no-untyped-def]
    said = counting("""
import shutil
shutil.rmtree(sys.argv[1])
Path(sys.argv[1]).touch()
count("a", 1)
count("a", 1)
print("went on")
""")

    assert "went on" in said


def test_many_labels_make_the_files_grow(counting) -> None:  # type: ignore[no-untyped-def]
    said = counting("""
for n in range(2_000):
    count(str(n), n)
print(total("1999"), total("7"))
""")

    assert said.split() == ["1999.0", "7.0"]


def test_a_metric_that_is_declared_too_early_is_an_error(tmp_path: Path) -> None:
    code = "from prometheus_client import Counter; Counter('bellhop_early', '.');" + COUNTING
    argv = [sys.executable, "-c", code, str(tmp_path)]

    ended = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert "bellhop_early" in ended.stderr.splitlines()[-1]


def test_a_port_that_is_taken_is_an_error_that_names_the_variable() -> None:
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        with pytest.raises(SettingsError, match="METRICS_PORT: cannot listen on"):
            listen(taken.getsockname()[1])


def test_a_task_that_nobody_knows_gets_no_series_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(policies, "test.noop", Policy())

    assert [known("test.noop"), known("made.up")] == ["test.noop", "unknown"]


def test_on_a_developers_machine_each_service_gets_a_port_of_its_own(tmp_path: Path) -> None:
    services = all_services(LocalSettings.read({"METRICS_PORT": "9100"}), tmp_path)

    ports = {one.name: one.environment.get("METRICS_PORT") for one in services}
    assert ports == {"web": "9100", "worker": "9101", "scheduler": "9102", "flower": None}
