"""Wording: what a notification says of what was found."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from bellhop.builtins.notifications import Notification
from bellhop_ledger.notifications.tables import Incident, IncidentCondition, NotificationRule, Watched
from bellhop_ledger.platform.settings import Settings

MOST_NAMED = 20
"""Things that one notification names."""
RECOVERED, TEST = "recovered", "test"


def report(rule: NotificationRule, incidents: Sequence[Incident], event: str, now: datetime) -> Notification:
    """Return what is said of one or several things that have the same event."""
    details = [_detail(rule, one, event) for one in incidents[:MOST_NAMED]]
    if len(incidents) > MOST_NAMED:
        details.append(f"And {len(incidents) - MOST_NAMED:,} more.")
    said = {
        "names": [one.name for one in incidents],
        "subject": f"{_things(rule, incidents)} {_verb(rule, incidents, event)}",
        "lines": details,
        "url": Settings.load().public_url + _place(rule, incidents),
    }
    return Notification.model_validate({"event": event, "kind": rule.kind, "at": now, **said})


def test_of(rule: NotificationRule, now: datetime) -> Notification:
    """Return what is sent when somebody tests a rule."""
    said = {
        "names": [rule.pattern],
        "subject": f"This is a test of the notifications about the {rule.kind} {rule.pattern}",
        "lines": ["Nothing has happened."],
        "url": f"{Settings.load().public_url}/notifications",
    }
    return Notification.model_validate({"event": TEST, "kind": rule.kind, "at": now, **said})


def _things(rule: NotificationRule, incidents: Sequence[Incident]) -> str:
    if len(incidents) == 1:
        return f"The {rule.kind} {incidents[0].name}"
    return f"{len(incidents):,} {rule.kind}s"


def _verb(rule: NotificationRule, incidents: Sequence[Incident], event: str) -> str:
    has, was = ("has", "is") if len(incidents) == 1 else ("have", "are")
    if event == RECOVERED:
        return f"{has} recovered"
    if event == IncidentCondition.FAILING:
        return f"{has} failed {rule.failures} times in a row" if rule.failures != 1 else f"{has} failed"
    return "did not run in time" if rule.kind == Watched.SCHEDULE else f"{was} late"


def _detail(rule: NotificationRule, incident: Incident, event: str) -> str:
    """Return one sentence about one thing. Errors are named by their kind alone: their words may be private."""
    found, since = incident.details, when(incident.since)
    if event == RECOVERED:
        return f"{incident.name}: was {incident.condition} since {since}."
    if incident.condition == IncidentCondition.FAILING:
        return f"{incident.name}: the latest error was {found['error']}."
    if rule.kind == Watched.QUEUE:
        return f"{incident.name}: its oldest job has waited for {length(found['waited'])}."
    if found.get("disabled"):
        return f"{incident.name}: it is disabled: {found['disabled']}."
    return f"{incident.name}: the run that was due at {when(datetime.fromisoformat(found['due_at']))} has not begun."


def when(moment: datetime) -> str:
    """Write a moment, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def length(seconds: float) -> str:
    """Write a length of time in its largest unit."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _place(rule: NotificationRule, incidents: Sequence[Incident]) -> str:
    """Return the path of the page that shows more."""
    if rule.kind == Watched.SCHEDULE:
        return f"/schedules/{incidents[0].thing}" if len(incidents) == 1 else "/schedules"
    if len(incidents) == 1:
        return f"/jobs?{urlencode({rule.kind: incidents[0].name})}"
    return "/jobs"
