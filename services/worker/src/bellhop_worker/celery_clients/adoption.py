"""The door: what a worker receives that did not come from our sender is written into the ledger, then acknowledged."""

import time
from collections.abc import Collection

from kombu import Message
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from bellhop_ledger.ledger.adopt import Call, Refusal, adopt, refuse
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.jsontext import cleaned
from bellhop_ledger.platform.log import get_logger
from bellhop_worker.celery_clients import messages

log = get_logger(__name__)

REFUSED = (DataError, IntegrityError)
"""The database does not take the message. Whatever else goes wrong with it, it is away."""
PAUSE = 1.0
"""Seconds for which no message is asked for when one could not be taken."""
PATIENCE = text("SET LOCAL statement_timeout = '5s'")
"""The main process waits here."""
LONGEST_ID = 200
"""Characters of a client's id that are logged."""


class Door:
    """Takes messages without a row into the ledger. Whatever a message is, it ends as a row."""

    def __init__(self, keep: float):
        self._keep = keep

    def admit(self, message: Message) -> None:
        """Write the row, or rows, and acknowledge the message; without the database put it back.

        Raises an error of redis-py or kombu when Redis is away: the message is still there then.
        """
        for read in (messages.read, messages.unstored):
            try:
                self._store(read(message))
                break
            except Exception as error:
                if isinstance(error, SQLAlchemyError) and not isinstance(error, REFUSED):
                    self._put_back(message, error)
                    return
                log.exception("message_not_stored")
        message.ack()

    def _put_back(self, message: Message, error: Exception) -> None:
        log.warning("message_put_back", error=repr(error)[:500])
        message.channel.qos.rests_until = time.monotonic() + PAUSE
        message.reject(requeue=True)

    def _store(self, found: Call | list[Refusal]) -> None:
        with transaction() as db:
            db.execute(PATIENCE)
            if isinstance(found, Call):
                new = adopt(db, found)
            else:
                written = refuse(db, found, keep=self._keep)
        if isinstance(found, Call):
            facts = {
                "job_id": str(found.id),
                "task_id": cleaned(found.task_id, LONGEST_ID),
                "task": found.signature.name,
            }
            log.info("message_taken" if new else "message_repeated", **facts, ignored=found.ignored)
        else:
            log_refusals(found, written)


def log_refusals(refusals: list[Refusal], written: Collection[object]) -> None:
    """Log what was refused, each in a line of its own."""
    for one in refusals:
        facts = {"job_id": str(one.id), "task_id": cleaned(one.task_id, LONGEST_ID), "task": one.task}
        if one.id not in written:
            log.info("message_repeated", **facts)
        elif one.state is State.CANCELLED:
            log.info("message_cancelled", **facts, reason=one.reason)
        else:
            log.warning("message_refused", **facts, error=f"{one.kind}: {one.reason}")
