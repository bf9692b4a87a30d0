"""How long the first minutes take: `python -m bench.first_minutes [ROUNDS]` measures them in a clone of its own.

The environment is made without what pip or uv has kept from before; the stack starts in an empty directory, then again.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bellhop_local.ports import free_port

ROOT = Path(__file__).parent.parent
READY = re.compile(r"Bellhop is ready")


class NotMeasured(Exception):
    """A command failed; the message is its last output."""


@dataclass(frozen=True)
class Minutes:
    """Seconds of one round."""

    environment: float
    first_start: float
    second_start: float


def measure() -> Minutes:
    """Measure one round. Raises NotMeasured."""
    with _clone() as clone:
        environment = _seconds_of_environment(clone)
        return Minutes(environment, _seconds_until_ready(clone), _seconds_until_ready(clone))


@contextmanager
def _clone() -> Iterator[Path]:
    """A clone of what is committed here."""
    folder = Path(tempfile.mkdtemp(prefix="bellhop-minutes-"))
    try:
        subprocess.run(["git", "clone", "--quiet", ROOT, folder / "clone"], check=True)
        yield folder / "clone"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _seconds_of_environment(clone: Path) -> float:
    nothing_kept = {"UV_CACHE_DIR": str(clone.parent / "uv"), "PIP_NO_CACHE_DIR": "1"}
    inherited = {name: value for name, value in os.environ.items() if name != "VENV"}
    began = time.monotonic()
    done = subprocess.run(
        [clone / "scripts" / "venv.sh"], env={**inherited, **nothing_kept}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotMeasured(done.stderr[-500:])
    return time.monotonic() - began


def _seconds_until_ready(clone: Path) -> float:
    """Start the stack, wait until it says that it is ready, and stop it."""
    command: list[Path | str] = [clone / ".venv" / "bin" / "bellhop-local", "up"]
    began = time.monotonic()
    with subprocess.Popen(
        command, cwd=clone, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as stack:
        assert stack.stdout is not None
        said: list[str] = []
        for line in stack.stdout:
            said.append(line)
            if READY.search(line):
                ready = time.monotonic() - began
                stack.send_signal(signal.SIGINT)
                stack.stdout.read()
                return ready
    raise NotMeasured("".join(said)[-500:])


def _environment() -> dict[str, str]:
    """The variables of somebody who has set none for us."""
    ours = ("DATABASE_URL", "REDIS_URL", "LOCAL_DIR", "WORKER_CONCURRENCY", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {name: str(free_port()) for name in ("WEB_PORT", "FLOWER_PORT", "DEMO_PORT")}


def main() -> None:
    """Print each round, and the medians."""
    rounds = []
    for number in range(int(sys.argv[1]) if sys.argv[1:] else 1):
        rounds.append(measure())
        print(f"{number + 1}: {_line(rounds[-1])}; load {os.getloadavg()[0]:.1f}", flush=True)
    columns = [[getattr(one, name) for one in rounds] for name in Minutes.__dataclass_fields__]
    print(f"median: {_line(Minutes(*map(median, columns)))}")


def _line(minutes: Minutes) -> str:
    return (
        f"environment {minutes.environment:.1f} s, "
        f"make local {minutes.first_start:.1f} s, again {minutes.second_start:.1f} s"
    )


if __name__ == "__main__":
    main()
