"""Gunicorn's worker: who makes room for whom, and what is kept for a slow reader."""

import selectors
import socket
from typing import Any

from bellhop_web.server.crowd import Crowd, Shares, Watch
from bellhop_web.server.line import MOST_UNSENT, Line
from bellhop_web.server.poller import Poller


class Conn:
    """A connection, as far as it is looked at here."""

    def __init__(self, who: str, sock: Any = None):
        self.who, self.sock = who, sock


def visitor(crowd: Crowd, who: str) -> Conn:
    """Somebody who has come and waits."""
    conn = Conn(who)
    crowd.enter(who)
    crowd.wait(conn, Watch(0.0, lambda _: None, selectors.EVENT_READ))
    return conn


def test_who_has_waited_longest_makes_room_whoever_it_is() -> None:
    crowd = Crowd(most=3, most_each=3)
    first, second, _, _ = (visitor(crowd, who) for who in "abcd")

    assert crowd.is_full("d")
    assert crowd.oldest("d") is first
    crowd.take(first)
    assert crowd.oldest("d") is second


def test_an_address_with_too_many_makes_room_itself() -> None:
    crowd = Crowd(most=100, most_each=2)
    visitor(crowd, "other")
    mine = [visitor(crowd, "mine") for _ in range(3)]

    assert not crowd.is_full("other")
    assert crowd.is_full("mine")
    assert crowd.oldest("mine") is mine[0]


def test_nobody_else_makes_room_for_an_address_whose_connections_all_have_threads() -> None:
    crowd = Crowd(most=100, most_each=1)
    visitor(crowd, "other")
    crowd.enter("mine")
    crowd.enter("mine")

    assert crowd.is_full("mine")
    assert crowd.oldest("mine") is None


def test_no_address_takes_all_places() -> None:
    shares = Shares(most=3, most_each=2)

    assert [shares.take(who) for who in ("a", "a", "a", "b", "c")] == [True, True, False, True, False]
    shares.give_back("a")
    assert [shares.take(who) for who in ("c", "a")] == [True, False]


def test_an_event_of_a_connection_that_made_room_in_the_same_moment_is_nothing() -> None:
    poller, (ours, theirs), seen = Poller.__new__(Poller), socket.socketpair(), list[Any]()
    poller.poller, poller.nr_conns, poller._crowd = selectors.DefaultSelector(), 1, Crowd(10, 10)
    conn = Conn("a", ours)
    poller._crowd.enter("a")
    poller.watch(conn, selectors.EVENT_READ, seen.append, 10, seen.append)
    theirs.send(b"x")
    [(key, _)] = poller.poller.select(1)

    poller.drop(conn)
    key.data(key.fileobj)

    assert seen == []
    theirs.close()


def test_a_line_keeps_what_the_network_does_not_take_and_gives_it_in_order() -> None:
    ours, theirs = socket.socketpair()
    line, sent = Line(ours), bytes(range(256)) * 3_000

    for start in range(0, len(sent), 100_000):
        line.sendall(sent[start : start + 100_000])
    kept = len(line.unsent)
    received = b""
    while len(received) < len(sent):
        received += theirs.recv(50_000)
        line.send_some()

    assert 0 < kept < MOST_UNSENT
    assert received == sent
    line.close()
    theirs.close()
