"""An ended job that is retried while it is filed away: the retry waits a moment, and finds it in its new place."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from bellhop_ledger.ledger import control, many
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.retention import forget
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from tests.locks import someone_waits
from tests.stack import Stack
from tests.tasks import signatures

ANN = Actor("user:ann")
ENDED = "UPDATE jobs SET state = 'failed', finished_at = now(), expires_at = now() + interval '1 hour', error = '{}'"


def retry(id: UUID) -> int:
    with transaction() as db:
        control.retry(db, id, by=ANN)
        return 1


def retry_among_others(id: UUID) -> int:
    with transaction() as db:
        return len(many.retry_many(db, [id], ended_by=clock.now(), by=ANN))


@pytest.mark.parametrize(("act", "waiting"), [(retry, "%DELETE FROM jobs%"), (retry_among_others, "%FOR UPDATE%")])
def test_a_retry_finds_the_job_that_is_filed_in_this_moment(
    ledger: Stack, act: Callable[[UUID], int], waiting: str
) -> None:
    with transaction() as db:
        job = submit(db, signatures.noop)
    ledger.sql(ENDED)

    with ThreadPoolExecutor(1) as pool:
        with transaction() as db:
            assert forget.file_ended(db, most=10) == 1
            retried = pool.submit(act, job.id)
            someone_waits(ledger, waiting)
        assert retried.result(60) == 1

    assert ledger.sql("SELECT id, state FROM jobs") == [(str(job.id), "queued")]
