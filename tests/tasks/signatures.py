"""Tasks that only tests and benchmarks use."""

from typing import Any

from bellhop.signature import OVERRIDES, Mode, Retry, signature

QUICK = Retry(attempts=3, first=0.05, factor=1, jitter=0)


@signature("test.noop", mode=Mode.ATOMIC, batch=1)
def noop() -> None:
    """Do nothing, one job a message."""


@signature("test.noop_batch", mode=Mode.ATOMIC, batch=100)
def noop_batch() -> None:
    """Do nothing, many jobs a message."""


@signature("test.noop_leased", mode=Mode.LEASED, batch=1)
def noop_leased() -> None:
    """Do nothing under a lease, one job a message."""


@signature("test.noop_leased_batch", mode=Mode.LEASED, batch=100)
def noop_leased_batch() -> None:
    """Do nothing under a lease, many jobs a message."""


@signature("test.noop_any")
def noop_any() -> None:
    """Do nothing, as any task that declares nothing."""


@signature("test.write", mode=Mode.ATOMIC, retry=QUICK)
def write(*, key: str, seconds: float = 0.0) -> str:
    """Write a row, then take some time."""


@signature("test.write_batch", mode=Mode.ATOMIC, retry=QUICK, batch=100)
def write_batch(*, key: str, fault: str = "") -> str:
    """Write a row, then go wrong in the way that is asked for; many jobs a message."""


@signature("test.write_leased", mode=Mode.LEASED, retry=QUICK)
def write_leased(*, key: str, seconds: float = 0.0) -> str:
    """Take some time under a lease, then write a row."""


@signature("test.write_leased_batch", mode=Mode.LEASED, retry=QUICK, batch=100)
def write_leased_batch(*, key: str, fault: str = "") -> str:
    """Write a row under a lease, then go wrong in the way that is asked for; many jobs a message."""


@signature("test.add", queue="slow", soft_limit=30, hard_limit=60)
def add(*, a: int, b: int) -> int:
    """Add two numbers, and tell how far it has come."""


@signature("test.sleep", queue="slow", retry=QUICK, soft_limit=60, hard_limit=90)
def sleep(*, seconds: float, stubborn: bool = False) -> str:
    """Sleep; a stubborn sleeper does not listen to anybody."""


@signature("test.sleep_limited", retry=Retry(attempts=1), soft_limit=0.5, hard_limit=1.5)
def sleep_limited(*, seconds: float, stubborn: bool = False) -> str:
    """Sleep for longer than the limits allow."""


@signature("test.sleep_limited_batch", retry=Retry(attempts=1), soft_limit=0.5, hard_limit=1.5, batch=10)
def sleep_limited_batch(*, seconds: float, stubborn: bool = False) -> str:
    """Sleep for longer than the limits allow; many jobs a message."""


@signature("test.fail", retry=QUICK)
def fail(*, times: int, permanent: bool = False) -> int:
    """Fail so many times, then give the number of the attempt that succeeded."""


@signature("test.say_and_fail", retry=Retry(attempts=2, first=0.05, factor=1, jitter=0))
def say_and_fail(*, words: str) -> None:
    """Print some words, and fail with them."""


@signature("test.poison", retry=QUICK)
def poison() -> None:
    """Kill the process that runs it."""


@signature("test.poison_atomic", mode=Mode.ATOMIC, retry=QUICK)
def poison_atomic() -> None:
    """Kill the process that runs it, in the middle of a transaction."""


@signature("test.give", retry=Retry(attempts=1))
def give(*, what: str) -> int:
    """Return something that may not be what the signature says."""


@signature("test.listed")
def listed(*, what: str) -> None:
    """Do nothing with a text."""


@signature("test.paged")
def paged(*, what: str) -> None:
    """Do nothing; the tests of the list have it to themselves."""


@signature("test.progress", queue="slow")
def progress(*, steps: int, seconds: float) -> int:
    """Report after each step how far it has come."""


@signature("test.post", retry=QUICK)
def post(*, to: str) -> str:
    """Write somebody a mail with a secret link and give its id."""


@signature("test.conduct", retry=Retry(attempts=2, first=0.05, factor=1, jitter=0), soft_limit=20, hard_limit=30)
def conduct(*, what: str) -> Any:
    """Do one of the things that bodies do and that a worker must survive."""


@signature("test.note_down")
def note_down(*, what: Any) -> None:
    """Take anything."""


@signature("test.flexible", retry=QUICK, soft_limit=60, hard_limit=60.5, overridable=OVERRIDES)
def flexible(*, seconds: float = 0.0, times: int = 0, stubborn: bool = False) -> int:
    """Fail so many times, or sleep, as a job may that says everything of itself."""


@signature("test.flexible_atomic", mode=Mode.ATOMIC, retry=Retry(attempts=1), overridable=OVERRIDES)
def flexible_atomic(*, seconds: float) -> None:
    """Let the database sleep."""


@signature("test.flexible_batch", mode=Mode.ATOMIC, retry=Retry(attempts=1), overridable=OVERRIDES, batch=100)
def flexible_batch(*, seconds: float) -> None:
    """Let the database sleep; many jobs a message."""


@signature("test.parent")
def parent(*, label: str) -> str:
    """Submit a job with this label and give its id."""
