"""Live views of games: public, many, and each watch for its owner alone."""

from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg2
import pytest

from tests.bystander import bystander
from tests.listener import Listener
from tests.stack import Stack, wait_until
from workloads.prices.tests.test_api import add_game, watch

SPELLINGS = ["x", "%2B1", "01", "%201", "1_0", "1-1999", "1-", "%D9%A1"]


@pytest.fixture
def board(stack: Stack, listen: Callable[..., Listener]) -> Iterator[Listener]:
    """Somebody else's view of a job, in which something moves five times a second."""
    job = stack.submit("test.progress", args={"steps": 1_000, "seconds": 0.2})["id"]
    stack.in_state(job, "running")
    made = listen(stack, f"job:{job}")
    made.wait_for("event: fragments")
    yield made
    stack.http.post(f"/api/jobs/{job}/cancel")


@pytest.mark.parametrize("id", SPELLINGS)
def test_a_game_has_one_spelling(stack: Stack, id: str) -> None:
    assert stack.http.get(f"/live?topic=game:{id}").status_code == 422


@pytest.mark.parametrize("id", [0, -1, 987_654_321, 2**63, 10**30])
def test_a_topic_of_no_game_is_not_there(stack: Stack, id: int) -> None:
    assert stack.client().get(f"/live?topic=game:{id}").status_code == 404


def test_the_threshold_of_a_watch_is_shown_to_its_owner_alone(stack: Stack, listen: Callable[..., Listener]) -> None:
    game, user, other = add_game(stack, "Seen", 2000, "EUR"), stack.user(), stack.user()
    mine = watch(user, game, 1234)["id"]
    token = user.http.headers["Authorization"].removeprefix("Bearer ")

    own, public = listen(stack, f"watch:{mine}", token=token), listen(stack, f"game:{game}", token=None)
    own.wait_for("12.34")
    public.wait_for("event: fragments")

    assert b"12.34" not in public.heard
    assert f"watch:{mine}" in user.http.get(f"/prices/{game}", headers={"Accept": "text/html"}).text
    assert other.http.get(f"/live?topic=watch:{mine}").status_code == 403
    assert stack.http.get(f"/live?topic=watch:{mine}").status_code == 403
    assert stack.client().get(f"/live?topic=watch:{mine}").status_code == 401


def test_topics_that_strangers_invent_hold_nobody_s_view_up(
    stack: Stack, board: Listener, listen: Callable[..., Listener]
) -> None:
    with bystander(stack) as other:
        for n in range(90):
            listen(stack, *(f"game:1-{20 * n + one}" for one in range(20)), token=None)
        other.served()
        before = board.hear().count(b"event: fragments")
        wait_until(lambda: board.hear().count(b"event: fragments") > before + 1, patience=10)


def test_very_many_views_of_what_exists_hold_nobody_s_view_up(
    stack: Stack, board: Listener, listen: Callable[..., Listener]
) -> None:
    games = [add_game(stack, f"Seen {n}", 2000, "EUR") for n in range(60)]
    with bystander(stack) as other:
        for n in range(90):
            listen(stack, *(f"game:{games[(n + one) % 60]}" for one in range(5)), token=None)
        other.served()
        before = board.hear().count(b"event: fragments")
        wait_until(lambda: board.hear().count(b"event: fragments") > before + 1, patience=10)


def test_a_view_that_waits_for_a_lock_holds_no_other_view_up(
    stack: Stack, board: Listener, listen: Callable[..., Listener]
) -> None:
    game = add_game(stack, "Locked", 2000, "EUR")
    slow = listen(stack, f"game:{game}")
    slow.wait_for("event: fragments")

    with closing(psycopg2.connect(stack.postgres.url)) as locking:
        locking.cursor().execute("LOCK TABLE prices.games")
        wait_until(lambda: stack.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
        before = board.hear().count(b"event: fragments")
        wait_until(lambda: board.hear().count(b"event: fragments") > before + 3)
