"""What can go wrong. A refusal is made from the problem (RFC 9457) in the answer, and each kind of it is a class."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bellhop_client.views import Job


class BellhopError(Exception):
    """Something went wrong between this application and Bellhop."""


class Unreachable(BellhopError):
    """No answer came, however often the request was sent."""


class NoAnswer(Unreachable):
    """The request was sent, and no answer to it came; what was asked for may have been done."""


class UnexpectedAnswer(BellhopError):
    """The answer is not one of Bellhop's; perhaps the URL leads elsewhere."""


class WaitTimeout(BellhopError, TimeoutError):
    """The job has not ended in time. It goes on."""

    def __init__(self, job: "Job"):
        super().__init__(job)
        self.job = job

    def __str__(self) -> str:
        return f"job {self.job.id} ({self.job.task}) is still {self.job.state}"


class JobFailed(BellhopError):
    """The job has failed or was cancelled."""

    def __init__(self, job: "Job"):
        super().__init__(job)
        self.job = job

    def __str__(self) -> str:
        reason = f": {self.job.error.type}: {self.job.error.message}" if self.job.error else ""
        return f"job {self.job.id} ({self.job.task}) is {self.job.state}{reason}"


class Withheld(BellhopError):
    """What was asked for is withheld from this token, which has no right to see payloads."""

    def __init__(self, what: str):
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} is withheld: it needs the right to see payloads"


@dataclass(frozen=True)
class Problem:
    """Why a request was refused."""

    status: int
    title: str
    detail: str
    errors: Mapping[str, str] = field(default_factory=dict)
    """What is wrong, by field: `args.a` and its like, or the name of a parameter or header."""
    request_id: str | None = None
    retry_after: float | None = None
    """Seconds after which the server wants to be asked again."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Further members of the problem, such as the job's `state` in a conflict."""


class Refused(BellhopError):
    """Bellhop has refused the request."""

    def __init__(self, problem: Problem):
        super().__init__(problem)
        self.problem = problem
        self.status, self.title, self.detail = problem.status, problem.title, problem.detail
        self.errors, self.request_id, self.retry_after = problem.errors, problem.request_id, problem.retry_after

    def __str__(self) -> str:
        faults = "; ".join(f"{name}: {message}" for name, message in self.errors.items())
        return f"{self.status} {self.title}: {faults or self.detail}"


class BadRequest(Refused):
    """400: the request cannot be read."""


class Unauthorized(Refused):
    """401: the token is missing, not known or no longer valid."""


class Forbidden(Refused):
    """403: the token may not do this."""


class NotFound(Refused):
    """404: there is no such thing, or not for this token."""


class Conflict(Refused):
    """409: the present state does not allow this, or the key was used for another request."""


class TooLarge(Refused):
    """413: the body has too many bytes."""


class Invalid(Refused):
    """422: a field is wrong; `errors` names it."""


class TooManyRequests(Refused):
    """429: a limit is reached; `retry_after` says for how long."""


class ServerError(Refused):
    """5xx: the fault is not the caller's."""


class Unavailable(ServerError):
    """502, 503 or 504: the server, or something that it needs, is away for the moment."""


BY_STATUS: Mapping[int, type[Refused]] = {
    400: BadRequest, 401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict, 413: TooLarge, 422: Invalid,
    429: TooManyRequests, 502: Unavailable, 503: Unavailable, 504: Unavailable,
}  # fmt: skip


def refusal(problem: Problem) -> Refused:
    """Return the exception of a problem."""
    return BY_STATUS.get(problem.status, ServerError if problem.status >= 500 else Refused)(problem)
