"""Replacing the server: what all drivers are asked to do is done by something else."""

from typing import Protocol

import pytest

from bellhop_client.connections import AsyncConnectionRunner, ConnectionRunner
from bellhop_client.drivers import AsyncDriver, Driver
from bellhop_client.exchange import Act


class Does(Protocol):
    """Does what flows ask for."""

    def do(self, act: Act) -> object:
        """Return what came of it."""


def answer_by(other: Does, patch: pytest.MonkeyPatch) -> None:
    """Replace every client and transaction of this process by another."""

    def do(_: object, act: Act) -> object:
        return other.do(act)

    async def awaited(_: object, act: Act) -> object:
        return other.do(act)

    for blocking in (Driver, ConnectionRunner):
        patch.setattr(blocking, "do", do)
    for asynchronous in (AsyncDriver, AsyncConnectionRunner):
        patch.setattr(asynchronous, "do", awaited)
