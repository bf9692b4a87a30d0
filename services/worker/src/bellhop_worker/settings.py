"""What the worker alone must know."""

from pydantic import Field, field_validator

from bellhop.settings import Settings
from bellhop_worker.http import AllowList


class WorkerSettings(Settings):
    """How many jobs at once, of which queues, and how long a stop may take."""

    worker_concurrency: int = Field(default=8, ge=1, le=1000)
    worker_queues: str = "default,slow"
    worker_stop_timeout: float = Field(default=25, ge=0)
    message_budget_seconds: float = Field(default=1.0, gt=0)
    """After so long, the jobs of a message that have not begun go back to the queue."""
    extra_bodies: str = ""
    fetch_allow: str = ""

    @field_validator("fetch_allow")
    @classmethod
    def parse_hosts(cls, setting: str) -> str:
        """Refuse an entry that cannot be read, now and not at the first fetch."""
        AllowList.parse(setting)
        return setting

    @field_validator("worker_queues")
    @classmethod
    def name_a_queue(cls, queues: str) -> str:
        """Refuse an empty list."""
        if not all(name.strip() for name in queues.split(",")):
            raise ValueError("must be a comma separated list of queues")
        return queues
