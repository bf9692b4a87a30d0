"""HTTP requests: call a URL now, at a date or on a schedule, for everybody who has no Python to write."""

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo

from bellhop.signature import Retry, signature
from bellhop.text import Shape
from bellhop.urls import WebUrl
from bellhop_ledger.platform.secrets import MASK, is_meant_for, is_sealed, seal

MOST_RETRIES = 9
RETRY = Retry(attempts=MOST_RETRIES + 1, argument="retries")
SHORTEST_SECRET, LONGEST_SECRET = 16, 1000
OPEN_HEADERS = frozenset(
    {"accept", "accept-language", "cache-control", "content-language", "content-type", "if-modified-since"}
    | {"if-none-match", "prefer", "range", "user-agent"}
)
"""Headers that hold no secrets: stored and shown as they are. Every other one is sealed."""
OUR_HEADERS = frozenset(
    {"accept-encoding", "connection", "content-length", "expect", "host", "idempotency-key", "keep-alive"}
    | {"te", "trailer", "transfer-encoding", "upgrade", "x-bellhop-signature"}
)
"""Headers that nobody else may set."""
SECRETS = frozenset({"headers", "signing_secret"})
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
HEADER_VALUE = re.compile(r"[\t -~]{0,8000}")
STATUS = r"[1-5][0-9]{2}(-[1-5][0-9]{2})?|[1-5][xX]{2}"
STATUSES = f"({STATUS}) *(, *({STATUS}) *)*"


def origin_of(url: str) -> str:
    """Give scheme, host and port: whom the secrets of a request are meant for. Raises ValueError."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or {'http': 80, 'https': 443}[parts.scheme]}"


def statuses(text: str) -> list[range]:
    """Read what fits STATUSES, such as '200-299, 404, 5xx'."""
    return [_range(part.strip()) for part in text.lower().split(",")]


def _range(text: str) -> range:
    if text.endswith("xx"):
        return range(int(text[0]) * 100, int(text[0]) * 100 + 100)
    ends = sorted(int(end) for end in text.split("-"))
    return range(ends[0], ends[-1] + 1)


def _sealed_headers(headers: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    if len({name.lower() for name in headers}) < len(headers):
        raise ValueError("has one name twice")
    return {name: _sealed_header(name, value.strip(), info) for name, value in headers.items()}


def _sealed_header(name: str, value: str, info: ValidationInfo) -> str:
    if not HEADER_NAME.fullmatch(name):
        raise ValueError(f"{name[:40]!r} is not the name of a header")
    if name.lower() in OUR_HEADERS or name.lower().startswith("proxy-"):
        raise ValueError(f"{name} is set by Bellhop itself")
    if not is_sealed(value) and not HEADER_VALUE.fullmatch(value):
        raise ValueError(f"{name} must be at most 8,000 printable ASCII characters")
    return value if name.lower() in OPEN_HEADERS else _sealed(value, info, f"{name} ")


def _sealed(secret: str, info: ValidationInfo, what: str = "") -> str:
    """Seal a secret for the host of the URL; one that is sealed already was checked before it was."""
    if "url" not in info.data:  # the URL itself is wrong, and that is said already
        return MASK
    audience = origin_of(info.data["url"])
    if secret == MASK:
        raise ValueError(f"{what}must be given again: {MASK} only stands for a secret")
    if not is_sealed(secret):
        return seal(secret, audience)
    if not is_meant_for(secret, audience):
        raise ValueError(f"{what}must be given again, for it was meant for another host")
    return secret


def _sealed_secret(secret: str | None, info: ValidationInfo) -> str | None:
    if secret is None:
        return None
    if not is_sealed(secret) and secret != MASK and not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        raise ValueError(f"must have {SHORTEST_SECRET} to {LONGEST_SECRET} characters")
    return _sealed(secret, info)


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
            "propertyNames": {"pattern": f"^{HEADER_NAME.pattern}$", "x-words": "the name of a header"},
            "additionalProperties": {
                "type": "string",
                "pattern": f"^{HEADER_VALUE.pattern}$",
                "x-words": "at most 8,000 printable characters of ASCII",
            },
        },
    ),
    AfterValidator(_sealed_headers),
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
Secret = Annotated[
    str | None,
    Field(
        description="Signs the request in the header X-Bellhop-Signature; stored encrypted and shown as ***",
        json_schema_extra={"minLength": SHORTEST_SECRET, "maxLength": LONGEST_SECRET},
    ),
    AfterValidator(_sealed_secret),
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


@signature("http.request", retry=RETRY, soft_limit=150, hard_limit=180, secrets=SECRETS)
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
    signing_secret: Secret = None,
) -> Answer:
    """Call a URL and keep its answer.

    Where no answer comes, or one with a status in `retry_on`, it is tried again; any other status that is not in
    `expect` fails. Safe to repeat: each request carries an Idempotency-Key made from the job, by which the other
    side can know it again.
    """
