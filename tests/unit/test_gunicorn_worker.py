"""Gunicorn's worker: events that come too late for their connection."""

import socket
from types import SimpleNamespace

from bellhop_web.gunicorn_line import MOST_UNSENT, Line
from bellhop_web.gunicorn_worker import Worker


def test_an_event_of_a_connection_that_made_room_in_the_same_moment_is_nothing() -> None:
    ours, theirs = socket.socketpair()
    line = Line(ours)
    line.close()

    Worker.__new__(Worker).on_client_socket_readable(SimpleNamespace(sock=line), line)

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
