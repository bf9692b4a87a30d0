"""A job to which alone no answer comes is tried again later, so that it does not hold up those behind it."""

from collections.abc import Callable

import pytest

from bellhop_client import Client, NoAnswer, Retries
from bellhop_client.outbox import Carried, Forwarder, forwarder
from bellhop_client.outbox.offering import MOST_LOST
from tests.own_database import OwnDatabase
from tests.relay import BATCH, CUT, Relay, keys_of
from tests.site import Asked, Raw, Says, Site
from tests.stack import TOKEN, Stack, wait_until

SILENCE = Raw(b"", silent=True)
SECONDS = 3.0
"""A time-out that is passed where nothing is answered, and that no answer takes."""
Lose = Callable[..., None]


@pytest.fixture
def lose(site: Site, stack: Stack) -> Lose:
    """Do what the batches with one of these keys ask for, and let their answers never come; answer all others."""

    def let(*keys: str, how: Raw = CUT) -> None:
        relay = Relay(stack, cuts=0)

        def answer(asked: Asked) -> Says | Raw:
            says = relay(asked)
            return how if set(keys) & set(keys_of(asked)) else says

        site.answers[BATCH] = answer

    return let


def aside(store: OwnDatabase) -> list[str]:
    """Return the keys of what is tried again later."""
    found = store.sql("SELECT key FROM bellhop_outbox WHERE retry_at > now() ORDER BY number")
    return [key for (key,) in found]


def let_be_due(store: OwnDatabase) -> None:
    """Let what is tried again later be tried again now."""
    store.sql("UPDATE bellhop_outbox SET retry_at = now() WHERE retry_at IS NOT NULL")


def test_a_server_that_hangs_for_one_job_gets_the_others_in_their_order_and_that_one_once(
    site: Site, stack: Stack, store: OwnDatabase, lose: Lose, caplog: pytest.LogCaptureFixture
) -> None:
    keys = store.write(*(store.addition(number) for number in range(9)))
    lose(keys[2], how=SILENCE)

    with Client(site.url(), TOKEN, timeout=SECONDS) as client:
        assert Forwarder(client, store.url, batch=5).drain() == Carried(accepted=8, refused=0, postponed=1)

        assert aside(store) == keys[2:3]
        assert f"Job {keys[2]} (test.add) of the outbox is tried again later: POST " in caplog.text
        lose()
        let_be_due(store)
        assert Forwarder(client, store.url).drain() == Carried(1, 0)

    assert sorted(store.numbers()) == list(range(9))
    one_by_one = [keys[:1], keys[1:2], keys[2:3]]
    expected = [keys[:5], *one_by_one, keys[3:8], keys[8:], keys[2:3]]
    assert [keys_of(asked) for asked in site.asked] == expected


def test_a_forwarder_that_runs_looks_for_it_after_five_tries_and_for_more_of_its_kind_at_once(
    through: Client, store: OwnDatabase, site: Site, lose: Lose, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarder, "PAUSES", Retries(first=0.01, longest=0.02))
    keys = store.write(*(store.addition(number) for number in range(6)))
    lose(keys[1], keys[4])

    with Forwarder(through, store.url):
        wait_until(lambda: not store.waiting())

    one_by_one = [keys[:1], keys[1:2]]
    again = [keys[2:], keys[2:3], keys[3:4], keys[4:5], keys[5:]]
    assert [keys_of(asked) for asked in site.asked] == [keys] * 6 + one_by_one + again
    assert aside(store) == [keys[1], keys[4]]
    assert sorted(store.numbers()) == list(range(6))


def test_those_that_come_first_are_found_by_the_one_behind_them(
    through: Client, store: OwnDatabase, lose: Lose
) -> None:
    keys = store.write(*(store.addition(number) for number in range(MOST_LOST + 2)))
    lose(*keys[: MOST_LOST - 1])

    assert Forwarder(through, store.url).drain() == Carried(3, 0, MOST_LOST - 1)

    assert aside(store) == keys[: MOST_LOST - 1]


def test_a_server_that_answers_nothing_sets_nothing_aside_and_is_not_waited_for_forever(
    through: Client, store: OwnDatabase, site: Site
) -> None:
    site.answers[BATCH] = CUT
    store.write(*(store.addition(number) for number in range(200)))

    with pytest.raises(NoAnswer):
        Forwarder(through, store.url).drain()

    assert (store.waiting(), len(site.asked)) == (200, 1 + MOST_LOST)


def test_one_that_was_postponed_and_gets_no_answer_again_leaves_the_others_for_the_next_time(
    through: Client, store: OwnDatabase, site: Site, lose: Lose
) -> None:
    keys = store.write(*(store.addition(number) for number in range(3)))
    store.sql("UPDATE bellhop_outbox SET refused_at = now(), refusal = 'so far', retry_at = now()")
    lose(keys[0])

    assert Forwarder(through, store.url).drain() == Carried(2, 0, 1)

    assert [keys_of(asked) for asked in site.asked] == [[key] for key in keys]
    assert aside(store) == keys[:1]
