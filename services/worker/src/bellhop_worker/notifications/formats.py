"""Formats: a notification as webhooks, Slack and Microsoft Teams take it, as JSON."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from bellhop.builtins.notifications import Notification
from bellhop_ledger.notifications.tables import Channel

LONGEST_SLACK = 3_000
"""Characters of one block of text, https://docs.slack.dev/reference/block-kit/blocks/section-block."""
LINK = "Look at it"


def for_webhook(said: Notification) -> dict[str, Any]:
    """Return it in the form that Standard Webhooks propose: the type, the time and the data."""
    at = said.at.isoformat().replace("+00:00", "Z")
    data = said.model_dump(mode="json", include={"kind", "names", "subject", "lines", "url"})
    return {"type": f"{said.kind}.{said.event}", "timestamp": at, "data": data}


def for_slack(said: Notification) -> dict[str, Any]:
    """Return it as an incoming webhook of Slack takes it. `text` is what stands in the notice of a phone."""
    details = "\n".join(escaped(line) for line in said.lines)[:LONGEST_SLACK]
    words = [f"*{escaped(said.subject)}*", details, f"<{said.url}|{LINK}>"]
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": word}} for word in words if word]
    return {"text": escaped(said.subject), "blocks": blocks}


def escaped(text: str) -> str:
    """Write the three signs that mean something to Slack as it asks for, so that no name becomes a link or a call."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def for_teams(said: Notification) -> dict[str, Any]:
    """Return it as a workflow of Teams takes it: a message with one Adaptive Card."""
    subject = {"type": "TextBlock", "text": said.subject, "weight": "Bolder", "wrap": True}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [subject, *({"type": "TextBlock", "text": line, "wrap": True} for line in said.lines)],
        "actions": [{"type": "Action.OpenUrl", "title": LINK, "url": said.url}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


FORMATS: Mapping[Channel, Callable[[Notification], dict[str, Any]]] = MappingProxyType(
    {Channel.WEBHOOK: for_webhook, Channel.SLACK: for_slack, Channel.TEAMS: for_teams}
)
