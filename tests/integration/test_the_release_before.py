"""The move of all tables into a schema of their own, with the release before at work.

Its code comes out of the repository's history. These tests go with the views (bellhop_ledger/migrations/moving.py).
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import pytest

from tests import releases
from tests.cast import TestUser
from tests.releases import Sides
from tests.stack import wait_until

pytestmark = pytest.mark.long  # of the steps from one release to the next, the latest is tested in every run

PAGES = ["dashboard", "jobs", "jobs?state=failed", "schedules", "polls", "prices?q=tea", "products", "products/imports"]
LISTS = ["jobs", "jobs?state=failed&task=test.write", "schedules", "polls", "products", "mails", "imports"]
TICKS = "SELECT count(*) FROM jobs WHERE task = 'timer.tick' AND state = 'succeeded'"
PUBLIC = "SELECT relkind::text, count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace GROUP BY relkind"
VIEWS = "SELECT count(*) FROM pg_views WHERE schemaname IN ('public', 'bellhop')"
CSV = {"Content-Type": "text/csv"}
ROW = "sku,name,description,price,currency\n{sku},Tea,,{price},EUR\n"


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    """The release before at work, on a database that has been moved under load."""
    with Sides.at_work(releases.PUBLIC, tmp_path_factory) as made:
        yield made


def import_product(sides: Sides, sku: str, price: int) -> list[int]:
    """Import one product and answer how many were created and updated."""
    sent = sides.http.post("/api/imports", content=ROW.format(sku=sku, price=price), headers=CSV)
    assert sent.status_code == 202, sent.text
    sides.ended(sent.json()["job_id"])
    report = sides.http.get(sent.headers["Location"]).json()["report"]
    return [report["created"], report["updated"]]


def opened(owner: TestUser) -> str:
    """Open a poll and answer its id."""
    answer = owner.http.post("/api/polls", json={"title": uuid4().hex, "options": ["Tea", "Coffee"]})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def votes(sides: Sides, id: str) -> list[int]:
    """Answer how many votes the options of a poll have."""
    return [option["votes"] for option in sides.http.get(f"/api/polls/{id}").json()["options"]]


def submit_until(sides: Sides, stopped: Event) -> list[str]:
    """Submit jobs one after the other, and answer their ids."""
    ids = []
    while not stopped.is_set():
        ids.append(sides.submit("test.write", args={"key": uuid4().hex})["id"])
    return ids


def test_the_tables_move_while_the_release_before_works(sides: Sides) -> None:
    ada, stopped = sides.user(), Event()
    poll = opened(ada)
    assert import_product(sides, "before", 1) == [1, 0]

    with ThreadPoolExecutor(2) as pool:
        submitters = [pool.submit(submit_until, sides, stopped) for _ in range(2)]
        wait_until(lambda: len(sides.effects()) > 20)
        sides.migrate_forward()
        seen = len(sides.effects())
        wait_until(lambda: len(sides.effects()) > seen + 20)
        stopped.set()
        ids = [id for submitter in submitters for id in submitter.result()]

    assert {sides.ended(id)["state"] for id in ids} == {"succeeded"}
    assert {sides.job(id)["attempt"] for id in ids} == {1}
    assert len(sides.effects()) == len(ids)
    assert dict(sides.sql(PUBLIC)) == {"v": 29, "p": 1, "I": 1, "r": 1}  # `effects` is the test's
    assert votes(sides, poll) == [0, 0]


def test_its_jobs_are_submitted_cancelled_moved_and_retried_and_lists_show_them(sides: Sides) -> None:
    later = sides.submit("test.noop", run_at="2099-01-01T00:00:00Z")["id"]
    failed = sides.submit("test.fail", args={"times": 9, "permanent": True})["id"]
    key = {"Idempotency-Key": uuid4().hex}

    assert sides.submit("test.noop", headers=key)["id"] == sides.submit("test.noop", headers=key)["id"]
    assert sides.ended(failed)["state"] == "failed"
    assert sides.http.post(f"/api/jobs/{failed}/retry").status_code == 202
    assert sides.http.post(f"/api/jobs/{later}/cancel").status_code in {200, 202}
    assert len(sides.submit_many([{"task": "test.noop_batch"}] * 200)) == 200
    assert {path: sides.http.get(f"/api/{path}").status_code for path in LISTS} == dict.fromkeys(LISTS, 200)
    wait_until(sides.all_ended)


def test_its_pages_are_shown(sides: Sides) -> None:
    operator = sides.user("operator")

    shown = {path: operator.http.get(f"/{path}").status_code for path in PAGES}

    assert shown == dict.fromkeys(PAGES, 200)


def test_its_schedules_run(sides: Sides) -> None:
    [(ticks,)] = sides.sql(TICKS)
    made = sides.http.post("/api/schedules", json={"name": uuid4().hex, "task": "test.noop", "crontab": "30 2 * * *"})
    assert made.status_code == 201, made.text

    run = sides.http.post(f"{made.headers['Location']}/run")

    assert run.is_success, run.text
    wait_until(lambda: sides.sql(TICKS)[0][0] > ticks + 3)
    assert sides.http.delete(made.headers["Location"]).is_success
    wait_until(sides.all_ended)


def test_its_polls_take_votes_and_its_imports_write(sides: Sides) -> None:
    ada: TestUser = sides.user()
    poll = opened(ada)

    voted = ada.http.post(f"/api/polls/{poll}/votes", json={"option": 1})

    assert voted.is_success, voted.text
    assert sum(votes(sides, poll)) == 1
    assert [import_product(sides, "after", 1), import_product(sides, "after", 2)] == [[1, 0], [0, 1]]


def test_its_lost_jobs_are_found(sides: Sides) -> None:
    id = sides.submit("test.write_leased", args={"key": "lost", "seconds": 1})["id"]
    sides.in_state(id, "running")

    sides.kill("worker")
    sides.start_service("worker")

    assert sides.ended(id)["state"] == "succeeded"
    assert sides.job(id)["attempt"] == 2


def test_both_migrations_may_run_again(sides: Sides) -> None:
    sides.run("migrate-again", "bellhop-migrate")
    assert "old_views_left" in sides.migrate_forward()

    assert sides.ended(sides.submit("test.noop")["id"])["state"] == "succeeded"


def test_this_release_goes_on_and_at_last_the_views_go(sides: Sides) -> None:
    waiting = sides.submit("test.write", args={"key": "waiting"}, delay=1)["id"]
    sides.move_on()

    assert sides.ended(waiting)["state"] == "succeeded"
    assert sides.http.get("/api/jobs").status_code == 200
    assert dict(sides.sql(PUBLIC)) == {"r": 1}
    assert sides.sql(VIEWS) == [(0,)]
