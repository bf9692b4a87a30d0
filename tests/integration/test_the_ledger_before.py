"""The move of 200,000 jobs that ended into tables of their own, with the release before at work.

Its code comes out of the repository's history.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import pytest

from tests import releases
from tests.integration.test_the_release_before import submit_until
from tests.releases import Sides
from tests.stack import wait_until

ROWS = 200_000
HISTORY = f"""
    INSERT INTO bellhop.jobs (id, task, args, queue, priority, state, attempt, max_attempts, run_at, created_at,
                              started_at, finished_at, expires_at, submitter, idempotency_key, request_hash)
    SELECT gen_random_uuid(), 'test.old', '{{}}', 'default', 5, CASE n % 10 WHEN 0 THEN 'failed' ELSE 'succeeded' END,
           1, 1, at, at, at, at, at + interval '7 days', 'token:old', CASE n % 4 WHEN 0 THEN 'key-' || n END,
           CASE n % 4 WHEN 0 THEN 'hash' END
    FROM generate_series(1, {ROWS}) AS n, LATERAL (SELECT now() - n * interval '2 seconds' AS at) AS ended
"""
OLD_LEFT = "SELECT count(*) FROM bellhop.unfinished_jobs WHERE task = 'test.old'"


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    """The release before at work, with a long past, on a ledger that was divided under load."""
    with Sides.at_work(releases.ONE_TABLE, tmp_path_factory) as made:
        made.sql(HISTORY)
        divide(made)
        yield made


def divide(sides: Sides) -> None:
    """Migrate while jobs are submitted and run; each of them ends, and happens once."""
    stopped = Event()
    with ThreadPoolExecutor(2) as pool:
        submitters = [pool.submit(submit_until, sides, stopped) for _ in range(2)]
        wait_until(lambda: len(sides.effects()) > 20)
        sides.migrate_forward()
        seen = len(sides.effects())
        wait_until(lambda: len(sides.effects()) > seen + 20)
        stopped.set()
        ids = [id for submitter in submitters for id in submitter.result()]
    assert {sides.ended(id)["state"] for id in ids} == {"succeeded"}
    assert len(sides.effects()) == len(ids)
    assert sides.sql(OLD_LEFT) == [(ROWS,)], "the migration itself moves nothing"


def replace_service(sides: Sides, name: str) -> None:
    """Stop a service of the release before, and start that of this one."""
    sides.services[name].stop(15)
    with sides.today():
        sides.start_service(name)
        sides.wait_ready(name)


@pytest.mark.long
def test_the_release_before_goes_on_and_shows_what_this_one_files(sides: Sides) -> None:
    later = sides.submit("test.noop", run_at="2099-01-01T00:00:00Z")["id"]
    failed = sides.submit("test.fail", args={"times": 9, "permanent": True})["id"]
    key = {"Idempotency-Key": uuid4().hex}
    known = sides.submit("test.write", args={"key": "known"}, headers=key)["id"]
    assert sides.ended(failed)["state"] == "failed"
    assert sides.http.post(f"/api/jobs/{failed}/retry").status_code == 202
    assert sides.http.post(f"/api/jobs/{later}/cancel").status_code == 202
    wait_until(sides.all_ended)

    replace_service(sides, "scheduler")
    wait_until(lambda: sides.sql(OLD_LEFT) == [(0,)], patience=180)
    replace_service(sides, "worker")

    assert sides.sql("SELECT count(*) FROM bellhop.jobs WHERE task = 'test.old'") == [(ROWS,)]
    assert sides.http.get("/api/jobs?task=test.old&state=failed").json()["jobs"][0]["state"] == "failed"
    assert sides.submit("test.write", args={"key": "known"}, headers=key)["id"] == known
    assert sides.ended(sides.submit("test.write", args={"key": "new"})["id"])["state"] == "succeeded"
    assert sides.effects().count("known") == sides.effects().count("new") == 1


def test_the_keys_of_the_past_belong_to_its_jobs(sides: Sides) -> None:
    unknown = """
        SELECT count(*)
        FROM bellhop.jobs j LEFT JOIN bellhop.job_keys k ON k.job_id = j.id AND k.key = j.idempotency_key
        WHERE j.idempotency_key IS NOT NULL AND k.key IS NULL
    """

    assert sides.sql(unknown) == [(0,)]
    assert sides.sql("SELECT count(*) FROM bellhop.job_keys WHERE submitter = 'token:old'") == [(ROWS // 4,)]
