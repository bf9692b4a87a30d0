"""The benchmarks count what they say, and their page shows it."""

import subprocess
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as command
from bench import environments, page, queues
from bench.environments import NotInstalled
from bench.figures import QUICK, Figures, Plan

PEERS = Path(queues.__file__).parent / "peers"


def figures_of(**values: float) -> Figures:
    figures = Figures("a comparison")
    for name, value in values.items():
        figures.add(name, "jobs/s", value)
    return figures


def test_the_pace_leaves_out_what_the_first_look_has_found(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, clock = iter([0, 0, 10, 60, 110]), iter([0.0, 1.0, 2.0, 3.0, 4.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))

    assert queues.watched(lambda: next(seen), 110, every=0) == 50.0


def test_a_backlog_that_had_ended_at_the_first_look_has_no_pace() -> None:
    with pytest.raises(AssertionError, match="at the first look"):
        queues.watched(lambda: 5, 5, every=0)


@pytest.mark.parametrize("queue", queues.QUEUES, ids=lambda queue: str(queue.name))
def test_each_task_queue_has_its_module_and_exact_versions(queue: queues.TaskQueue) -> None:
    pinned = (PEERS / f"{queue.app}.txt").read_text().split()

    assert (PEERS / f"{queue.app}_app.py").exists()
    assert all("==" in requirement for requirement in pinned)


def test_one_that_cannot_be_installed_is_named_and_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(argv: list[str], **_: Any) -> None:
        if any("huey" in word for word in argv):
            raise subprocess.CalledProcessError(1, argv)
        for word in argv:
            if word.startswith(str(tmp_path)) and not word.endswith("python"):
                Path(word).mkdir(parents=True)

    monkeypatch.setattr(environments, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(subprocess, "run", refuse)
    figures = figures_of(Bellhop=1.0)

    found = queues.installed(figures)

    assert [queue.name for queue in queues.QUEUES if queue not in found] == ["Huey"]
    assert "Left out: Huey, as huey was not installed" in "\n".join(page.lines(figures))


def test_an_environment_that_was_not_installed_is_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(argv: list[str], **_: Any) -> None:
        raise subprocess.CalledProcessError(1, argv)

    monkeypatch.setattr(environments, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(subprocess, "run", refuse)

    for _ in range(2):
        with pytest.raises(NotInstalled):
            environments.made_environment("huey")


def test_the_page_sets_each_contender_beside_the_base_and_gives_the_aims() -> None:
    figures = figures_of(Celery=200.0, Bellhop=3_000.0, Huey=50.0)
    figures.base = "Celery"
    figures.claim("beside Celery", "Bellhop", "Celery", "jobs/s", at_least=20)

    table = list(page.lines(figures))

    assert table[2:5] == ["| Celery | 200 |", "| Bellhop | 3,000 (15 x) |", "| Huey | 50.0 (0.25 x) |"]
    assert table[-1] == "| beside Celery | 15.00 x | ≥ 20 | missed |"


def test_what_is_measured_in_other_units_has_a_table_of_its_own() -> None:
    figures = figures_of(Bellhop=100.0)
    figures.add("a page", "ms", 5.0)
    figures.add("another page", "ms", 6.0)

    table = [line for line in page.lines(figures) if line]

    assert table[:3] == ["| | jobs/s |", "|---|---|", "| Bellhop | 100 |"]
    assert table[3:] == ["| | ms |", "|---|---|", "| a page | 5.0 |", "| another page | 6.0 |"]


def test_what_is_chosen_on_the_command_line_is_part_of_the_plan() -> None:
    chosen = dict.fromkeys(command.CHOICES) | {"rounds": 5}

    assert command.plan_of(Namespace(quick=False, **chosen)) == Plan(rounds=5)
    assert command.plan_of(Namespace(quick=True, **dict.fromkeys(command.CHOICES))) == QUICK


def test_the_page_has_a_place_for_what_is_written_into_it() -> None:
    text = (PEERS.parents[1] / "docs" / "benchmarks.md").read_text()

    for name in ("drain", "latency", "in-sql", "history", "schedules", "waiting"):
        assert page.filled(text, name, "table") != text
