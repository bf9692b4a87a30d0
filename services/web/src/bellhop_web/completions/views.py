"""Views: what an endpoint is told of its attempt."""

from uuid import UUID

from pydantic import BaseModel, Field

from bellhop_ledger.ledger.tables import State
from bellhop_web.http.times import StoredUtc


class CompletionView(BaseModel):
    """What has become of the job."""

    job_id: UUID
    state: State = Field(description="That of the job; `scheduled` where another attempt follows")
    heartbeat_by: StoredUtc | None = Field(
        description="While it runs: when the attempt counts as lost, or has timed out, without another word"
    )
