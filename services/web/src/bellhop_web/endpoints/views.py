"""Views: how an HTTP endpoint reads from outside."""

from collections.abc import Collection
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from bellhop_ledger.platform.secrets import masked
from bellhop_ledger.tasks.table import TaskEndpoint
from bellhop_web.http.times import StoredUtc


class EndpointView(BaseModel):
    """A task whose body is a service that is called over HTTP."""

    model_config = ConfigDict(serialize_by_alias=True)

    name: str
    url: str
    description: str
    arguments: dict[str, Any] = Field(alias="schema", description="JSON Schema of `args`")
    secrets: list[str] = Field(description="The arguments that are stored encrypted and shown as `***`")
    queue: str
    served: bool = Field(description="Whether a living worker takes jobs from its queue; without one they wait")
    max_attempts: int
    timeout: float = Field(description="How many seconds a call may take")
    heartbeat_timeout: float = Field(
        description="After a 202: seconds without a word from the service until the attempt counts as lost"
    )
    completion_timeout: float = Field(description="After a 202: seconds until the result must be there")
    headers: dict[str, str] = Field(description="With `***` for what is secret")
    signing_secret: str | None = Field(description="`***` where there is one")
    created_at: StoredUtc
    updated_at: StoredUtc
    updated_by: str = Field(description="Who has changed it last: `user:<id>` or `token:<id>`")

    @classmethod
    def of(cls, endpoint: TaskEndpoint, served: Collection[str]) -> Self:
        """Return the view of an endpoint; `served` are the queues of living workers."""
        facts = {name: getattr(endpoint, name) for name in cls.model_fields if name not in {"served", "arguments"}}
        facts |= {"headers": masked(endpoint.headers), "signing_secret": masked(endpoint.signing_secret)}
        return cls(**facts, schema=endpoint.arguments, served=endpoint.queue in served)
