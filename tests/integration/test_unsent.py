"""Unsent jobs: the scheduler says that it has sent them when it has, and not before."""

from collections.abc import Sequence

import pytest
import redis
from sqlalchemy import text
from structlog.testing import capture_logs

from bellhop_ledger.broker.messages import ReadyJob
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.platform.database import transaction
from bellhop_scheduler import readings
from bellhop_scheduler.broker import Broker
from bellhop_scheduler.sending import Sending
from tests.tasks.signatures import noop_leased


class Refusing(Broker):
    """A Redis that is full."""

    def send(self, jobs: Sequence[ReadyJob]) -> None:
        raise redis.exceptions.OutOfMemoryError("command not allowed when used memory > 'maxmemory'")


def relayed() -> float:
    return readings.RELAYED._value.get()  # type: ignore[no-any-return]


@pytest.mark.usefixtures("ledger")
def test_jobs_are_said_to_be_sent_only_when_they_are() -> None:
    with transaction() as db:
        submit_all(db, [NewJob(noop_leased, {}) for _ in range(3)], publish=False)
        db.execute(text("UPDATE jobs SET queued_at = now() - interval '1 minute'"))
    before = relayed()

    with capture_logs() as refused, pytest.raises(redis.RedisError):
        Sending(Refusing()).send_unsent()
    after_refusal = relayed()
    with capture_logs() as sent:
        Sending(Broker()).send_unsent()

    assert (refused, after_refusal) == ([], before)
    assert [(line["event"], line["jobs"]) for line in sent] == [("unsent_jobs_sent", 3)]
    assert relayed() == before + 3
