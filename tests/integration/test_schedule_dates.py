"""The dates of schedules: read in the zone beside them, and left alone by a form in which nobody touched them."""

from html.parser import HTMLParser
from typing import Any

import pytest

from tests.integration.test_api_schedules import created, faults, patched, post
from tests.stack import Stack

ONCE: dict[str, Any] = {"crontab": None, "time_zone": "Europe/Vienna"}
DATES = ["once_at", "starts_at", "ends_at", "anchor"]


def body_with(field: str, date: Any) -> dict[str, Any]:
    """A schedule in Vienna with one date."""
    rule = {"once_at": {"crontab": None}, "anchor": {"crontab": None, "interval_seconds": 3600}}.get(field, {})
    return {**rule, "time_zone": "Europe/Vienna", field: date}


@pytest.mark.parametrize("field", DATES)
@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("2037-01-31 09:30:00", "2037-01-31T08:30:00Z"),
        ("2037-07-31T09:30", "2037-07-31T07:30:00Z"),
        ("2037-07-31", "2037-07-30T22:00:00Z"),
        ("2037-01-31T09:30:00Z", "2037-01-31T09:30:00Z"),
        ("2037-01-31T09:30:00-05:00", "2037-01-31T14:30:00Z"),
        ("2037-10-25T02:30:00+02:00", "2037-10-25T00:30:00Z"),
        ("2037-10-25T02:30:00+01:00", "2037-10-25T01:30:00Z"),
        (2_117_000_000.25, "2037-01-31T07:33:20.250000Z"),
    ],
)
def test_a_date_without_an_offset_is_one_of_the_zone_beside_it(
    stack: Stack, field: str, given: Any, stored: str
) -> None:
    made = created(stack, **body_with(field, given))
    moved = patched(stack, created(stack), **body_with(field, given)).json()

    assert made[field] == moved[field] == stored


@pytest.mark.parametrize("field", DATES)
@pytest.mark.parametrize(("date", "why"), [("2037-03-29 02:30", "does not exist"), ("2037-10-25 02:30", "comes twice")])
def test_a_time_that_names_no_moment_or_two_is_refused_by_its_field(
    stack: Stack, field: str, date: str, why: str
) -> None:
    body = body_with(field, date)
    imported = {"schedules": [body | {"name": "x", "task": "test.noop"}]}

    for answer in (post(stack, **body), patched(stack, created(stack), **body)):
        assert answer.status_code == 422
        assert why in faults(answer)[field]
    assert why in faults(stack.http.post("/api/schedules/import", json=imported))[f"schedules.0.{field}"]


def test_a_change_reads_a_date_in_the_zone_that_is_stored(stack: Stack) -> None:
    made = created(stack, time_zone="Asia/Tokyo")

    assert patched(stack, made, ends_at="2037-01-31 09:30").json()["ends_at"] == "2037-01-31T00:30:00Z"
    both = patched(stack, made, ends_at="2037-01-31 09:30", time_zone="Europe/Vienna").json()
    assert both["ends_at"] == "2037-01-31T08:30:00Z"


def test_a_preview_reads_dates_as_the_schedule_does(stack: Stack) -> None:
    shown = stack.http.post("/api/schedules/preview", json={"once_at": "2037-01-31 09:30", **ONCE}).json()

    assert shown["runs"][0]["local"] == "2037-01-31T09:30:00+01:00"


class Form(HTMLParser):
    """What a browser sends of a form that nobody has touched, as it cuts dates and ends lines."""

    def __init__(self, page: str):
        super().__init__()
        self.fields: dict[str, str] = {}
        self._select, self._area = "", ""
        self.feed(page.partition('<form class="card"')[2].partition("</form>")[0])
        self.fields = {name: value.replace("\n", "\r\n") for name, value in self.fields.items()}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input":
            value = given.get("value", "")
            self.fields[given["name"]] = value.removesuffix(":00") if len(value) == 19 else value
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given and self._select:
            self.fields[self._select] = given["value"]
        elif tag == "textarea":
            self._area = given["name"]
            self.fields[self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in {"textarea", "select"}:
            self._area = self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] = (self.fields[self._area] + data).removeprefix("\n")


def saved(stack: Stack, schedule: dict[str, Any], **typed: str) -> dict[str, Any]:
    """Open the form, change some of its fields and send it."""
    path = f"/schedules/{schedule['id']}/edit"
    answer = stack.http.post(path, data=Form(stack.http.get(path).text).fields | typed)
    assert answer.status_code == 303, answer.text
    return dict(stack.http.get(f"/api/schedules/{schedule['id']}").json())


FULL = {
    "time_zone": "Europe/Vienna",
    "starts_at": "2027-10-31T00:30:00.123456Z",
    "ends_at": "2037-10-25T01:30:07.654321Z",
    "note": "one\ntwo\n\nthree",
}


@pytest.mark.parametrize("once_at", ["2037-10-25T01:30:00Z", "2037-10-25T00:30:00Z", "2037-03-29T01:00:00.5Z"])
def test_a_form_that_nobody_touched_changes_nothing(stack: Stack, once_at: str) -> None:
    for made in (
        created(stack, **ONCE, once_at=once_at),
        created(stack, **FULL),
        created(stack, **FULL, crontab=None, interval_seconds=5400, anchor="2027-10-31T00:30:00.5Z", jitter_seconds=3),
    ):
        assert saved(stack, made) == made


@pytest.mark.parametrize("once_at", ["2037-10-25T01:30:00Z", "2037-10-25T00:30:00.25Z"])
def test_a_change_of_the_note_leaves_a_date_in_the_repeated_hour_alone(stack: Stack, once_at: str) -> None:
    made = created(stack, **ONCE, once_at=once_at)

    changed = saved(stack, made, note="for the accountants")

    assert (changed["note"], changed["once_at"]) == ("for the accountants", made["once_at"])


def test_a_date_that_was_touched_is_read_in_the_zone_of_the_form(stack: Stack) -> None:
    made = created(stack, **ONCE, once_at="2037-10-25T01:30:00.5Z")

    assert saved(stack, made, once_at="2037-10-25T04:30")["once_at"] == "2037-10-25T03:30:00Z"
    assert saved(stack, made, time_zone="Asia/Tokyo")["once_at"] == "2037-10-24T19:30:00Z"


def test_a_form_with_a_time_in_the_repeated_or_skipped_hour_is_refused_with_the_sentence(stack: Stack) -> None:
    made = created(stack, **ONCE, once_at="2037-01-01")
    path = f"/schedules/{made['id']}/edit"

    for typed, why in (("2037-10-25T02:30", "comes twice"), ("2037-03-29T02:30", "does not exist")):
        answer = stack.http.post(path, data=Form(stack.http.get(path).text).fields | {"once_at": typed})
        assert (answer.status_code, why in answer.text) == (422, True)
