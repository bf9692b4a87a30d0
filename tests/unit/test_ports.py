"""Ports for servers that are about to start."""

import socket

from bellhop_local.ports import BLOCK, HOST, free_port


def test_nobody_is_given_a_port_twice_before_a_server_had_time_to_take_it() -> None:
    given = [free_port() for _ in range(BLOCK // 2)]

    assert len(set(given)) == len(given)


def test_a_port_that_is_taken_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, free_port()))
        taken.listen()

        assert taken.getsockname()[1] not in {free_port() for _ in range(BLOCK)}
