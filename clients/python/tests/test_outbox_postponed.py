"""A job that alone is answered with 5xx is tried again later, so that it does not hold up those behind it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from bellhop_client import Client, JobRequest, Retries, ServerError
from bellhop_client.outbox import Carried, Forwarder, Outbox, forwarder
from bellhop_client.outbox.offering import MOST_FAILURES
from tests.own_database import OwnDatabase
from tests.relay import BATCH, Relay, keys_of
from tests.site import Asked, Raw, Says, Site
from tests.stack import Stack, wait_until

ILL = Says(500, b"<html>a bug")
Poison = Callable[..., None]


@pytest.fixture
def poison(site: Site, stack: Stack) -> Poison:
    """Let the batches with one of these keys be answered with 500, and hand on all others."""

    def let(*keys: str, **more: Any) -> None:
        relay = Relay(stack, cuts=0)

        def answer(asked: Asked) -> Says | Raw:
            return ILL if set(keys) & set(keys_of(asked)) else relay(asked)

        site.answers[BATCH] = answer

    return let


def aside(store: OwnDatabase) -> list[tuple[Any, ...]]:
    """Return the keys of what was set aside, why, and in how many whole minutes it is tried again."""
    minutes = "round(extract(epoch FROM retry_at - now()) / 60)::int"
    return store.sql(f"SELECT key, refusal, {minutes} FROM bellhop_outbox WHERE refused_at IS NOT NULL ORDER BY number")


def test_it_is_postponed_and_the_others_arrive_in_their_order(
    through: Client, store: OwnDatabase, poison: Poison, caplog: pytest.LogCaptureFixture
) -> None:
    keys = store.write(*(store.addition(number) for number in range(9)))
    poison(keys[2], keys[3])

    carried = Forwarder(through, store.url, batch=5).drain()

    assert carried == Carried(accepted=7, refused=0, postponed=2)
    assert store.numbers() == [0, 1, 4, 5, 6, 7, 8]
    reason = "500 Internal Server Error: Internal Server Error"
    assert aside(store) == [(keys[2], reason, 1), (keys[3], reason, 1)]
    assert f"Job {keys[2]} (test.add) of the outbox is tried again later: {reason}" in caplog.text


def test_a_forwarder_that_runs_keeps_the_order_for_five_tries(
    through: Client, store: OwnDatabase, poison: Poison, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarder, "PAUSES", Retries(first=0.01, longest=0.02))
    keys = store.write(*(store.addition(number) for number in range(4)))
    poison(keys[0])

    with Forwarder(through, store.url):
        wait_until(lambda: not store.waiting())

    asked = [keys_of(one) for one in site.asked]
    assert asked == [keys] * 6 + [keys[:2], keys[:1], keys[1:2], keys[2:]]
    assert store.numbers() == [1, 2, 3]
    assert [key for key, *_ in aside(store)] == keys[:1]


@pytest.mark.parametrize(("minutes", "pause"), [(0, 1), (10, 10), (300, 60)])
def test_it_is_tried_again_after_twice_the_time_and_holds_up_nothing(
    through: Client, store: OwnDatabase, poison: Poison, minutes: int, pause: int
) -> None:
    [key] = store.write(store.addition(0))
    poison(key)
    set_aside(store, minutes)
    store.write(store.addition(1))

    assert Forwarder(through, store.url).drain() == Carried(1, 0, 1)

    assert [(one, again) for one, _, again in aside(store)] == [(key, pause)]
    assert Forwarder(through, store.url).drain() == Carried(0, 0)


def set_aside(store: OwnDatabase, minutes: int) -> None:
    """Let what is in the outbox be such that it was postponed so long ago, and is to be tried again now."""
    ago = timedelta(minutes=minutes)
    store.sql("UPDATE bellhop_outbox SET refused_at = now() - %s, refusal = 'so far', retry_at = now()", ago)


def test_it_is_accepted_at_last_or_refused_for_good(bellhop: Client, store: OwnDatabase) -> None:
    store.write(store.addition(0), JobRequest("test.ad"))
    set_aside(store, 5)

    assert Forwarder(bellhop, store.url).drain() == Carried(1, 1)

    assert store.numbers() == [0]
    [(_, reason, again)] = aside(store)
    assert (reason.startswith("task: there is no task"), again) == (True, None)


def test_a_forwarder_that_runs_looks_for_them(through: Client, store: OwnDatabase, poison: Poison) -> None:
    store.write(store.addition(0))
    set_aside(store, 5)
    poison()

    with Forwarder(through, store.url):
        wait_until(lambda: store.sql("SELECT count(*) FROM bellhop_outbox") == [(0,)])

    assert store.numbers() == [0]


def test_a_server_that_is_ill_sets_nothing_aside_and_is_not_flooded(
    through: Client, store: OwnDatabase, site: Site
) -> None:
    site.answers[BATCH] = ILL
    store.write(*(store.addition(number) for number in range(200)))

    with pytest.raises(ServerError):
        Forwarder(through, store.url).drain()

    assert (store.waiting(), len(site.asked)) == (200, MOST_FAILURES)


def test_it_is_listed_and_can_be_released(through: Client, store: OwnDatabase, poison: Poison) -> None:
    keys = store.write(store.addition(0), store.addition(1))
    poison(keys[0])
    Forwarder(through, store.url).drain()
    poison()

    with psycopg.connect(store.url) as connection:
        [job] = Outbox(connection).refused()
        assert (job.key, job.retry_at is None) == (keys[0], False)
        assert Outbox(connection).release(job.key) == 1

    assert Forwarder(through, store.url).drain() == Carried(1, 0)
