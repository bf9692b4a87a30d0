"""What a backend of Postgres keeps for us is bounded: large batches go in pieces, and no connection lives for ever."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError

from bellhop_ledger.ledger.submit import MOST_ROWS, NewJob, submit_all
from bellhop_ledger.platform.database import LONGEST_CONNECTION, engine, transaction
from tests.stack import Stack
from tests.tasks.signatures import listed, noop

SERVER = text("SELECT pg_backend_pid()")
MANY = 10_000


def own_mib(backend: int) -> float:
    """What a backend has allocated for itself: without the buffers that all of them share."""
    lines = Path(f"/proc/{backend}/smaps_rollup").read_text().splitlines()
    [kib] = [line.split()[1] for line in lines if line.startswith("Anonymous:")]
    return int(kib) / 1024


@pytest.mark.usefixtures("ledger")
@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux")
def test_a_backend_keeps_little_of_a_batch_of_ten_thousand_jobs() -> None:
    engine().dispose()

    with transaction() as db:
        submit_all(db, [NewJob(noop, {}) for _ in range(MANY)], publish=False)
        backend = db.scalar(SERVER)

    assert own_mib(backend) < 25


@pytest.mark.usefixtures("ledger")
def test_a_batch_that_goes_in_pieces_keeps_its_order() -> None:
    wanted = [NewJob(listed, {"what": str(n)}) for n in range(2 * MOST_ROWS + 1)]

    with transaction() as db:
        jobs = submit_all(db, wanted, publish=False)

    assert [(job.id, job.args["what"]) for job in jobs] == [(new.id, str(n)) for n, new in enumerate(wanted)]


def test_a_batch_that_goes_in_pieces_is_written_as_a_whole_or_not_at_all(ledger: Stack) -> None:
    wanted = [NewJob(listed, {"what": "x" * 400_000}) for _ in range(6)]

    with pytest.raises(DataError), transaction() as db:
        submit_all(db, [*wanted, NewJob(listed, {"what": "\0"})], publish=False)

    assert ledger.sql("SELECT count(*) FROM jobs") == [(0,)]


@pytest.mark.usefixtures("ledger")
def test_a_connection_is_replaced_when_it_is_old() -> None:
    engine().dispose()
    with engine().connect() as connection:
        first = connection.scalar(SERVER)
        connection.connection._connection_record.starttime -= LONGEST_CONNECTION + 1  # type: ignore[union-attr]

    with engine().connect() as connection:
        second = connection.scalar(SERVER)
    with engine().connect() as connection:
        third = connection.scalar(SERVER)

    assert first != second == third
