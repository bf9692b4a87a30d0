"""What a notification says, and how Slack and Teams are told."""

from datetime import UTC, datetime, timedelta

import pytest

from bellhop_ledger.notifications.tables import Incident, IncidentCondition, NotificationRule
from bellhop_ledger.notifications.wording import MOST_NAMED, length, report
from bellhop_worker.notifications.formats import LONGEST_SLACK, for_slack, for_teams

NOW = datetime(2030, 1, 31, 2, 30, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("env")


def failing(*names: str) -> list[Incident]:
    details = {"error": "PrinterBurns"}
    since = NOW - timedelta(hours=1)
    return [
        Incident(condition=IncidentCondition.FAILING, thing=name, name=name, details=details, since=since)
        for name in names
    ]


RULE = NotificationRule(kind="task", failures=3)


def test_one_thing_is_named_and_leads_to_its_jobs() -> None:
    said = report(RULE, failing("a&b"), "failing", NOW)

    assert said.subject == "The task a&b has failed 3 times in a row"
    assert said.url.endswith("/jobs?task=a%26b")


def test_of_many_things_the_first_ones_are_named() -> None:
    said = report(RULE, failing(*(f"task-{n:02}" for n in range(MOST_NAMED + 5))), "failing", NOW)

    assert said.subject == "25 tasks have failed 3 times in a row"
    assert said.lines[0] == "task-00: the latest error was PrinterBurns."
    assert (len(said.lines), said.lines[-1]) == (MOST_NAMED + 1, "And 5 more.")


def test_a_recovery_says_since_when_it_was_so() -> None:
    said = report(RULE, failing("a"), "recovered", NOW)

    assert (said.subject, said.lines) == ("The task a has recovered", ["a: was failing since 2030-01-31 01:30 UTC."])


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 s"), (119, "119 s"), (1200, "20 min"), (7200, "2 h"), (200_000, "2 d")]
)
def test_a_length_has_one_unit(seconds: float, words: str) -> None:
    assert length(seconds) == words


def test_slack_takes_no_name_for_a_call_and_no_block_that_is_too_long() -> None:
    said = for_slack(report(RULE, failing(*("<!channel>" * 20 for _ in range(20))), "failing", NOW))

    assert "<!" not in said["text"] + said["blocks"][1]["text"]["text"]
    assert max(len(block["text"]["text"]) for block in said["blocks"]) <= LONGEST_SLACK


def test_a_card_of_teams_has_a_line_for_each_thing_and_a_way_to_look() -> None:
    [attachment] = for_teams(report(RULE, failing("a", "b"), "failing", NOW))["attachments"]

    card = attachment["content"]
    assert [block["text"] for block in card["body"]][1:] == [f"{n}: the latest error was PrinterBurns." for n in "ab"]
    assert card["actions"][0]["url"].endswith("/jobs")
