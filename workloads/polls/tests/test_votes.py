"""Votes: one a person, counted exactly, and none after the end."""

from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any

import pytest

from tests.cast import TestUser
from tests.problems import fields_of
from tests.stack import ENDED, Stack, wait_until
from workloads.polls.tests.polls import closing_job, opened, votes


@pytest.fixture(scope="module")
def anna(stack: Stack) -> TestUser:
    return stack.user()


def vote(voter: TestUser, id: str, option: Any = 1) -> Any:
    return voter.http.post(f"/api/polls/{id}/votes", json={"option": option})


def close_by_date(stack: Stack, id: str) -> None:
    """Let a poll's date have passed, while its closing job is late."""
    stack.sql("UPDATE polls.polls SET created_at = now() - interval '2 s', closes_at = now() WHERE id = %s", id)


def test_a_vote_is_counted_and_shown_to_who_gave_it(stack: Stack, anna: TestUser) -> None:
    id = opened(anna)["id"]

    answer = vote(anna, id, 2)

    assert answer.status_code == 201
    assert (answer.json()["votes"], answer.json()["your_vote"]) == (1, 2)
    assert [option["share"] for option in answer.json()["options"]] == [0.0, 1.0]
    assert anna.http.get(f"/api/polls/{id}").json()["your_vote"] == 2
    assert stack.user().http.get(f"/api/polls/{id}").json()["your_vote"] is None


def test_a_second_vote_is_a_conflict(stack: Stack, anna: TestUser) -> None:
    id = opened(anna)["id"]
    vote(anna, id, 1)

    assert fields_of(vote(anna, id, 2), 409) == []
    assert votes(stack, id) == [1, 0]


def test_a_mind_may_be_changed_where_the_poll_says_so(stack: Stack, anna: TestUser) -> None:
    id = opened(anna, votes_may_change=True)["id"]
    vote(anna, id, 1)

    assert vote(anna, id, 2).json()["your_vote"] == 2
    assert votes(stack, id) == [0, 1]


@pytest.mark.parametrize("option", [0, 3, -1, 21, 10**30, "1", 1.5, None, True])
def test_an_option_that_is_none_of_the_poll_is_refused(stack: Stack, anna: TestUser, option: Any) -> None:
    id = opened(anna)["id"]

    assert fields_of(vote(anna, id, option)) == ["option"]
    assert votes(stack, id) == [0, 0]


def test_a_closed_poll_takes_no_votes_and_keeps_its_result(stack: Stack, anna: TestUser) -> None:
    poll = opened(anna, votes_may_change=True)
    vote(anna, poll["id"], 2)
    closed = anna.http.post(f"/api/polls/{poll['id']}/close").json()

    assert fields_of(vote(anna, poll["id"], 1), 410) == []
    assert fields_of(vote(stack.user(), poll["id"], 1), 410) == []
    assert (closed["state"], closed["seconds_left"], closed["may_edit"]) == ("closed", 0, False)
    assert poll["created_at"] < closed["closed_at"] < closed["closes_at"]
    assert votes(stack, poll["id"]) == [0, 1]


def test_the_date_decides_although_the_closing_job_is_late(stack: Stack, anna: TestUser) -> None:
    id = opened(anna)["id"]
    close_by_date(stack, id)

    assert fields_of(vote(anna, id), 410) == []
    shown = anna.http.get(f"/api/polls/{id}").json()
    assert (shown["state"], shown["closed_at"]) == ("closed", shown["closes_at"])
    assert stack.sql("SELECT closed_at FROM polls.polls WHERE id = %s", id) == [(None,)]


def test_twenty_people_who_vote_at_once_are_counted_exactly(stack: Stack, anna: TestUser) -> None:
    id = opened(anna)["id"]
    people = [stack.user() for _ in range(20)]

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda n: vote(people[n], id, n % 2 + 1).status_code, range(20)))

    assert statuses == [201] * 20
    assert votes(stack, id) == [10, 10]


def test_a_person_who_votes_twenty_times_at_once_is_counted_once(stack: Stack, anna: TestUser) -> None:
    id = opened(anna)["id"]

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda n: vote(anna, id, n % 2 + 1).status_code, range(20)))

    assert sorted(statuses) == [201, *[409] * 19]
    assert sum(votes(stack, id)) == 1


def test_a_poll_that_is_closed_while_people_vote_counts_every_vote_it_has_taken(stack: Stack, anna: TestUser) -> None:
    id = opened(anna)["id"]
    people = [stack.user() for _ in range(20)]
    closing = Thread(target=lambda: anna.http.post(f"/api/polls/{id}/close"))

    with ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(vote, person, id) for person in people]
        closing.start()
        statuses = [answer.result().status_code for answer in answers]
    closing.join()

    assert set(statuses) <= {201, 410}
    assert votes(stack, id) == [statuses.count(201), 0]


def test_a_poll_closes_by_itself(stack: Stack, anna: TestUser) -> None:
    poll = opened(anna)
    vote(anna, poll["id"])
    soon = stack.sql("SELECT extract(epoch FROM now() + interval '1 s')::float8")[0][0]

    moved = anna.http.patch(f"/api/polls/{poll['id']}", json={"closes_at": soon}).json()

    wait_until(lambda: closing_job(stack, poll["id"])["state"] in ENDED)
    job = closing_job(stack, poll["id"])
    shown = anna.http.get(f"/api/polls/{poll['id']}").json()
    assert (job["state"], job["result"]) == ("succeeded", True)
    assert (shown["state"], shown["closed_at"], shown["votes"]) == ("closed", moved["closes_at"], 1)
