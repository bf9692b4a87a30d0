"""Headers and signatures of the requests that we send for people: which they may set, and which are secret."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from bellhop.secret import Secret

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


def checked_secret(secret: str | None) -> str | None:
    """Return what requests are signed by. Raises ValueError for what can be guessed, or is too long."""
    if secret is not None and not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        raise ValueError(f"must have {SHORTEST_SECRET} to {LONGEST_SECRET:,} characters")
    return secret


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
SigningSecret = Annotated[
    str | None,
    Field(
        description="Signs the request as Standard Webhooks do (whsec_ and Base64); stored encrypted, shown as ***",
        json_schema_extra={"minLength": SHORTEST_SECRET, "maxLength": LONGEST_SECRET},
    ),
    AfterValidator(checked_secret),
    Secret(audience="url"),
]
