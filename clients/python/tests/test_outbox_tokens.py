"""A service token is rotated while an outbox is forwarded with it: no job is lost and none is there twice."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from bellhop_client import Client, NewServiceToken, Retries, Unreachable
from bellhop_client.outbox import Carried, Forwarder
from tests.own_database import OwnDatabase
from tests.relay import BATCH, Relay
from tests.site import Site
from tests.stack import Stack, wait_until


@pytest.fixture
def token(bellhop: Client, store: OwnDatabase) -> NewServiceToken:
    return bellhop.tokens.create(store.tag, tasks=["test.*"])


@pytest.fixture
def lossy(site: Site, stack: Stack) -> Iterator[Callable[[str], Client]]:
    """Make clients by way of a site, which loses the answers to three jobs, together and apart."""
    made: list[Client] = []
    site.answers[BATCH] = Relay(stack, cuts=1 + 3)

    def open_one(secret: str) -> Client:
        made.append(Client(site.url(), secret, retries=Retries(attempts=1)))
        return made[-1]

    yield open_one
    for client in made:
        client.close()


def rotated(bellhop: Client, token: NewServiceToken) -> str:
    """Return another secret; the one before ends at once."""
    return bellhop.tokens.rotate(token, old_until=datetime.now(UTC)).token


def is_used(bellhop: Client, token: NewServiceToken) -> bool:
    """Whether the newest secret of a token has been used."""
    [found] = [one for one in bellhop.tokens.list() if one.id == token.id]
    return found.secrets[0].last_used_at is not None


def test_what_was_sent_with_the_old_secret_is_known_with_the_new_one(
    bellhop: Client, store: OwnDatabase, token: NewServiceToken, lossy: Callable[[str], Client]
) -> None:
    store.write(*(store.addition(number) for number in range(5)))
    with pytest.raises(Unreachable):
        Forwarder(lossy(token.token), store.url, batch=3).drain()
    assert (sorted(store.numbers()), store.waiting()) == ([0, 1, 2], 5)

    new = rotated(bellhop, token)

    assert Forwarder(lossy(new), store.url, batch=3).drain() == Carried(5, 0)
    assert sorted(store.numbers()) == [0, 1, 2, 3, 4]


def test_a_forwarder_that_runs_goes_on_with_the_new_secret(
    bellhop: Client, store: OwnDatabase, stack: Stack, token: NewServiceToken
) -> None:
    secret = [token.token]
    with Client(stack.url, lambda: secret[0]) as client, Forwarder(client, store.url):
        store.write(store.addition(1))
        wait_until(lambda: not store.waiting())
        secret[0] = rotated(bellhop, token)
        store.write(store.addition(2))
        wait_until(lambda: not store.waiting())

    assert sorted(store.numbers()) == [1, 2]
    assert is_used(bellhop, token)


def test_two_secrets_of_a_token_are_one_submitter(
    bellhop: Client, store: OwnDatabase, stack: Stack, token: NewServiceToken
) -> None:
    second = bellhop.tokens.rotate(token).token

    with Client(stack.url, token.token) as before, Client(stack.url, second) as after:
        jobs = [client.submit("test.noop", key=store.tag, delay=9_999) for client in (before, after)]

    assert jobs[0].id == jobs[1].id
