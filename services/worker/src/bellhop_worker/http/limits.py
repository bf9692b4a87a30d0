"""How much time and how many bytes one fetch may take, and the meter that counts them."""

import time
from dataclasses import dataclass

from bellhop_worker.http.errors import FetchRefused

# http.client reads up to 100 header lines of 64 KiB before it gives up on an answer.
HEADER_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The limits of one fetch. `total_seconds` covers everything from the name lookup to the last
    byte of the last redirect, `connect_seconds` each attempt to connect, and `body_bytes` holds
    for the body both as it is sent and as it is decoded."""

    connect_seconds: float = 5.0
    total_seconds: float = 30.0
    body_bytes: int = 10 * 1024 * 1024
    redirects: int = 5


class Meter:
    """Counts the seconds and the received bytes of one fetch against its limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._started = time.monotonic()
        self._received = 0

    @property
    def seconds(self) -> float:
        """Seconds since the fetch began."""
        return time.monotonic() - self._started

    @property
    def is_out_of_time(self) -> bool:
        """Whether the deadline of the whole fetch has passed."""
        return self.seconds >= self.limits.total_seconds

    def seconds_left(self) -> float:
        """Seconds until the deadline of the whole fetch; raises TimeoutError when it has passed."""
        left = self.limits.total_seconds - self.seconds
        if left <= 0:
            raise TimeoutError
        return left

    def receive(self, count: int) -> int:
        """Count bytes as they leave the socket, and return them.

        This bounds the memory of a fetch whatever the server says: a chunk of length -1, for
        one, makes http.client read until the connection ends. The bound is wider than the limit
        of the body because headers and the framing of chunks are counted with it.
        """
        self._received += count
        if self._received > HEADER_BYTES + 2 * self.limits.body_bytes:
            raise self.too_large()
        return count

    def too_large(self) -> FetchRefused:
        """The error for an answer over the limit."""
        return FetchRefused(f"the answer is larger than {self.limits.body_bytes} bytes")
