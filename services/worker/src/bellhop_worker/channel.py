"""The channel to Redis: kombu's own, but for what it does about messages after their connection is gone."""

from kombu.transport import redis


class Channel(redis.Channel):  # type: ignore[misc]
    """Leaves a message alone whose connection was lost while its jobs ran.

    Kombu would put it back, acknowledge or reject it over the connection that it has closed,
    and the worker would not survive that. The ledger knows the jobs: nothing is lost.
    """

    do_restore = False

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        """Acknowledge a message."""
        if not self.closed:
            super().basic_ack(delivery_tag, multiple)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Reject a message."""
        if not self.closed:
            super().basic_reject(delivery_tag, requeue)


def install() -> None:
    """Have the transport use it."""
    redis.Transport.Channel = Channel
