"""/api/polls: open, list, look."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import httpx
import pytest

from tests.cast import TestUser
from tests.problems import fields_of
from tests.stack import Stack
from workloads.polls.tests.polls import closing_job, opened, unique

SVG = "{http://www.w3.org/2000/svg}"
GOOD: dict[str, Any] = {"title": "Tea or coffee?", "options": ["Tea", "Coffee"]}
BAD: dict[str, tuple[Any, str]] = {
    "no title": ({"title": None}, "title"),
    "empty title": ({"title": ""}, "title"),
    "title of blanks": ({"title": " \u00a0\t"}, "title"),
    "title without ink": ({"title": "\u200b\u202e"}, "title"),
    "title on two lines": ({"title": "Tea\nor coffee?"}, "title"),
    "title with a sign that is none": ({"title": "Tea\uffff"}, "title"),
    "long title": ({"title": "x" * 201}, "title"),
    "title with NUL": ({"title": "Tea\0"}, "title"),
    "title with half a surrogate pair": ({"title": "\ud800"}, "title"),
    "one option": ({"options": ["Tea"]}, "options"),
    "no options": ({"options": []}, "options"),
    "options are text": ({"options": "Tea, Coffee"}, "options"),
    "10,000 options": ({"options": [f"option {n}" for n in range(10_000)]}, "options"),
    "21 options": ({"options": [f"option {n}" for n in range(21)]}, "options"),
    "the same option twice": ({"options": ["Tea", "Coffee", "Tea"]}, "options"),
    "the same option in capitals": ({"options": ["Tea", " TEA "]}, "options"),
    "the same option with more blanks": ({"options": ["green tea", "Green  Tea"]}, "options"),
    "empty option": ({"options": ["Tea", "", "Coffee"]}, "options.1"),
    "long option": ({"options": ["Tea", "x" * 101]}, "options.1"),
    "option with NUL": ({"options": ["Tea", "a\0"]}, "options.1"),
    "option is a number": ({"options": ["Tea", 5]}, "options.1"),
    "closing date in 1970": ({"closes_at": 0}, "closes_at"),
    "closing date a second ago": ({"closes_at": datetime.now(UTC).timestamp() - 1}, "closes_at"),
    "closing date in eleven years": ({"closes_at": "2040-01-01"}, "closes_at"),
    "closing date in 9999": ({"closes_at": "9999-12-31T23:59:59Z"}, "closes_at"),
    "closing date after 9999": ({"closes_at": "10000-01-01T00:00:00Z"}, "closes_at"),
    "closing date beyond all seconds": ({"closes_at": 1e300}, "closes_at"),
    "closing date is true": ({"closes_at": True}, "closes_at"),
    "closing date is empty": ({"closes_at": ""}, "closes_at"),
    "closing date is text": ({"closes_at": "tomorrow"}, "closes_at"),
    "setting is text": ({"votes_may_change": "yes"}, "votes_may_change"),
    "unknown field": ({"colour": "red"}, "colour"),
}


@pytest.fixture(scope="module")
def anna(stack: Stack) -> TestUser:
    return stack.user()


def stored(stack: Stack) -> tuple[Any, ...]:
    counts = "(SELECT count(*) FROM {}), (SELECT count(*) FROM polls.poll_options), "
    return stack.sql(f"SELECT {counts.format('polls.polls')} (SELECT count(*) FROM jobs WHERE task = 'polls.close')")[0]


@pytest.mark.parametrize("name", BAD)
def test_a_poll_that_cannot_be_is_refused_by_field_and_nothing_is_stored(
    stack: Stack, anna: TestUser, name: str
) -> None:
    fields, field = BAD[name]
    before = stored(stack)

    body = json.dumps(GOOD | fields)  # httpx itself cannot write half a surrogate pair
    answer = anna.http.post("/api/polls", content=body, headers={"Content-Type": "application/json"})

    assert fields_of(answer) == [field]
    assert stored(stack) == before


def test_a_poll_is_opened_together_with_the_job_that_closes_it(stack: Stack, anna: TestUser) -> None:
    poll = opened(anna, title="  Tea or coffee?  ", closes_at="2031-05-04T12:30:00+02:00")

    job = closing_job(stack, poll["id"])
    assert (job["task"], job["args"], job["state"]) == ("polls.close", {"poll_id": poll["id"]}, "scheduled")
    assert job["run_at"] == poll["closes_at"] == "2031-05-04T10:30:00Z"
    assert (poll["title"], poll["state"], poll["closed_at"], poll["votes"]) == ("Tea or coffee?", "open", None, 0)
    assert [(one["number"], one["name"], one["votes"], one["share"]) for one in poll["options"]] == [
        (1, "Tea", 0, 0.0),
        (2, "Coffee", 0, 0.0),
    ]


def test_a_poll_closes_in_24_hours_when_nothing_is_said(anna: TestUser) -> None:
    poll = opened(anna)

    assert poll["seconds_left"] == pytest.approx(86_400, abs=60)
    assert datetime.fromisoformat(poll["closes_at"]) - datetime.fromisoformat(poll["created_at"]) == timedelta(days=1)


def test_a_closing_date_may_be_seconds_with_a_fraction(anna: TestUser) -> None:
    moment = datetime(2031, 5, 4, 10, 30, 0, 250_000, UTC)

    assert opened(anna, closes_at=moment.timestamp())["closes_at"] == "2031-05-04T10:30:00.250000Z"


def test_a_request_sent_again_with_its_key_opens_one_poll(stack: Stack, anna: TestUser) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    body = GOOD | {"title": unique("Again?")}

    answers = [anna.http.post("/api/polls", json=body, headers=key) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert stack.sql("SELECT count(*) FROM polls.polls WHERE title = %s", body["title"]) == [(1,)]
    assert anna.http.post("/api/polls", json=GOOD, headers=key).status_code == 409


def test_everybody_may_look_and_only_people_who_are_signed_in_may_act(stack: Stack, anna: TestUser) -> None:
    id = opened(anna)["id"]
    with httpx.Client(base_url=stack.url) as anybody:
        looks = [
            anybody.get(f"/api/polls{path}")
            for path in ("", "/options", f"/{id}", f"/{id}/result.csv", f"/{id}/result.svg")
        ]
        acts = [
            anybody.post("/api/polls", json=GOOD),
            anybody.post(f"/api/polls/{id}/votes", json={"option": 1}),
            anybody.post(f"/api/polls/{id}/close"),
            anybody.patch(f"/api/polls/{id}", json={"closes_at": "2031-01-01"}),
        ]

    assert [answer.status_code for answer in looks] == [200] * 5
    assert [answer.status_code for answer in acts] == [401] * 4


def test_the_systems_own_token_is_no_person(stack: Stack, anna: TestUser) -> None:
    id = opened(anna)["id"]

    assert fields_of(stack.http.post("/api/polls", json=GOOD), 403) == []
    assert fields_of(stack.http.post(f"/api/polls/{id}/votes", json={"option": 1}), 403) == []


def test_a_poll_that_is_not_there_is_not_found(anna: TestUser) -> None:
    path = f"/api/polls/{uuid4()}"
    answers = [
        anna.http.get(path),
        anna.http.get(f"{path}/result.csv"),
        anna.http.get(f"{path}/result.svg"),
        anna.http.post(f"{path}/votes", json={"option": 1}),
        anna.http.post(f"{path}/close"),
        anna.http.patch(path, json={"closes_at": "2031-01-01"}),
    ]

    assert [fields_of(answer, 404) for answer in answers] == [[]] * 6
    assert fields_of(anna.http.get("/api/polls/x")) == ["poll_id"]


def test_the_list_shows_the_open_ones_newest_first_and_goes_on_where_it_ended(stack: Stack, anna: TestUser) -> None:
    ids = [opened(anna)["id"] for _ in range(5)]
    anna.http.post(f"/api/polls/{ids[3]}/close")

    first = anna.http.get("/api/polls?limit=2").json()
    later = opened(anna)["id"]
    second = anna.http.get("/api/polls", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    shown = [poll["id"] for page in (first, second) for poll in page["polls"]]
    assert [id for id in shown if id in ids] == [ids[4], ids[2], ids[1], ids[0]]
    assert later not in shown
    assert ids[3] in [poll["id"] for poll in anna.http.get("/api/polls?state=closed").json()["polls"]]
    assert {ids[3], ids[4]} <= {poll["id"] for poll in anna.http.get("/api/polls?state=all").json()["polls"]}


def test_a_wrong_filter_of_the_page_is_named_and_the_others_are_kept(stack: Stack, anna: TestUser) -> None:
    title = unique("Left or right?")
    opened(anna, title=title)

    answer = stack.http.get("/polls", params={"state": "open", "limit": "many"})

    assert answer.status_code == 422
    assert "limit: " in answer.text
    assert title in answer.text


def test_a_cursor_of_another_list_does_not_fit(stack: Stack, anna: TestUser) -> None:
    opened(anna), opened(anna)
    cursor = anna.http.get("/api/polls?limit=1").json()["next_cursor"]

    for query in ({"cursor": cursor, "state": "all"}, {"cursor": "x"}, {"cursor": ""}):
        assert fields_of(anna.http.get("/api/polls", params=query)) == ["cursor"]
    assert fields_of(stack.http.get("/api/jobs", params={"cursor": cursor})) == ["cursor"]


def test_names_of_options_are_suggested_from_earlier_polls_most_used_first(anna: TestUser) -> None:
    start = unique("Zebra 50%_")
    for more in ("b", "a", "b"):
        opened(anna, options=[f"{start} {more}", f"No {start}"])

    names = anna.http.get("/api/polls/options", params={"q": start.upper()}).json()["options"]
    other = anna.http.get("/api/polls/options", params={"q": start.replace("%", "x")}).json()["options"]

    assert names == [f"{start} b", f"{start} a"]
    assert other == []
    assert len(anna.http.get("/api/polls/options").json()["options"]) > 1


def test_a_result_is_a_csv_file_that_no_spreadsheet_takes_for_formulas(stack: Stack, anna: TestUser) -> None:
    id = opened(anna, options=['=cmd|"/c calc"!A1', "Tee, grün", "@SUM(1)", "-1", "plain"])["id"]
    for voter, choice in ((stack.user(), 2), (stack.user(), 2), (anna, 1)):
        voter.http.post(f"/api/polls/{id}/votes", json={"option": choice})

    answer = anna.http.get(f"/api/polls/{id}/result.csv")

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert rows == [
        ["option", "votes", "percent"],
        ['\'=cmd|"/c calc"!A1', "1", "33.3"],
        ["Tee, grün", "2", "66.7"],
        ["'@SUM(1)", "0", "0.0"],
        ["'-1", "0", "0.0"],
        ["plain", "0", "0.0"],
    ]
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=poll-{id}.csv"


def test_a_result_is_a_picture_that_stands_alone(stack: Stack, anna: TestUser) -> None:
    id = opened(anna, title="<b>Which & why?</b>", options=["Tea <3", "x" * 100])["id"]
    anna.http.post(f"/api/polls/{id}/votes", json={"option": 1})
    anna.http.post(f"/api/polls/{id}/close")

    answer = stack.client().get(f"/api/polls/{id}/result.svg")

    words = [element.text or "" for element in ElementTree.fromstring(answer.text).iter(f"{SVG}text")]
    assert [words[0], words[1], words[2], words[3]] == ["<b>Which & why?</b>", "1 (100 %)", "Tea <3", "0 (0 %)"]
    assert "".join(words[4:-1]) == "x" * 100
    assert words[-1].startswith("1 vote · closed ")
    assert (answer.headers["Content-Type"], "style" in answer.text) == ("image/svg+xml; charset=utf-8", False)


def closes_at(stack: Stack, poll: str) -> Any:
    return stack.http.get(f"/api/polls/{poll}").json()["closes_at"]


def test_a_poll_whose_closing_date_nobody_touched_keeps_it_to_the_microsecond(stack: Stack) -> None:
    body = {"title": "When?", "options": ["a", "b"], "closes_at": "2030-10-27T00:30:42.123456Z"}
    poll = stack.user("operator").http.post("/api/polls", json=body).json()["id"]

    stack.http.post(f"/polls/{poll}/closing-date", data={"closes_at": "2030-10-27T00:30"})
    untouched = closes_at(stack, poll)
    stack.http.post(f"/polls/{poll}/closing-date", data={"closes_at": "2030-10-27T00:31"})

    assert untouched == "2030-10-27T00:30:42.123456Z"
    assert closes_at(stack, poll) == "2030-10-27T00:31:00Z"


def test_a_live_view_of_no_poll_is_not_there(stack: Stack) -> None:
    assert stack.http.get(f"/live?topic=poll:{uuid4()}").status_code == 404
