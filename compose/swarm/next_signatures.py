"""What only the next release of the rolling update's test knows."""

from bellhop.signature import Mode, Retry, signature


@signature("rolling.news", mode=Mode.ATOMIC, retry=Retry(attempts=1))
def news(*, key: str) -> str:
    """Write a row. Safe to repeat: what a broken off run wrote is taken back."""
