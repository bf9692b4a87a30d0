"""Tasks of the tests that say something, in a module of its own: its workers have a pool for async bodies too."""

import asyncio
import logging
import logging.config
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Annotated

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop import task
from bellhop.secret import Secret
from bellhop.signature import Mode, Retry
from bellhop_ledger.platform.log import get_logger
from bellhop_worker.plugin import Run

plain, structured = logging.getLogger("acme.plain"), get_logger("acme.structured")
QUICK = Retry(attempts=3, first=0.1, factor=1)


@task("test.talk")
def talk(*, word: str) -> None:
    """Log something in all ways that there are. Safe to repeat."""
    plain.debug("not wanted: %s", word)
    plain.info("logged: %s", word)
    structured.debug("not wanted", word=word)
    structured.warning("structured", word=word, pages=3)
    print("printed:", word)
    print("printed loudly:", word, file=sys.stderr)
    try:
        raise ValueError(word)
    except ValueError:
        plain.exception("failed: %s", word)


@task("test.talk_and_wait", retry=QUICK, soft_limit=60, hard_limit=90)
def talk_and_wait(run: Run, *, die: bool = False) -> None:
    """Log something, and wait until a file is there; the first time perhaps not. Safe to repeat."""
    print(f"began {run.job.attempt}")
    go_on = Path(os.environ["TEST_DIRECTORY"], run.idempotency_key)
    go_on.with_suffix(".began").touch()
    while not go_on.exists():
        time.sleep(0.05)
    print("went on")
    if die:
        os.kill(os.getpid(), signal.SIGKILL)


@task("test.talk_and_fail", retry=QUICK)
def talk_and_fail(run: Run, *, times: int) -> None:
    """Log which attempt it is, and fail so often. Safe to repeat."""
    print(f"attempt {run.job.attempt}")
    if run.job.attempt <= times:
        raise ValueError("asked to fail")


@task("test.talk_atomic", mode=Mode.ATOMIC, retry=Retry(attempts=1))
def talk_atomic(db: Session, *, key: str, fail: bool) -> None:
    """Write a row, say so, and perhaps fail. Safe to repeat."""
    db.execute(text("INSERT INTO effects (key) VALUES (:key)"), {"key": key})
    print(f"wrote {key}")
    if fail:
        raise ValueError("asked to fail")


@task("test.talk_in_batch", mode=Mode.LEASED, batch=100)
def talk_in_batch(*, word: str) -> None:
    """Print a word; many jobs share a message. Safe to repeat."""
    print(word)


@task("test.talk_in_threads")
def talk_in_threads() -> None:
    """Print something in a thread, in one of that thread, in a forked process and in a program. Safe to repeat."""

    def outer() -> None:
        print("in a thread")
        inner = threading.Thread(target=print, args=("in its thread",))
        inner.start()
        inner.join()

    thread = threading.Thread(target=outer)
    thread.start()
    thread.join()
    child = multiprocessing.get_context("fork").Process(target=print, args=("in a process",))
    child.start()
    child.join()
    subprocess.run([sys.executable, "-c", "print('in a program')"], check=True)
    asyncio.run(asyncio.to_thread(print, "in a thread of asyncio"))


@task("test.talk_later")
def talk_later(*, go: str) -> None:
    """Leave a thread behind that speaks when a file is there. Safe to repeat."""

    def speak() -> None:
        while not Path(os.environ["TEST_DIRECTORY"], go).exists():
            time.sleep(0.02)
        print("left behind")
        Path(os.environ["TEST_DIRECTORY"], f"{go}.said").touch()

    threading.Thread(target=speak).start()


@task("test.talk_and_listen")
def talk_and_listen(*, go: str) -> None:
    """Let the thread that another job has left behind speak. Safe to repeat."""
    print("go")
    Path(os.environ["TEST_DIRECTORY"], go).touch()
    while not Path(os.environ["TEST_DIRECTORY"], f"{go}.said").exists():
        time.sleep(0.02)


@task("test.talk_secretly", retry=Retry(attempts=1))
def talk_secretly(run: Run, *, pin: Annotated[str, Secret()]) -> None:
    """Print a secret, and one of the deployment. Safe to repeat."""
    print(f"the pin is {pin}")
    plain.info("arguments: %s", run.job.args)
    structured.info("secrets", key=os.environ["SMTP_PASSWORD"], pins=[pin])
    raise ValueError(f"never say {pin}")


@task("test.talk_oddly")
def talk_oddly() -> None:
    """Log what cannot be stored or formatted, and set up logging anew. Safe to repeat."""
    print("NUL \0 and half \ud800 a pair".encode("utf-8", "replace").decode())
    plain.info("NUL \0 and half \ud800 a pair")
    plain.info("%d", "no number")
    plain.log(15, "a level below")
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False, "root": {"level": "INFO"}})


@task("test.talk_much", soft_limit=120, hard_limit=150)
def talk_much(*, megabytes: int) -> int:
    """Print so much, and return by how many kilobytes the process has grown. Safe to repeat."""
    line = "x" * 99
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(megabytes * 10_000):
        print(line)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


@task("test.talk_together")
async def talk_together(*, word: str) -> None:
    """Print a word again and again, also in tasks and threads, while others say theirs. Safe to repeat."""
    for _ in range(5):
        print(word, end="")
        await asyncio.sleep(0.01)
        print()
        plain.info(word)
        await asyncio.gather(asyncio.create_task(_say(word)), asyncio.to_thread(print, word))


async def _say(word: str) -> None:
    await asyncio.sleep(0)
    print(word)
