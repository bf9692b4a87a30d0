"""The transport to Redis: kombu's own, quicker, and careful with messages whose connection is gone."""

from collections.abc import Mapping, Sequence
from typing import Any

import kombu
from kombu.transport import redis
from kombu.utils.json import dumps


class Channel(redis.Channel):  # type: ignore[misc]
    """Uses one client for all its commands, and leaves a message alone whose connection was lost while its jobs ran.

    Kombu makes a client for nearly every command, which takes longer than the command. And it
    would put such a message back, acknowledge or reject it over the connection that it has
    closed, which the worker would not survive; the ledger knows the jobs, so nothing is lost.
    """

    do_restore = False
    _shared: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous=True)
        if self._shared is None or self._shared.connection_pool is not self.pool:
            self._shared = super()._create_client()
        return self._shared

    def text_of(self, queue: str, message: dict[str, Any], tag: str) -> str:
        """Give what a queue keeps of a prepared message that goes straight to it: an emptied Redis knows no binding."""
        self._inplace_augment_message(message, "", queue)
        message["properties"]["delivery_tag"] = tag
        return str(dumps(message))

    def put_all(self, texts: Mapping[tuple[str, int], Sequence[str]]) -> None:
        """Put messages, by queue and priority, behind those that are there."""
        with self.conn_or_acquire() as client, client.pipeline(transaction=False) as pipeline:
            for (queue, priority), some in texts.items():
                pipeline.lpush(self._q_for_pri(queue, priority), *some)
            pipeline.execute()

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        """Acknowledge a message."""
        if not self.closed:
            super().basic_ack(delivery_tag, multiple)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Reject a message."""
        if not self.closed:
            super().basic_reject(delivery_tag, requeue)


class Transport(redis.Transport):  # type: ignore[misc]
    """Kombu's, with channels of ours."""

    Channel = Channel


class Connection(kombu.Connection):  # type: ignore[misc]
    """Kombu's over our transport, whose address still begins with redis:// or rediss://.

    Kombu would take a transport by an alias, which all of the process shares, or by its class, which
    then stands in the address that Flower and the log read.
    """

    def get_transport_cls(self) -> type[Transport]:
        """Return our transport."""
        return Transport
