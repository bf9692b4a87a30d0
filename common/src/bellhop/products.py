"""Products: work that takes too long for a request."""

from bellhop.signatures import signature


@signature("products.very_slow_add", queue="slow", soft_limit=30, hard_limit=60)
def very_slow_add(*, a: int, b: int) -> int:
    """Add two numbers in three seconds. Safe to repeat: it changes nothing."""
