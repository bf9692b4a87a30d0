"""The address of Postgres: what SQLAlchemy and libpq will take, and how what it says goes with what we want."""

import re
from enum import StrEnum
from typing import Any

from pydantic import SecretStr

from bellhop_ledger.platform.server_address import check_server


class Pooler(StrEnum):
    """What stands at the address: Postgres itself, or a pooler that gives each transaction another session."""

    NONE = "none"
    TRANSACTION = "transaction"


SCHEMES = {"postgres", "postgresql", "postgresql+psycopg2"}
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
NUMBERS = (
    "connect_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
)


def with_driver(url: SecretStr) -> SecretStr:
    """Turn postgres:// and postgresql:// into postgresql+psycopg2://, which SQLAlchemy 2.1 needs spelt out.

    Raises ValueError for what cannot be an address, which names what is wrong and quotes no secret.
    """
    scheme, separator, rest = url.get_secret_value().partition("://")
    if not separator or scheme not in SCHEMES:
        raise ValueError("must begin with postgresql://")
    check_server(f"postgresql://{rest}", host_required=False)  # without one it is a socket of this machine
    made = f"postgresql+psycopg2://{rest}"
    check_parameters(made)
    return SecretStr(made)


def parameters_of(url: str) -> dict[str, Any]:
    """Return what libpq is given for an address."""
    from sqlalchemy import make_url
    from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2

    dialect: Any = PGDialect_psycopg2  # of which SQLAlchemy gives no types
    _, parameters = dialect().create_connect_args(make_url(url))
    return dict(parameters)


def check_parameters(url: str) -> None:
    """Raise ValueError for a parameter that libpq does not know, or a value that it would refuse at each connection."""
    import psycopg2.extensions

    given = parameters_of(url)
    for name, value in given.items():
        try:
            psycopg2.extensions.make_dsn(**{name: "1"})
        except psycopg2.ProgrammingError:
            raise ValueError(f"{name}: is no parameter of a connection to Postgres") from None
        if name in NUMBERS and not str(value).isdecimal():
            raise ValueError(f"{name}: must be a whole number")
    if given.get("sslmode", SSL_MODES[0]) not in SSL_MODES:
        raise ValueError(f"sslmode: must be one of {', '.join(SSL_MODES)}")


def merged(url: str, ours: dict[str, Any]) -> dict[str, Any]:
    """Return what we want of each connection, as far as the address does not say otherwise.

    The `options` of both are kept; where they set the same variable, ours counts.
    """
    theirs = parameters_of(url)
    mine = {name: value for name, value in ours.items() if name not in theirs}
    if "options" in ours and (options := theirs.get("options")):
        mine["options"] = f"{options} {ours['options']}"
    return mine


def settings_of(options: str) -> dict[str, str]:
    """Return what libpq's `options` set, by the name of the variable; the last counts."""
    words = [re.sub(r"\\(.)", r"\1", word) for word in re.findall(r"(?:\\.|\S)+", options)]
    found = re.findall(r"^(?:-c\n?|--)([\w.-]+)=(.*)$", "\n".join(words), re.MULTILINE)
    return {name.replace("-", "_").lower(): value for name, value in found}


def search_path(url: str, schema: str) -> str:
    """Return the `search_path` of our sessions: our schema, then those of the address.

    Where the address names none it is our schema alone: an application's tables in `public` may be called as ours.
    """
    theirs = settings_of(parameters_of(url).get("options", "")).get("search_path")
    return ",".join(filter(None, [schema, theirs]))


def as_option(name: str, value: str) -> str:
    """Return a setting as one of libpq's `options`."""
    return f"-c {name}=" + re.sub(r"([\\\s])", r"\\\1", value)
