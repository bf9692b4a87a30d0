"""The limiter: spends the budgets that all processes share, from small leases that each process takes from Redis.

A lease is counted in Redis when it is taken, so never more passes than the budget allows. Whoever
asks once a second takes leases of one; whoever asks a thousand times a second takes them by the
dozen, and most requests cost no question to Redis.
"""

import hashlib
import math
import time
from dataclasses import dataclass
from threading import Lock

from limits import RateLimitItem
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from bellhop_ledger.platform.redis_address import RedisAddress
from bellhop_web.ratelimits.breaker import breaker

LEASE_LIFE = 1.0
"""Seconds for which a lease, or a refusal, is good without another look at Redis."""
PART = 100
"""A lease is at most one part in so many of its budget: what a process may hold and not use."""
MOST_SUBJECTS = 20_000
PATIENCE = 0.25
"""Seconds to wait for Redis."""


@dataclass(frozen=True)
class Budget:
    """How often one subject may do something."""

    name: str
    rate: RateLimitItem

    @property
    def largest_lease(self) -> int:
        """How many may be taken at once."""
        return max(self.rate.amount // PART, 1)


@dataclass(frozen=True)
class Standing:
    """How one subject stands with a budget."""

    budget: Budget
    allowed: bool
    remaining: int
    seconds: int
    """Until there is more, at least one."""


@dataclass
class Lease:
    """What this process has taken for one subject; none left at once means that it was refused."""

    budget: Budget
    size: int
    left: int
    remaining: int
    """What Redis said was left besides."""
    taken_at: float
    more_at: float

    def spend(self, now: float) -> Standing | None:
        """Use one of it; nothing when another must be taken."""
        refused, fresh = self.size == 0, now < self.taken_at + LEASE_LIFE
        if not fresh or (self.left == 0 and not refused):
            return None
        self.left -= 0 if refused else 1
        seconds = max(math.ceil(self.more_at - now), 1)
        return Standing(self.budget, not refused, self.remaining + self.left, seconds)

    def next_size(self, now: float) -> int:
        """Return twice as many as lasted half a life, or as many as were used in a whole one."""
        if now < self.taken_at + LEASE_LIFE / 2:
            return min(max(self.size * 2, 1), self.budget.largest_lease)
        return max(self.size - self.left, 1)


class Limiter:
    """Counts in a sliding window."""

    def __init__(self, storage: RedisStorage):
        self._window = SlidingWindowCounterRateLimiter(storage)
        self._leases: dict[tuple[str, str], Lease] = {}
        self._lock = Lock()

    def spend(self, budget: Budget, subject: str) -> Standing | None:
        """Count one; nothing when Redis is away."""
        key, now = (budget.name, subject), time.monotonic()
        with self._lock:
            lease = self._leases.get(key)
            if lease and (standing := lease.spend(now)):
                return standing
        size = lease.next_size(now) if lease else 1
        taken = breaker.ask(lambda: self._take(budget, subject, size))
        return self._keep(key, taken) if taken else None

    def _keep(self, key: tuple[str, str], taken: Lease) -> Standing | None:
        with self._lock:
            standing = taken.spend(taken.taken_at)
            if len(self._leases) >= MOST_SUBJECTS:
                self._leases.clear()
            self._leases[key] = taken
        return standing

    def _take(self, budget: Budget, subject: str, size: int) -> Lease:
        """Take so many, or one when there are not so many left."""
        who = hashlib.sha256(subject.encode()).hexdigest()[:32]
        sizes = [size, 1] if size > 1 else [1]
        got = next((one for one in sizes if self._window.hit(budget.rate, budget.name, who, cost=one)), 0)
        more_at, remaining = self._window.get_window_stats(budget.rate, budget.name, who)
        now = time.monotonic()
        return Lease(budget, got, got, remaining, now, now + more_at - time.time())


def make_limiter(redis: RedisAddress) -> Limiter:
    """Make the limiter of a process."""
    never: object = Retry(NoBackoff(), 0)
    options = {**redis.tls, "socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry": never}
    return Limiter(RedisStorage(redis.url, key_prefix="bellhop:limit", **options))
