"""Views: how a rule about notifications reads from outside, and what it has found."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from bellhop_ledger.notifications.rules import address_of, incidents_of
from bellhop_ledger.notifications.tables import Channel, Incident, IncidentCondition, NotificationRule, Watched
from bellhop_ledger.platform.secrets import MASK
from bellhop_web.http.times import StoredUtc

MOST_INCIDENTS = 1_000
"""What all rules of a list have found."""


class IncidentView(BaseModel):
    """Something that a rule has found and that goes on."""

    condition: IncidentCondition
    name: str = Field(description="Of the schedule, task or queue")
    since: StoredUtc = Field(description="When it was noticed")
    notified_at: StoredUtc | None = Field(description="When it was sent; null: quiet hours are not over")


class NotificationView(BaseModel):
    """A rule about notifications."""

    id: UUID
    kind: Watched = Field(description="What is watched")
    name: str = Field(description="Its name; a star stands for any characters")
    failures: int | None = Field(description="After how many failures in a row; null: failures are not watched")
    late_seconds: int | None = Field(description="After how many seconds it is late; null: that is not watched")
    recovered: bool = Field(description="Whether somebody is informed when it is over, too")
    channel: Channel
    to: str | None = Field(description="The address of mails")
    to_account: UUID | None = Field(
        description="The account whose address `to` is, also when it changes; null: `to` stays as it is"
    )
    url: str | None = Field(description="`***` where there is one: who knows it may post there")
    origin: str | None = Field(description="Scheme, host and port of the URL")
    signing_secret: str | None = Field(description="`***` where there is one")
    quiet_from: str | None = Field(description="From then on nothing is sent")
    quiet_until: str | None
    time_zone: str | None
    owner: str = Field(description="Who has made it: `user:<id>` or `token:<id>`")
    created_at: StoredUtc
    updated_at: StoredUtc
    updated_by: str = Field(description="Who has changed it last")
    incidents: list[IncidentView] = Field(description="What it has found and that goes on, the newest first")

    @classmethod
    def of(cls, rule: NotificationRule, to: str | None, incidents: Sequence[Incident]) -> Self:
        """Return the view of a rule, the address that it writes to, and what it has found."""
        same = ("id", "failures", "late_seconds", "recovered", "origin", "time_zone", "owner")
        return cls(
            **{field: getattr(rule, field) for field in (*same, "created_at", "updated_at", "updated_by")},
            kind=Watched(rule.kind),
            name=rule.pattern,
            channel=Channel(rule.channel),
            to=to,
            to_account=rule.recipient_id,
            url=MASK if rule.url else None,
            signing_secret=MASK if rule.signing_secret else None,
            quiet_from=rule.quiet_from and f"{rule.quiet_from:%H:%M}",
            quiet_until=rule.quiet_until and f"{rule.quiet_until:%H:%M}",
            incidents=[IncidentView.model_validate(one, from_attributes=True) for one in incidents],
        )


class NotificationsView(BaseModel):
    """All rules about notifications, by what they watch."""

    notifications: list[NotificationView]


class TestView(BaseModel):
    """A test notification that is on its way."""

    job_id: UUID = Field(description="The job that sends it, see `GET /api/jobs/{job_id}`")


def views_of(db: Session, rules: Sequence[NotificationRule]) -> list[NotificationView]:
    """Return the views of rules with what they have found."""
    found: dict[UUID, list[Incident]] = defaultdict(list)
    for incident in incidents_of(db, [rule.id for rule in rules], most=MOST_INCIDENTS):
        found[incident.rule_id].append(incident)
    mails = {rule.id: address_of(db, rule) for rule in rules if rule.channel == Channel.MAIL}
    return [NotificationView.of(rule, mails.get(rule.id), found[rule.id]) for rule in rules]
