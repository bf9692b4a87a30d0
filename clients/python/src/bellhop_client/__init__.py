"""Bellhop's client for Python: submit jobs to it, and follow them, from any application.

`Client` and `AsyncClient` speak to the API; `Transaction` and `AsyncTransaction` submit in a connection or session of
the application's own; `verify` checks a request that a job of `http.request` has sent.
"""

from bellhop_client.bulk_actions import BulkAction
from bellhop_client.client import AsyncClient, Client
from bellhop_client.errors import (
    BadRequest,
    BellhopError,
    Conflict,
    Forbidden,
    Invalid,
    JobFailed,
    NoAnswer,
    NotFound,
    Problem,
    Refused,
    ServerError,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    Unreachable,
    WaitTimeout,
    Withheld,
)
from bellhop_client.people import Invitation, Person
from bellhop_client.retries import Retries
from bellhop_client.system_views import Diagnosis, Endpoint, Finding, Hold, Queue
from bellhop_client.tokens import NewServiceToken, ServiceSecret, ServiceToken
from bellhop_client.transactions import AsyncTransaction, Transaction
from bellhop_client.views import (
    Attempt,
    Event,
    Job,
    JobError,
    JobLog,
    LogEntry,
    Progress,
    Run,
    Schedule,
    ScheduleImport,
)
from bellhop_client.wanted import JobRequest
from bellhop_client.webhooks import InvalidSignature, verify

__all__ = [
    "AsyncClient",
    "AsyncTransaction",
    "Attempt",
    "BadRequest",
    "BellhopError",
    "BulkAction",
    "Client",
    "Conflict",
    "Diagnosis",
    "Endpoint",
    "Event",
    "Finding",
    "Forbidden",
    "Hold",
    "Invalid",
    "InvalidSignature",
    "Invitation",
    "Job",
    "JobError",
    "JobFailed",
    "JobLog",
    "JobRequest",
    "LogEntry",
    "NewServiceToken",
    "NoAnswer",
    "NotFound",
    "Person",
    "Problem",
    "Progress",
    "Queue",
    "Refused",
    "Retries",
    "Run",
    "Schedule",
    "ScheduleImport",
    "ServerError",
    "ServiceSecret",
    "ServiceToken",
    "TooLarge",
    "TooManyRequests",
    "Transaction",
    "Unauthorized",
    "Unavailable",
    "UnexpectedAnswer",
    "Unreachable",
    "WaitTimeout",
    "Withheld",
    "verify",
]
