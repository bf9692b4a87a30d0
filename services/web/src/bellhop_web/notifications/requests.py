"""What a request says of a rule about notifications."""

from collections.abc import Iterator
from datetime import time
from typing import Annotated

from pydantic import AfterValidator, Field

from bellhop.errors import Fault, Invalid
from bellhop.text import ONE_LINE, Shape
from bellhop.urls import URL, plain_scheme
from bellhop_ledger.notifications.rules import Wanted
from bellhop_ledger.notifications.tables import LONGEST_GRACE, MOST_FAILURES, Channel, Watched
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.platform.zones import NotAZone, find_zone
from bellhop_web.accounts.fields import Email
from bellhop_web.auth.callers import Caller
from bellhop_web.endpoints.requests import SigningSecret
from bellhop_web.http.request import Closed

Pattern = Annotated[str, Field(min_length=1, max_length=200), ONE_LINE]
Clock = Annotated[str, Shape("(?:[01][0-9]|2[0-3]):[0-5][0-9]", "a time of day, such as 22:00")]
PostUrl = Annotated[
    str,
    Field(max_length=2000),
    Shape(rf"\*\*\*|{URL}", "an http or https URL without blanks, user name or password, or three stars"),
    AfterValidator(plain_scheme),
]


class RuleRequest(Closed):
    """What is watched, when somebody is informed, and how."""

    kind: Annotated[Watched, Field(strict=False)] = Field(description="What is watched")
    name: Pattern = Field(
        description="Its name. A star stands for any characters, everything else for itself", examples=["nightly *"]
    )
    failures: Annotated[int, Field(ge=1, le=MOST_FAILURES)] | None = Field(
        default=None,
        description="Inform when so many jobs have failed in a row, each after its last attempt; cancelled ones do not "
        "count",
        examples=[3],
    )
    late_seconds: Annotated[int, Field(ge=1, le=LONGEST_GRACE)] | None = Field(
        default=None,
        description="Inform when a run of a schedule has not begun so many seconds after it was due, or the oldest "
        "waiting job of a queue has waited for so long; not for tasks. Give this, `failures` or both",
        examples=[1800],
    )
    recovered: bool = Field(default=True, description="Whether to inform when it is over, too")
    channel: Annotated[Channel, Field(strict=False)] = Field(description="How")
    to: Email | None = Field(
        default=None,
        description="For `mail`: the address. When not given, it goes to your account, whatever address that has then; "
        "in a change, to the account that it goes to already",
    )
    url: PostUrl | None = Field(
        default=None,
        description="For `webhook`, `slack` and `teams`: where to post, on the public internet. Stored encrypted and "
        "shown as `***`, which keeps what is stored",
        examples=["https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"],
    )
    signing_secret: SigningSecret = Field(
        default=None,
        description="For `webhook`: signs as Standard Webhooks do (whsec_ and Base64). Encrypted, shown as `***`",
    )
    quiet_from: Clock | None = Field(
        default=None,
        description="From then on nothing is sent, by the clock of `time_zone`; it is sent at `quiet_until`, unless it "
        "is over by then",
        examples=["22:00"],
    )
    quiet_until: Clock | None = Field(
        default=None, description="Until then, perhaps on the next day", examples=["07:00"]
    )
    time_zone: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        default=None,
        description="IANA name of the zone of the quiet hours; that of the deployment (`TIME_ZONE`) when not given",
        examples=["Europe/Vienna"],
    )

    def wanted(self, caller: Caller) -> Wanted:
        """Return the rule that is wanted by whoever asks. Raises Invalid, which names the fields."""
        to = (self.to or caller.email) if self.channel is Channel.MAIL else None
        if faults := [*self._faults_of_watching(), *self._faults_of_channel(to), *self._faults_of_hours()]:
            raise Invalid(faults=faults)
        has_hours = self.quiet_from is not None
        return Wanted(
            kind=self.kind,
            pattern=self.name,
            failures=self.failures,
            late_seconds=self.late_seconds,
            recovered=self.recovered,
            channel=self.channel,
            recipient=to,
            recipient_id=caller.user_id if to is not None and self.to is None else None,
            url=self.url,
            signing_secret=self.signing_secret,
            quiet_from=_time(self.quiet_from),
            quiet_until=_time(self.quiet_until),
            time_zone=(self.time_zone or Settings.load().time_zone) if has_hours else None,
        )

    def _faults_of_watching(self) -> Iterator[Fault]:
        if self.failures is None and self.late_seconds is None:
            yield Fault("failures", "must be given, or late_seconds: else nobody is ever informed")
        if self.kind is Watched.TASK and self.late_seconds is not None:
            yield Fault("late_seconds", "must not be given for a task, which has no time; watch its schedule or queue")

    def _faults_of_channel(self, to: str | None) -> Iterator[Fault]:
        if self.channel is Channel.MAIL:
            if to is None:
                yield Fault("to", "must be given, for this token has no address")
            if self.url is not None:
                yield Fault("url", "must not be given for a mail")
        else:
            if self.to is not None:
                yield Fault("to", f"must not be given for {self.channel}; it belongs to a mail")
            if self.url is None:
                yield Fault("url", f"must be given for {self.channel}")
        if self.signing_secret is not None and self.channel is not Channel.WEBHOOK:
            yield Fault("signing_secret", f"must not be given for {self.channel}; it belongs to a webhook")

    def _faults_of_hours(self) -> Iterator[Fault]:
        if (self.quiet_from is None) is not (self.quiet_until is None):
            missing = "quiet_from" if self.quiet_from is None else "quiet_until"
            yield Fault(missing, "must be given as well: quiet hours have a beginning and an end")
        elif self.quiet_from is None and self.time_zone is not None:
            yield Fault("time_zone", "must not be given without quiet hours")
        elif self.quiet_from is not None and self.quiet_from == self.quiet_until:
            yield Fault("quiet_until", "must be another time than quiet_from")
        try:
            find_zone(self.time_zone or "UTC")
        except NotAZone as error:
            yield Fault("time_zone", str(error))


def _time(clock: str | None) -> time | None:
    return None if clock is None else time.fromisoformat(clock)
