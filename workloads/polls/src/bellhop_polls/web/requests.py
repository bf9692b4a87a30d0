"""What people send about polls."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema, field_validator

from bellhop.text import ONE_LINE
from bellhop_ledger.api import clock
from bellhop_polls.tables import FEWEST_OPTIONS, LONGEST_NAME, LONGEST_TITLE, MOST_OPTIONS
from bellhop_web.plugin import Moment, Parameters, RequestBody, moment_schema

WHEN = "ISO 8601 (UTC when it has no offset) or seconds since 1970, with a fraction if you like"
LONGEST_TIME = timedelta(days=3653)


def latest(now: datetime) -> datetime:
    """Return the first moment at which no poll may close: after ten years, at the end of a day, for a schema to say."""
    return datetime.combine(now.astimezone(UTC) + LONGEST_TIME + timedelta(days=1), time.min, UTC)


def in_ten_years(closes_at: datetime) -> datetime:
    """Refuse a date that is too far away."""
    if closes_at >= latest(clock.now()):
        raise ValueError("must be at most ten years ahead")
    return closes_at


ClosesAt = Annotated[
    Moment,
    AfterValidator(in_ten_years),
    WithJsonSchema(moment_schema(latest(clock.now()))),
]
OptionName = Annotated[str, Field(max_length=LONGEST_NAME), ONE_LINE]


class NewPoll(RequestBody):
    """A poll that is to be opened."""

    title: Annotated[str, Field(max_length=LONGEST_TITLE), ONE_LINE] = Field(
        description="The question, on one line", examples=["Where shall we have lunch?"]
    )
    options: list[OptionName] = Field(
        min_length=FEWEST_OPTIONS,
        max_length=MOST_OPTIONS,
        description="2 to 20 answers to choose from; upper and lower case make no difference between two",
        examples=[["Noodles", "Soup"]],
        json_schema_extra={"uniqueItems": True},
    )
    closes_at: ClosesAt | None = Field(
        default=None,
        description=f"Until when votes are taken, at most ten years ahead: {WHEN}. 24 hours from now when left out.",
        examples=["2030-01-31T09:30:00Z", 1_896_082_200.5],
    )
    votes_may_change: bool = Field(default=False, description="Whether people may change their minds")

    @field_validator("options")
    @classmethod
    def all_different(cls, options: list[str]) -> list[str]:
        """Refuse two options that read the same."""
        first: dict[str, int] = {}
        for number, name in enumerate(options, start=1):
            if (same := first.setdefault(" ".join(name.casefold().split()), number)) != number:
                raise ValueError(f"must all be different: numbers {same} and {number} are the same")
        return options


class ClosingDate(RequestBody):
    """Another closing date."""

    closes_at: ClosesAt = Field(
        description=f"Until when votes are taken, at most ten years ahead: {WHEN}",
        examples=["2030-01-31T09:30:00Z", 1_896_082_200.5],
    )


class Choice(RequestBody):
    """What somebody votes for."""

    option: int = Field(ge=1, le=MOST_OPTIONS, description="The option's `number`", examples=[2])


class PollPath(Parameters):
    """Which poll."""

    poll_id: UUID = Field(description="The poll's `id`")
