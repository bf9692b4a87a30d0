"""What both releases of the rolling update's test know."""

from bellhop.signature import Mode, Retry, signature

ONCE = Retry(attempts=1)
"""A second attempt would be a deploy that used one up."""


@signature("rolling.write", mode=Mode.ATOMIC, retry=ONCE)
def write(*, key: str) -> str:
    """Write a row. Safe to repeat: what a broken off run wrote is taken back."""


@signature("rolling.write_leased", retry=ONCE)
def write_leased(*, key: str, seconds: float) -> str:
    """Take some time, then write a row. Safe to repeat: the row is written together with the end."""


@signature("rolling.write_slow", queue="slow", retry=ONCE)
def write_slow(*, key: str, seconds: float) -> str:
    """Take longer than a worker that stops will wait. Safe to repeat: the row is written together with the end."""
