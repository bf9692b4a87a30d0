"""What plain users ask for: it has a bound, and what an answer points to is theirs to read."""

import re
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import pytest

from tests.cast import TestUser
from tests.fixtures import MOST
from tests.problems import fields_of
from tests.samples import Ask, all_samples
from tests.stack import Stack

ASKS: dict[str, Ask] = {words: ask for one in all_samples() for words, ask in one.asks.items()}
FORMS: dict[str, Ask] = {words: ask for one in all_samples() for words, ask in one.forms.items()}
CREATING = ASKS | FORMS


def unfinished(stack: Stack, user: TestUser) -> int:
    return int(stack.sql("SELECT count(*) FROM jobs WHERE user_id = %s", str(user.id))[0][0])


@pytest.mark.parametrize("what", CREATING)
def test_nobody_has_more_unfinished_jobs_than_the_bound(bounded: Stack, what: str) -> None:
    user, ask = bounded.user(), CREATING[what]

    answers = [ask(bounded, user.http) for _ in range(MOST + 2)]

    assert [answer.status_code < 400 for answer in answers] == [True] * MOST + [False] * 2
    assert {answer.status_code for answer in answers[MOST:]} == {429}
    assert f"You may have {MOST} unfinished jobs at a time" in answers[-1].text
    assert unfinished(bounded, user) == MOST
    bounded.sql("UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE user_id = %s", str(user.id))
    assert ask(bounded, user.http).status_code < 400


@pytest.mark.skipif(not CREATING, reason="there is no workload")
def test_the_bound_counts_all_kinds_together_and_each_user_alone(bounded: Stack) -> None:
    user, other = bounded.user(), bounded.user()
    for ask in islice(cycle(CREATING.values()), MOST):
        assert ask(bounded, user.http).status_code < 400

    assert {ask(bounded, user.http).status_code for ask in CREATING.values()} == {429}
    assert {ask(bounded, other.http).status_code < 400 for ask in islice(CREATING.values(), MOST)} == {True}


def strings(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """All texts of an answer, with the names of their fields."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, name)
    elif isinstance(value, str):
        yield name, value


@pytest.mark.parametrize("what", ASKS)
def test_what_an_answer_points_to_may_be_read_by_whom_it_was_given_to(stack: Stack, what: str) -> None:
    user, other = stack.user().http, stack.user().http
    made = ASKS[what](stack, user)
    places = [made.headers["Location"]] if "Location" in made.headers else []
    shown = [made, *(user.get(place) for place in places)]

    seen = dict(pair[::-1] for answer in shown for pair in strings(answer.json()))
    jobs = [value for value, name in seen.items() if name == "job_id"]
    links = [*places, *(f"/api/jobs/{id}" for id in jobs), *(value for value in seen if value.startswith("/api/"))]
    assert {answer.status_code for answer in shown} <= {200, 201, 202}
    assert {link: user.get(link).status_code for link in links} == dict.fromkeys(links, 200)
    assert {other.get(f"/api/jobs/{id}").status_code for id in jobs} <= {404}
    assert {stack.client().get(f"/api/jobs/{id}").status_code for id in jobs} <= {401}


def test_a_job_of_an_operator_is_not_for_others(stack: Stack) -> None:
    job = stack.submit("test.noop")

    assert fields_of(stack.user().http.get(f"/api/jobs/{job['id']}"), 404) == []


PAGES = ["/", "/account", *(page for one in all_samples() for page in one.pages)]
LINK = re.compile(r'(?:href|action)="(/[^"#]*)')


def test_no_page_of_a_user_links_to_what_is_not_for_them(stack: Stack) -> None:
    user = stack.user()
    browser = stack.client()
    browser.cookies.update(user.cookies)
    made = [ask(stack, user.http) for ask in CREATING.values()]
    assert all(answer.status_code < 400 for answer in made)
    own = [path for page in PAGES for path in LINK.findall(browser.get(page, follow_redirects=True).text)]
    pages = {*PAGES, *own} - {"/sign-out"}

    answers = {path: browser.get(path.replace("&amp;", "&")).status_code for path in pages}

    assert len(answers) > len(PAGES)
    assert {path: code for path, code in answers.items() if code in {401, 403, 404, 500}} == {}
