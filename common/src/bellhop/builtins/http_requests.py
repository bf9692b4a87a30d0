"""HTTP requests: call a URL now, at a date or on a schedule, for everybody who has no Python to write."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from bellhop.secret import Secret
from bellhop.signature import Retry, signature
from bellhop.text import Shape
from bellhop.urls import WebUrl

MOST_RETRIES = 9
RETRY = Retry(attempts=MOST_RETRIES + 1, argument="retries")
SHORTEST_SECRET, LONGEST_SECRET = 16, 1000
OPEN_HEADERS = frozenset(
    {"accept", "accept-language", "cache-control", "content-language", "content-type", "if-modified-since"}
    | {"if-none-match", "prefer", "range", "user-agent"}
)
"""Headers that hold no secrets: stored and shown as they are. Every other one is encrypted."""
OUR_HEADER = re.compile(
    "accept-encoding|connection|content-length|expect|host|idempotency-key|keep-alive|proxy-.*"
    "|te|trailer|transfer-encoding|upgrade"
)
OUR_WORDS = "one of the headers that Bellhop itself sets"
VALUE_WORDS = "at most 8,000 printable characters of ASCII"
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
HEADER_VALUE = re.compile(r"[\t -~]{0,8000}")
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


def _checked_headers(headers: dict[str, str]) -> dict[str, str]:
    if len({name.lower() for name in headers}) < len(headers):
        raise ValueError("has one name twice")
    for name, value in headers.items():
        _check_header(name, value.strip())
    return {name: value.strip() for name, value in headers.items()}


def _check_header(name: str, value: str) -> None:
    if not HEADER_NAME.fullmatch(name):
        raise ValueError(f"{name[:40]!r} is not the name of a header")
    if OUR_HEADER.fullmatch(name.lower()):
        raise ValueError(f"{name!r} must not be {OUR_WORDS}")
    if not HEADER_VALUE.fullmatch(value):
        raise ValueError(f"{name} must be {VALUE_WORDS}")


def _checked_secret(secret: str | None) -> str | None:
    if secret is not None and not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        raise ValueError(f"must have {SHORTEST_SECRET} to {LONGEST_SECRET:,} characters")
    return secret


Url = Annotated[WebUrl, Field(description="Where to, on the public internet; without a user name or a password")]
Method = Annotated[
    Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], Field(description="The request's method")
]
Headers = Annotated[
    dict[str, str],
    Field(
        max_length=50,
        description="All but such as Accept and Content-Type are stored encrypted and shown as ***",
        json_schema_extra={
            "propertyNames": {
                "pattern": f"^{HEADER_NAME.pattern}$",
                "x-words": "the name of a header",
                "not": {"pattern": f"^(?i:{OUR_HEADER.pattern})$", "x-words": OUR_WORDS},
            },
            "additionalProperties": {
                "type": "string",
                "pattern": f"^{HEADER_VALUE.pattern}$",
                "x-words": VALUE_WORDS,
            },
            "x-caseless-names": True,
        },
    ),
    AfterValidator(_checked_headers),
    Secret(audience="url", public=OPEN_HEADERS),
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
SigningSecret = Annotated[
    str | None,
    Field(
        description="Signs the request as Standard Webhooks do (whsec_ and Base64); stored encrypted, shown as ***",
        json_schema_extra={"minLength": SHORTEST_SECRET, "maxLength": LONGEST_SECRET},
    ),
    AfterValidator(_checked_secret),
    Secret(audience="url"),
]


class Answer(BaseModel):
    """What came back: the headers of interest, and of the body the first 10 kB as text, without our own secrets."""

    status: int
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
