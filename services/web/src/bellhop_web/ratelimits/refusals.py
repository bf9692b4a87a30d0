"""The answer to whoever asks too often."""

from bellhop.errors import Refused


class TooOften(Refused):
    """That was tried too often; wait a while."""

    status = 429

    def __init__(self, seconds: int):
        super().__init__(f"That was tried too often; try again in {in_words(seconds)}")
        self.retry_after = seconds


def in_words(seconds: int) -> str:
    """Return for how long: in seconds, and from two minutes on in minutes, rounded up."""
    if seconds >= 120:
        return f"{-(-seconds // 60)} minutes"
    return f"{seconds} second{'s' if seconds != 1 else ''}"
