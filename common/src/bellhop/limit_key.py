"""Limit keys: what a job is limited by besides its task, such as the host that it calls.

A task declares how its key is found, `limit_key="host(args.url)"`, and each job of it gets one when it is submitted,
as `kind:name`. Jobs of a task that declares nothing have none. The jobs of an HTTP endpoint all have the same one.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

DECLARED = re.compile(r"host\(args\.([A-Za-z_][A-Za-z0-9_]*)\)")
HOST = "host"


class NotALimitKey(ValueError):
    """A limit key is declared as `host(args.<argument>)`, of an argument that the task has and that is no secret."""


def check(declared: str, arguments: Collection[str], secrets: Collection[str]) -> None:
    """Raise NotALimitKey unless the key can be found in such arguments; what is secret must not be stored as a key."""
    found = DECLARED.fullmatch(declared)
    if not found or found[1] not in arguments or found[1] in secrets:
        raise NotALimitKey(f"{declared!r}: {NotALimitKey.__doc__}")


def limit_key_of(declared: str, args: Mapping[str, Any]) -> str | None:
    """Return the key of a job with these arguments as its task declares it; none where nothing can be read."""
    if declared.startswith(f"{HOST}:"):
        return declared
    found = DECLARED.fullmatch(declared)
    value = args.get(found[1]) if found else None
    host = host_of(value) if isinstance(value, str) else None
    return f"{HOST}:{host}" if host else None


def host_of(url: str) -> str | None:
    """Return the host of a URL as `host_name` writes it; none where there is none."""
    try:
        return host_name(urlsplit(url.strip()).hostname or "")
    except ValueError:
        return None


def host_name(text: str) -> str | None:
    """Return a host's name or address in the one way in which it is compared: small letters, and IDNA as in DNS."""
    name = text.strip().rstrip(".").removeprefix("[").removesuffix("]").lower()
    try:
        return name.encode("idna").decode() or None
    except UnicodeError:
        return name or None
