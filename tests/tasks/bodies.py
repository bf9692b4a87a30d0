"""The bodies of the tasks that only tests and benchmarks use."""

import os
import signal
import time
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop.errors import Permanent
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.mail import Letter, Link, send_mail
from bellhop_worker.engine.binding import body
from bellhop_worker.engine.interrupts import Cancelled, Interrupted
from bellhop_worker.engine.run import Run
from tests.tasks import signatures
from tests.tasks.conduct import ACTS

HOARDED = 50 * 2**20
hoard: list[bytes] = []
"""What bodies have taken and never give back."""
WRITE = text("INSERT INTO effects (key) VALUES (:key)")


@body(signatures.noop)
@body(signatures.noop_any)
@body(signatures.noop_batch)
@body(signatures.noop_leased)
@body(signatures.noop_leased_batch)
def noop() -> None:
    """Do nothing."""


@body(signatures.paged)
def paged(*, what: str) -> None:
    """Do nothing."""


@body(signatures.listed)
def listed(*, what: str) -> None:
    """Do nothing."""


@body(signatures.write)
def write(db: Session, *, key: str, seconds: float) -> str:
    db.execute(WRITE, {"key": key})
    time.sleep(seconds)
    return key


@body(signatures.write_leased)
def write_leased(db: Session, *, key: str, seconds: float) -> str:
    time.sleep(seconds)
    db.execute(WRITE, {"key": key})
    return key


@body(signatures.write_batch)
@body(signatures.write_leased_batch)
def write_batch(db: Session, run: Run, *, key: str, fault: str) -> str:
    db.execute(WRITE, {"key": key})
    match fault:
        case "error":
            raise ValueError("asked to fail")
        case "sql":
            db.execute(text("SELECT 1 / 0"))
        case "slow":
            time.sleep(2)
        case "hoard":
            hoard.append(b"x" * HOARDED)
        case "kill_once" if run.job.attempt == 1 and not _killed(key):
            os.kill(os.getpid(), signal.SIGKILL)
    return key


def _killed(key: str) -> bool:
    """Whether the process was killed for this key before; a file remembers what the rolled back database cannot."""
    path = f"{os.environ['TEST_DIRECTORY']}/{key}.killed"
    if os.path.exists(path):
        return True
    with open(path, "x"):
        return False


@body(signatures.add)
def add(run: Run, *, a: int, b: int) -> int:
    progress(run, steps=3, seconds=0.1)
    return a + b


@body(signatures.sleep)
@body(signatures.sleep_limited)
@body(signatures.sleep_limited_batch)
def sleep(*, seconds: float, stubborn: bool) -> str:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        try:
            time.sleep(left)
        except (Exception, Cancelled, Interrupted):
            if not stubborn:
                raise
    return "rested"


@body(signatures.fail)
def fail(run: Run, *, times: int, permanent: bool) -> int:
    if run.job.attempt <= times:
        raise Permanent("asked to fail for good") if permanent else ValueError("asked to fail \0")
    return run.job.attempt


@body(signatures.say_and_fail)
def say_and_fail(*, words: str) -> None:
    print(words)
    raise ValueError(words)


@body(signatures.poison)
@body(signatures.poison_atomic)
def poison() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@body(signatures.give)
def give(*, what: str) -> Any:
    return {"number": 5, "text": "five", "nothing": None}[what]


@body(signatures.progress)
def progress(run: Run, *, steps: int, seconds: float) -> int:
    for step in range(1, steps + 1):
        run.progress(step, steps, f"step {step}")
        time.sleep(seconds)
    return steps


@body(signatures.post)
def post(db: Session, *, to: str) -> str:
    link = Link("Come in", "https://example.org/let-me-in?a=1&b=2", secret=True)
    return str(send_mail(db, to, Letter("Hello\nworld", ("Good <morning>.", "Grüße"), link)).id)


@body(signatures.conduct)
def conduct(*, what: str) -> Any:
    return ACTS[what]()


@body(signatures.note_down)
def note_down(*, what: Any) -> None:
    """Do nothing with it."""


@body(signatures.flexible)
def flexible(run: Run, *, seconds: float, times: int, stubborn: bool) -> int:
    if run.job.attempt <= times:
        raise ValueError("asked to fail")
    sleep(seconds=seconds, stubborn=stubborn)
    return run.job.attempt


@body(signatures.flexible_atomic)
@body(signatures.flexible_batch)
def flexible_atomic(db: Session, *, seconds: float) -> None:
    db.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})


@body(signatures.parent)
def parent(db: Session, *, label: str) -> str:
    child = signatures.flexible.override(label=label, tags=["child"], queue="slow", max_attempts=1)
    return str(submit(db, child).id)
