"""What requests and forms say of a bulk action."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from bellhop.text import WITHOUT_NUL, Shape
from bellhop_ledger.bulk_actions.tables import LONGEST_QUERY, MOST_JOBS, Verb
from bellhop_web.http.fields import IdempotencyKey
from bellhop_web.http.request import Closed, Parameters, Query
from bellhop_web.jobs.requests import SubmitHeaders

LONGEST_DELAY = 3_600
"""Seconds."""
DELAY_ON_PAGES = 10
"""Seconds for which what is asked for on a page can be undone."""

WrittenQuery = Annotated[str, Field(min_length=1, max_length=LONGEST_QUERY), WITHOUT_NUL]
Count = Annotated[int, Field(ge=1, le=MOST_JOBS)]


class BulkHeaders(SubmitHeaders):
    """Headers of a bulk action."""

    idempotency_key: IdempotencyKey | None = Field(
        default=None,
        alias="Idempotency-Key",
        description="Makes it safe to send the request again: the same key with the same body returns the action that "
        "the first request made, whatever the query finds now; with another body it is refused. A key belongs to your "
        "token and is remembered for as long as the action is kept.",
        examples=["retry-after-the-outage"],
    )


class BulkRequest(Closed):
    """Which jobs are meant."""

    q: WrittenQuery = Field(
        description="A query as `GET /api/jobs` takes it. To retry are those of the jobs it finds that have failed, or "
        "with `state:cancelled` in it those that were cancelled; to cancel, those that have not ended",
        examples=['task:http.* error:"refused" since:2h'],
    )
    count: Count = Field(
        description=f"How many jobs that is. Where it has changed, nothing is done. At most {MOST_JOBS:,}",
        examples=[60],
    )
    delay: Annotated[float, Field(ge=0, le=LONGEST_DELAY, allow_inf_nan=False)] = Field(
        default=0, description="Seconds until it begins, in which it can be undone", examples=[10]
    )


class PreviewQuery(Query):
    """What would be done."""

    verb: Annotated[Verb, Field(strict=False)] = Field(description="`retry` or `cancel`")
    q: WrittenQuery = Field(description="A query as `GET /api/jobs` takes it", examples=["task:http.* since:2h"])


class BulkActionPath(Parameters):
    """Which bulk action."""

    bulk_action_id: UUID = Field(description="The action's `id`")


class QuestionQuery(Query):
    """What a page asks about, which need not be complete."""

    verb: Annotated[Verb, Field(strict=False)] = Verb.RETRY
    q: WrittenQuery | None = None


class BulkForm(Closed):
    """The button of a page."""

    verb: Annotated[Verb, Field(strict=False)]
    q: WrittenQuery
    count: Count
    key: Annotated[str, Shape("[0-9a-f]{32}", "32 hexadecimal digits")] | None = None
    """Made for each page that shows the button, so that a double click is one action."""
