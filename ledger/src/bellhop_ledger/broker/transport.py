"""The transport to Redis: kombu's own, quicker, and careful with messages that are odd or whose connection is gone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from queue import Empty
from time import monotonic, time
from typing import Any

import kombu
from kombu.transport import redis
from kombu.utils.json import dumps
from redis.exceptions import RedisError, ResponseError

from bellhop_ledger.broker import envelopes
from bellhop_ledger.platform.log import get_logger

log = get_logger(__name__)

DOOR = "celery"
"""The queue of a plain Celery client that names none; every worker serves it."""
left_behind: set[str] = set()
"""Tags of messages without a row that could not be put back when their connection went; the next channel does it."""


class CheckedReplies:
    """What a client of Redis does besides: a message that kombu could not take arrives in an envelope around it."""

    def parse_response(self, connection: Any, command_name: str, **options: Any) -> Any:
        """Read the answer to a command."""
        reply = super().parse_response(connection, command_name, **options)  # type: ignore[misc]
        if command_name != "BRPOP" or not reply:
            return reply
        key, item = reply
        return key, envelopes.readable(item, key.decode().partition(redis.Channel.sep)[0])


class QoS(redis.QoS):  # type: ignore[misc]
    """Puts messages without a row back when their connection goes. What is in the ledger is sent again from there."""

    rests_until = 0.0
    """Until then no message is asked for (monotonic seconds): the last one could not be taken."""
    has_room: Callable[[], bool] = staticmethod(lambda: True)
    """Whether whoever reads this channel can take another message."""

    def can_consume(self) -> bool:
        """Whether another message may be asked for."""
        return monotonic() >= self.rests_until and self.has_room() and bool(super().can_consume())

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge a message."""
        with self._settled(delivery_tag):
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Reject a message."""
        with self._settled(delivery_tag, requeue=requeue):
            super().reject(delivery_tag, requeue)

    @contextmanager
    def _settled(self, tag: str, *, requeue: bool = False) -> Iterator[None]:
        """Count a message as done also where Redis does not take that: or no other would ever be asked for.

        It stays in Redis and comes again after the visibility timeout, which does no harm. One without a row that
        was to be put back is put back by the next channel.
        """
        try:
            yield
        except (RedisError, OSError):
            message = self._delivered.get(tag)
            if requeue and message is not None and not envelopes.is_ours(message.headers):
                left_behind.add(tag)
            self._quick_ack(tag)
            raise

    def restore_unacked(self, client: Any = None) -> None:
        """Put back what has no row."""
        left_behind.update(tag for tag, one in self._delivered.items() if not envelopes.is_ours(one.headers))
        self._delivered.clear()
        try:
            self.restore_left_behind()
        except (RedisError, OSError) as error:
            log.warning("messages_left_behind", messages=len(left_behind), error=repr(error))

    def restore_left_behind(self) -> None:
        """Put back what an earlier channel could not."""
        while left_behind:
            tag = left_behind.pop()
            try:
                self.restore_by_tag(tag)
            except Exception:
                left_behind.add(tag)
                raise

    def restore_by_tag(self, tag: str, client: Any = None, leftmost: bool = False) -> None:
        """Put a message back into its queue; what is no message of kombu's goes to where every worker looks at it."""
        try:
            super().restore_by_tag(tag, client, leftmost)
        except (RedisError, OSError):
            raise
        except Exception as error:
            log.warning("message_put_aside", tag=str(tag)[:100], error=repr(error)[:200])
            self._put_aside(tag)

    def _put_aside(self, tag: str) -> None:
        with self.channel.conn_or_acquire() as client, client.pipeline() as pipeline:
            if (item := client.hget(self.unacked_key, tag)) is not None:
                pipeline.lpush(DOOR, item)
            self._remove_from_indices(tag, pipeline).execute()


class Channel(redis.Channel):  # type: ignore[misc]
    """Uses one client for all its commands, and leaves a message alone whose connection was lost while its jobs ran.

    Kombu makes a client for nearly every command, which takes longer than the command. And it
    would acknowledge or reject such a message over the connection that it has closed, which the
    worker would not survive; the ledger knows the jobs, so nothing is lost.
    """

    QoS = QoS
    _shared: Any = None

    def _get_client(self) -> Any:
        return type("Client", (CheckedReplies, super()._get_client()), {})

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous=True)
        if self._shared is None or self._shared.connection_pool is not self.pool:
            self._shared = super()._create_client()
        return self._shared

    def text_of(self, queue: str, message: dict[str, Any], tag: str) -> str:
        """Return what a queue keeps of a prepared message sent straight to it: an emptied Redis knows no binding."""
        self._inplace_augment_message(message, "", queue)
        message["properties"]["delivery_tag"] = tag
        return str(dumps(message))

    def put_all(self, texts: Mapping[tuple[str, int], Sequence[str]]) -> None:
        """Put messages, by queue and priority, behind those that are there."""
        with self.conn_or_acquire() as client, client.pipeline(transaction=False) as pipeline:
            for (queue, priority), some in texts.items():
                pipeline.lpush(self._q_for_pri(queue, priority), *some)
            pipeline.execute()

    def put_back_stranded(self, seconds: float) -> int:
        """Put back messages without a row that somebody has held for longer, and return their number.

        A worker writes such a message down at once. One that it still holds was left behind when it died.
        """
        with self.conn_or_acquire() as client:
            tags = client.zrange(self.unacked_index_key, 0, time() - seconds, byscore=True)
            items = client.hmget(self.unacked_key, tags) if tags else []
        stranded = [tag for tag, item in zip(tags, items, strict=True) if not envelopes.names_jobs(item)]
        for tag in stranded:
            self.qos.restore_by_tag(tag)
        return len(stranded)

    def basic_consume(self, *args: Any, **kwargs: Any) -> Any:
        """Begin to take messages from a queue."""
        self.qos.restore_left_behind()
        return super().basic_consume(*args, **kwargs)

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        """Acknowledge a message."""
        if not self.closed:
            super().basic_ack(delivery_tag, multiple)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Reject a message."""
        if not self.closed:
            super().basic_reject(delivery_tag, requeue)

    def close(self) -> None:
        """Close it, with the connections that putting messages back has opened."""
        super().close()
        self._disconnect_pools()

    def _do_restore_message(self, payload: Any, exchange: Any, routing_key: Any, *args: Any, **kwargs: Any) -> None:
        """Put a message back; what is odd, or belongs to no queue, kombu would drop."""
        envelopes.check(payload)
        if not any(self._lookup(exchange, routing_key)):
            exchange, routing_key = "", DOOR
        super()._do_restore_message(payload, exchange, routing_key, *args, **kwargs)

    def _receive_one(self, c: Any) -> Any:
        try:
            return super()._receive_one(c)
        except RecursionError:
            log.warning("control_message_refused", error="it is nested too deeply")
            raise Empty from None

    def _deliver_fanout_message(self, message: Any, exchange: str) -> bool:
        try:
            envelopes.check(message)
        except envelopes.Unreadable as error:
            log.warning("control_message_refused", error=str(error))
            return False
        return bool(super()._deliver_fanout_message(message, exchange))


class Transport(redis.Transport):  # type: ignore[misc]
    """Kombu's, with channels of ours.

    An error that Redis answers is to it what a lost connection is, for it passes with the failover, the
    full memory or the long script that it is due to: whoever uses the transport connects again.
    """

    Channel = Channel
    connection_errors = (*redis.Transport.connection_errors, ResponseError)


class Connection(kombu.Connection):  # type: ignore[misc]
    """Kombu's over our transport, whose address still begins with redis:// or rediss://.

    Kombu would take a transport by an alias, which all of the process shares, or by its class, which
    then stands in the address that Flower and the log read.
    """

    def get_transport_cls(self) -> type[Transport]:
        """Return our transport."""
        return Transport
