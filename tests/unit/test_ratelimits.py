"""The limiter's arithmetic: leases, the breaker, and how rates are written."""

import threading
from collections.abc import Callable

import pytest
import redis
from limits import parse
from prometheus_client import REGISTRY

from bellhop_web.http.rates import parse_rate
from bellhop_web.ratelimits import breaker as breakers
from bellhop_web.ratelimits.breaker import PAUSE, Breaker
from bellhop_web.ratelimits.limiter import LEASE_LIFE, Budget, Lease
from bellhop_web.ratelimits.refusals import in_words


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let the breaker's time go by."""
    now = [1000.0]
    monkeypatch.setattr(breakers.time, "monotonic", lambda: now[0])

    def pass_by(seconds: float) -> None:
        now[0] += seconds

    return pass_by


def unavailable() -> float:
    return REGISTRY.get_sample_value("bellhop_rate_limiter_unavailable_total") or 0.0


def lease(size: int, left: int, rate: str = "1000/minute") -> Lease:
    return Lease(Budget("test", parse(rate)), size, left, remaining=100, taken_at=0.0, more_at=30.0)


def test_a_lease_is_spent_one_by_one_and_says_what_is_left() -> None:
    made = lease(size=2, left=2)

    standings = [made.spend(0.1) for _ in range(3)]

    assert [one and (one.allowed, one.remaining, one.seconds) for one in standings] == [
        (True, 101, 30),
        (True, 100, 30),
        None,
    ]


def test_a_lease_ends_soon_and_a_refusal_is_looked_at_again_as_soon() -> None:
    assert lease(size=2, left=2).spend(LEASE_LIFE) is None
    assert lease(size=0, left=0).spend(LEASE_LIFE) is None


def test_a_refusal_is_repeated_without_asking_redis() -> None:
    standing = lease(size=0, left=0).spend(0.5)

    assert standing is not None
    assert not standing.allowed


def test_leases_grow_with_haste_up_to_a_part_of_the_budget_and_shrink_to_what_was_used() -> None:
    assert lease(size=2, left=0).next_size(0.1) == 4
    assert lease(size=8, left=0).next_size(0.1) == 10
    assert lease(size=8, left=0).next_size(0.9) == 8
    assert lease(size=8, left=5).next_size(7.0) == 3
    assert lease(size=8, left=8).next_size(7.0) == 1
    assert lease(size=1, left=0, rate="20/hour").next_size(0.1) == 1


def test_an_answer_comes_through_the_breaker() -> None:
    assert Breaker().ask(lambda: 7) == 7


@pytest.mark.parametrize("error", [redis.ConnectionError, redis.TimeoutError, redis.exceptions.BusyLoadingError])
def test_while_redis_is_away_it_is_asked_once_in_a_while_and_every_pass_is_counted(
    clock: Callable[[float], None], error: type[redis.RedisError]
) -> None:
    breaker, asked, before = Breaker(), [], unavailable()

    def fail() -> int:
        asked.append(1)
        raise error

    answers = [breaker.ask(fail) for _ in range(50)]
    clock(PAUSE + 1)
    answers += [breaker.ask(fail) for _ in range(50)]

    assert set(answers) == {None}
    assert len(asked) == 2
    assert unavailable() - before == 100


def test_only_one_request_waits_to_find_out_whether_redis_is_back(clock: Callable[[float], None]) -> None:
    breaker, hanging, release = Breaker(), threading.Event(), threading.Event()
    breaker.ask(lambda: (_ for _ in ()).throw(redis.TimeoutError))
    clock(PAUSE + 1)

    def hang() -> int:
        hanging.set()
        release.wait(10)
        return 1

    one = threading.Thread(target=breaker.ask, args=(hang,))
    one.start()
    assert hanging.wait(10)
    asked: list[int] = []
    assert breaker.ask(lambda: asked.append(1)) is None
    release.set()
    one.join()

    assert asked == []
    assert breaker.ask(lambda: 7) == 7


@pytest.mark.parametrize(
    ("written", "amount", "seconds"),
    [("600/minute", 600, 60), ("50 per 15 minutes", 50, 900), ("5 per 2 hours", 5, 7200), ("1/second", 1, 1)],
)
def test_a_rate_is_so_many_in_a_time(written: str, amount: int, seconds: int) -> None:
    rate = parse_rate(written)

    assert rate is not None
    assert (rate.amount, rate.get_expiry()) == (amount, seconds)


def test_a_rate_may_be_off() -> None:
    assert parse_rate("off") is None


@pytest.mark.parametrize(
    "written", ["", "600", "many/minute", "600/fortnight", "0/minute", "1/minute; 2/hour", "-1/minute"]
)
def test_a_rate_that_makes_no_sense_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="must"):
        parse_rate(written)


def test_a_wait_is_told_in_seconds_or_minutes() -> None:
    assert [in_words(seconds) for seconds in (1, 119, 120, 121)] == [
        "1 second",
        "119 seconds",
        "2 minutes",
        "3 minutes",
    ]
