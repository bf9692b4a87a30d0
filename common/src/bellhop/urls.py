"""URLs that people give: http or https to a host, without a user name or a password (RFC 3986)."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bellhop.text import AROUND, SPACES, Shape

HEX = "[0-9A-Fa-f]{1,4}"
BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
LAST = rf"(?:{HEX}:{HEX}|{BYTE}(?:\.{BYTE}){{3}})"
"""The last 32 bits of an IPv6 address."""


def _before(most: int) -> str:
    """Return what may stand before `::`, so many groups at most."""
    return rf"(?:{HEX}(?::{HEX}){{0,{most - 1}}})?" if most else ""


IPV6 = "|".join(
    [
        rf"(?:{HEX}:){{6}}{LAST}",
        *[rf"{_before(5 - groups)}::(?:{HEX}:){{{groups}}}{LAST}" for groups in range(5, -1, -1)],
        rf"{_before(6)}::{HEX}",
        rf"{_before(7)}::",
    ]
)
"""Section 3.2.2."""
NO_HOST = (
    r"\u2047-\u2049\u2100\u2101\u2105\u2106\u2a74\ufe13\ufe16\ufe55\ufe56\ufe5f\ufe6b\uff03\uff0f\uff1a\uff1f\uff20"
)
"""Signs that become one of /?#@: when they are normalised, and with that another URL."""
GAP = rf"\x00-\x20\x7f-\x9f{SPACES}\ufeff"
NAME = rf"[^{GAP}/?#@:\[\]\\{NO_HOST}]+"
PORT = "0{0,4}(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[0-9]{1,4})"
SCHEME = "[hH][tT][tT][pP][sS]?://"
URL = rf"{SCHEME}(?:\[(?:{IPV6})\]|{NAME})(?::{PORT})?(?:[/?#][^{GAP}]*)?"


def plain_scheme(url: str) -> str:
    """Return the URL with its scheme in lower case, which means the same (section 3.1)."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme.lower()}{separator}{rest}"


def origin_of(url: str) -> str:
    """Return scheme, host and port (section 3.2): whom the secrets of a request are meant for. Raises ValueError."""
    parts = urlsplit(url.strip(AROUND))
    return f"{parts.scheme}://{parts.hostname}:{parts.port or {'http': 80, 'https': 443}[parts.scheme]}"


WebUrl = Annotated[
    str,
    Field(max_length=2000, examples=["https://example.org/"]),
    Shape(URL, "an http or https URL, such as https://example.org/, without blanks, user name or password"),
    AfterValidator(plain_scheme),
]
AnyUrl = Annotated[
    str,
    Field(max_length=2000, examples=["https://example.org/"]),
    Shape(rf"{SCHEME}[^{GAP}]+", "an http or https URL without blanks, such as https://example.org/"),
    AfterValidator(plain_scheme),
]
"""One of many: whether it leads anywhere, its own job finds out, so that a wrong one does not refuse the others."""
