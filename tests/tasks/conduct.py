"""What bodies do to the process that runs them: one function for each thing, by its name."""

import asyncio
import multiprocessing
import os
import pdb
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from celery.exceptions import Ignore, Reject, Retry

from bellhop_worker.engine.interrupts import Cancelled, Interrupted

HELD_UP = "import signal; print(*(int(n) for n in signal.Signals if signal.getsignal(n) == signal.SIG_IGN)," + (
    "'|', *(int(n) for n in signal.pthread_sigmask(signal.SIG_BLOCK, [])))"
)


def raises(error: BaseException) -> Any:
    raise error


async def cancelled() -> None:
    raise asyncio.CancelledError("gone")


def child_ends(how: signal.Signals) -> int:
    with subprocess.Popen(["sleep", "30"]) as child:
        child.send_signal(how)
        try:
            return child.wait(5)
        finally:
            child.kill()


def forked_child_ends() -> int:
    child = os.fork()
    if child == 0:
        while True:
            time.sleep(1)
    os.kill(child, signal.SIGTERM)
    return os.waitpid(child, 0)[1]


def inherited() -> str:
    """The signals that a Python started by a body finds ignored or blocked."""
    found = subprocess.run([sys.executable, "-c", HELD_UP], capture_output=True, text=True, check=True)
    return found.stdout


def what_cat_reads() -> str:
    return subprocess.run(["cat"], timeout=5, check=True, capture_output=True, text=True).stdout


def own_handler(number: signal.Signals, send: Callable[[], object]) -> list[str]:
    """What a body's own handler hears."""
    heard: list[str] = []
    signal.signal(number, lambda *_: heard.append(number.name))
    send()
    until = time.monotonic() + 5
    while not heard and time.monotonic() < until:
        time.sleep(0.05)
    return heard


def leaves_a_mess() -> str:
    for number in (signal.SIGALRM, signal.SIGUSR1, signal.SIGTERM, signal.SIGINT, signal.SIGRTMIN):
        signal.signal(number, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN, signal.SIGTERM])
    return str(os.getpid())


def pool_map(method: str) -> list[int]:
    with multiprocessing.get_context(method).Pool(2) as pool:
        return pool.map(abs, [-1, -2, -3])


def futures() -> list[int]:
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(abs, [-1, -2, -3]))


def killed_with_a_child(note: str) -> None:
    """Leave the id of a forked child in a file and die."""
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
    child.start()
    Path(os.environ["TEST_DIRECTORY"], note).write_text(str(child.pid))
    os.kill(os.getpid(), signal.SIGKILL)


def alarm_alone() -> None:
    signal.alarm(1)
    time.sleep(5)


ACTS: dict[str, Callable[[], Any]] = {
    "asyncio.run cancelled": lambda: asyncio.run(cancelled()),
    "CancelledError": lambda: raises(asyncio.CancelledError("gone")),
    "KeyboardInterrupt": lambda: raises(KeyboardInterrupt("key")),
    "GeneratorExit": lambda: raises(GeneratorExit("over")),
    "SystemExit": lambda: sys.exit("out"),
    "Interrupted": lambda: raises(Interrupted("not by the worker")),
    "Cancelled": lambda: raises(Cancelled("not by anybody")),
    "Ignore": lambda: raises(Ignore("look away")),
    "Reject": lambda: raises(Reject("no", requeue=True)),
    "Retry": lambda: raises(Retry("again")),
    "SIGTERM to a child": partial(child_ends, signal.SIGTERM),
    "SIGINT to a child": partial(child_ends, signal.SIGINT),
    "SIGUSR1 to a child": partial(child_ends, signal.SIGUSR1),
    "SIGTERM to a fork": forked_child_ends,
    "inherited": inherited,
    "stdin": what_cat_reads,
    "own SIGALRM": lambda: own_handler(signal.SIGALRM, lambda: signal.alarm(1)),
    "own itimer": lambda: own_handler(signal.SIGALRM, lambda: signal.setitimer(signal.ITIMER_REAL, 0.1)),
    "own SIGUSR1": lambda: own_handler(signal.SIGUSR1, lambda: os.kill(os.getpid(), signal.SIGUSR1)),
    "SIGTERM to itself": lambda: os.kill(os.getpid(), signal.SIGTERM),
    "alarm": alarm_alone,
    "leaves a mess": leaves_a_mess,
    "pid": lambda: str(os.getpid()),
    "coroutine": cancelled,
    "pool fork": lambda: pool_map("fork"),
    "pool spawn": lambda: pool_map("spawn"),
    "pool forkserver": lambda: pool_map("forkserver"),
    "futures": futures,
    "killed with a child": lambda: killed_with_a_child("orphan"),
    "breakpoint": breakpoint,
    "pdb": pdb.set_trace,
    "nan": lambda: {"found": [1.0, float("nan")]},
}
