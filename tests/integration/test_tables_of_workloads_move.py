"""The move of the workloads' tables into schemas of their own, with the release before at work.

These tests go with the views (bellhop_ledger/migrations/moving.py).
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tests import releases
from tests.integration.test_the_release_before import LISTS, PAGES, import_product
from tests.releases import Sides
from tests.stack import wait_until

pytestmark = pytest.mark.long  # of the steps from one release to the next, the latest is tested in every run

OPTIONS = [f"Tea number {n}" for n in range(5)]
LEFT = """
    SELECT relkind::text, count(*) FROM pg_class
    WHERE relnamespace = 'bellhop'::regnamespace AND relkind IN ('v', 'p') AND relname NOT IN ('jobs', 'ended_jobs')
    GROUP BY relkind
"""
TABLES = """
    SELECT schemaname, count(*) FROM pg_tables WHERE schemaname NOT IN ('bellhop', 'pg_catalog', 'information_schema')
    AND tablename <> 'bellhop_version' GROUP BY schemaname
"""
MOVED = {"fetches": 1, "polls": 3, "prices": 6, "products": 3, "timer": 2}
TICKS = """
    SELECT ticks, (SELECT count(*) FROM jobs WHERE task = 'timer.tick' AND state = 'succeeded') FROM timer.timers
"""


class Work:
    """What people do all the while, and how often each of it has succeeded."""

    def __init__(self, sides: Sides):
        self._sides, self._stopped = sides, Event()
        self.done: Counter[str] = Counter()
        self.ada = sides.user()
        poll = {"title": "Which?", "options": OPTIONS, "votes_may_change": True}
        self.poll = self.ada.http.post("/api/polls", json=poll).json()["id"]

    def vote(self, n: int) -> None:
        answer = self.ada.http.post(f"/api/polls/{self.poll}/votes", json={"option": n % len(OPTIONS) + 1})
        assert answer.is_success, answer.text

    def import_one(self, n: int) -> None:
        assert import_product(self._sides, f"busy-{n}", 1) == [1, 0]

    def refresh(self, n: int) -> None:
        games = [{"id": id, "name": f"Game {id}", "price": 1 + id, "currency": "EUR"} for id in range(n + 1)]
        self._sides.feed.write_text(json.dumps({"games": games}))
        assert self._sides.ended(self._sides.submit("prices.refresh_catalogue")["id"])["state"] == "succeeded"

    def fetch(self, n: int) -> None:
        answer = self._sides.http.post("/api/fetches", json={"urls": [f"http://127.0.0.1:9/{n}"]})
        assert answer.status_code == 202, answer.text

    def go_on(self, act: Callable[[int], None]) -> None:
        while not self._stopped.is_set():
            act(self.done[act.__name__])
            self.done[act.__name__] += 1

    def during(self, change: Callable[[], None]) -> None:
        """Do everything before a change, during it and after it."""
        acts = [self.vote, self.import_one, self.refresh, self.fetch]
        with ThreadPoolExecutor(len(acts)) as pool:
            running = [pool.submit(self.go_on, act) for act in acts]
            try:
                self._all_advance(3)
                change()
                self._all_advance(3)
            finally:
                self._stopped.set()
            for one in running:
                one.result()

    def _all_advance(self, times: int) -> None:
        before = self.done.copy()
        wait_until(lambda: len(self.done) == 4 and all(self.done[act] >= before[act] + times for act in self.done))


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    """The release before at work, on a database in which the tables move."""
    with Sides.at_work(releases.ONE_SCHEMA, tmp_path_factory) as made:
        yield made


@pytest.fixture(scope="module")
def work(sides: Sides) -> Work:
    """What was done while they moved."""
    made = Work(sides)
    made.during(sides.migrate_forward)
    return made


def test_the_tables_move_while_the_release_before_writes_and_nothing_is_lost(sides: Sides, work: Work) -> None:
    last = (work.done["vote"] - 1) % len(OPTIONS) + 1

    assert dict(sides.sql(TABLES)) == MOVED
    assert dict(sides.sql(LEFT)) == {"v": sum(MOVED.values()) - 1, "p": 1}
    assert sides.sql("SELECT option FROM polls.votes") == [(last,)]
    assert sides.sql("SELECT count(*) FROM products.products") == [(work.done["import_one"],)]
    assert sides.sql("SELECT count(DISTINCT game_id) FROM prices.prices") == [(work.done["refresh"],)]
    assert sides.sql("SELECT count(*) FROM fetches.fetch_pages") == [(work.done["fetch"],)]
    [(ticks, jobs)] = wait_until(lambda: sides.sql(TICKS))  # the clock goes on by itself, and all ticks are counted
    assert ticks == jobs


def test_its_pages_and_lists_are_shown_through_the_views(sides: Sides, work: Work) -> None:
    operator = sides.user("operator")
    paths = [*PAGES, "timer", "fetches", f"polls/{work.poll}", *(f"api/{path}" for path in LISTS)]

    shown = {path: operator.http.get(f"/{path}").status_code for path in paths}

    assert shown == dict.fromkeys(paths, 200)


def test_it_still_tells_what_is_new_and_watches_what_it_reads(sides: Sides, work: Work) -> None:
    [(game,)] = sides.sql("SELECT min(id) FROM prices.games")
    watch = {"game_id": game, "threshold": 1, "currency": "EUR"}

    assert work.ada.http.post("/api/prices/watches", json=watch).status_code == 201
    assert [import_product(sides, "new", 1), import_product(sides, "new", 2)] == [[1, 0], [0, 1]]
    assert sides.sql("SELECT count(*) FROM prices.watches") == [(1,)]


def test_this_release_goes_on_and_at_last_the_views_go(sides: Sides, work: Work) -> None:
    sides.move_on()

    assert sides.sql(LEFT) == []
    assert dict(sides.sql(TABLES)) == MOVED
    assert sides.http.get(f"/api/polls/{work.poll}").json()["votes"] == 1
    assert import_product(sides, "later", 1) == [1, 0]
    [(ticks, _)] = sides.sql(TICKS)
    wait_until(lambda: sides.sql(TICKS)[0][0] > ticks + 2)
