"""HTTP requests: call a URL now, at a date or on a schedule, for everybody who has no Python to write."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from bellhop.http_status import HttpStatus
from bellhop.request_headers import Headers, SigningSecret
from bellhop.signature import Retry, signature
from bellhop.text import Shape
from bellhop.urls import WebUrl

MOST_RETRIES = 9
RETRY = Retry(attempts=MOST_RETRIES + 1, argument="retries")
STATUS = r"[1-5][0-9]{2}(-[1-5][0-9]{2})?|[1-5][xX]{2}"
STATUSES = f"({STATUS}) *(, *({STATUS}) *)*"


def statuses(text: str) -> list[range]:
    """Read what fits STATUSES, such as '200-299, 404, 5xx'."""
    return [_range(part.strip()) for part in text.lower().split(",")]


def _range(text: str) -> range:
    if text.endswith("xx"):
        return range(int(text[0]) * 100, int(text[0]) * 100 + 100)
    ends = sorted(int(end) for end in text.split("-"))
    return range(ends[0], ends[-1] + 1)


Url = Annotated[WebUrl, Field(description="Where to, on the public internet; without a user name or a password")]
Method = Annotated[
    Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], Field(description="The request's method")
]
Body = Annotated[
    str | dict[str, Any] | list[Any] | None,
    Field(description="Text, sent byte by byte; or an object or a list, sent as JSON that means the same"),
]
Seconds = Annotated[float, Field(gt=0, le=120, allow_inf_nan=False, description="How many seconds one try may take")]
Statuses = Annotated[
    str,
    Field(max_length=200, description="Such as `200-299, 404` or `2xx`"),
    Shape(STATUSES, "statuses, such as 200-299, 404 or 2xx"),
]
Expected = Annotated[Statuses, Field(description="Statuses that are a success, such as `200-299, 404` or `2xx`")]
RetryOn = Annotated[Statuses, Field(description="Statuses that are tried again, such as `429, 5xx`")]
Retries = Annotated[int, Field(ge=0, le=MOST_RETRIES, description="How often it is tried again")]
FollowRedirects = Annotated[
    bool | None,
    Field(
        description="Whether redirects are followed. By default those are after which the request arrives as it was "
        "sent: all of a GET or HEAD, none that would change the method or drop the body"
    ),
]


class Answer(BaseModel):
    """What came back: the headers of interest, and of the body the first 10 kB as text, without our own secrets."""

    status: HttpStatus
    seconds: float
    url: str
    """Where the redirects ended."""
    headers: dict[str, str]
    body: str
    truncated: bool
    """Whether the body had more."""
    body_error: str | None = None
    """What broke while the body was read, if something did: the status came before it and counts."""


@signature("http.request", retry=RETRY, soft_limit=150, hard_limit=180, limit_key="host(args.url)")
def request(
    *,
    url: Url,
    method: Method = "GET",
    headers: Headers = {},  # noqa: B006  a default of the model, which copies it
    body: Body = None,
    timeout: Seconds = 30.0,
    expect: Expected = "200-299",
    retry_on: RetryOn = "408, 429, 500-599",
    retries: Retries = 3,
    follow_redirects: FollowRedirects = None,
    signing_secret: SigningSecret = None,
) -> Answer:
    """Call a URL and keep its answer.

    Where no answer comes, or one with a status in `retry_on`, it is tried again; any other status that is not in
    `expect` fails. Safe to repeat: each request carries an Idempotency-Key made from the job, by which the other
    side can know it again.
    """
