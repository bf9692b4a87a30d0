"""Addresses: a wrong one is refused when a command begins, by the name of its variable, and no secret is quoted."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import URL

from bellhop_ledger.platform.database_address import as_option, merged, search_path, settings_of, with_driver
from bellhop_ledger.platform.redis_address import read

SECRET = "s3cr3t"

WRONG_FOR_BOTH = [
    (f"//u:{SECRET}@host:notaport/0", "port"),
    (f"//u:{SECRET}@host:99999/0", "port"),
    (f"//u:{SECRET}@host:0/0", "port"),
    (f"//u:{SECRET}@host:/0", "port"),
    (f"//u:{SECRET}@host:-1/0", "port"),
    (f"//u:{SECRET}/x@host:5/0", "port"),
    (f"//u:{SECRET}@h1,h2/0", "one server"),
    (f"//u:{SECRET}@h1:5,h2:6/0", "one server"),
    (f"//u:{SECRET}#x@host/0", "'#'"),
    (f"//u:{SECRET}@ho st/0", "blanks"),
    (f"//u:{SECRET}@host/0\n", "blanks"),
    (f"//u:{SECRET}@[::1/0", "port"),
]


@pytest.mark.parametrize(("rest", "reason"), WRONG_FOR_BOTH)
def test_an_address_that_names_no_server_is_refused(rest: str, reason: str) -> None:
    for refuse, scheme in ((read, "redis:"), (read, "rediss:"), (lambda url: with_driver(SecretStr(url)), "postgres:")):
        with pytest.raises(ValueError, match=reason) as refused:
            refuse(scheme + rest)
        assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://host/0", "must begin with redis://"),
        ("host:6379", "must begin with redis://"),
        ("unix:///run/redis.sock", "must begin with redis://"),
        (f"redis://:{SECRET}@/0", "must name a server"),
        ("redis://host/notanumber", "number of a database"),
        ("redis://host/-1", "number of a database"),
        ("redis://host/0/1", "number of a database"),
        ("redis://host/\u0663", "number of a database"),
        ("redis://host/0?socket_timeout=5", "socket_timeout: is no parameter"),
        ("redis://host/0?health_check_interval=2", "health_check_interval: is no parameter"),
        ("redis://host/0?db=3", "db: is no parameter"),
        (f"redis://host/0?password={SECRET}", "password: is no parameter"),
        ("redis://host/0?ssl_cert_reqs=none", "ssl_cert_reqs: needs TLS"),
        ("rediss://host/0?ssl_cert_reqs=maybe", "ssl_cert_reqs: must be required, optional or none"),
        ("rediss://host/0?ssl_cert_reqs=", "ssl_cert_reqs: must be required, optional or none"),
        ("rediss://host/0?ssl_check_hostname=maybe", "ssl_check_hostname: must be true or false"),
        ("rediss://host/0?ssl_ca_certs=/no/such/file", "ssl_ca_certs: cannot read /no/such/file"),
    ],
)
def test_an_address_that_one_of_the_libraries_of_redis_would_not_take_is_refused(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        read(url)
    assert SECRET not in str(refused.value)


VERIFIED = {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}


@pytest.mark.parametrize(
    ("url", "bare", "tls"),
    [
        ("redis://host", "redis://host", {}),
        ("redis://u:p%40ss@host:6380/15", "redis://u:p%40ss@host:6380/15", {}),
        ("redis://[::1]:6379/0", "redis://[::1]:6379/0", {}),
        ("rediss://host/0", "rediss://host/0", VERIFIED),
        ("rediss://host/0?ssl_cert_reqs=CERT_REQUIRED", "rediss://host/0", VERIFIED),
        ("rediss://host/0?ssl_check_hostname=False", "rediss://host/0", VERIFIED | {"ssl_check_hostname": False}),
        (
            "rediss://host/0?ssl_cert_reqs=CERT_NONE",
            "rediss://host/0",
            {"ssl_cert_reqs": ssl.CERT_NONE, "ssl_check_hostname": False},
        ),
        ("rediss://host/0?ssl_ciphers=HIGH", "rediss://host/0", VERIFIED | {"ssl_ciphers": "HIGH"}),
    ],
)
def test_a_certificate_is_verified_unless_the_address_says_otherwise(url: str, bare: str, tls: dict[str, Any]) -> None:
    address = read(url)

    assert (address.url, address.tls) == (bare, tls)


def test_the_files_of_an_address_are_taken(tmp_path: Path) -> None:
    (authority := tmp_path / "ca.pem").touch()

    assert read(f"rediss://host/0?ssl_ca_certs={authority}").tls["ssl_ca_certs"] == str(authority)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://host/db", "must begin with postgresql://"),
        ("postgresql+psycopg://host/db", "must begin with postgresql://"),
        ("postgresql://host/db?bogus=1", "bogus: is no parameter"),
        ("postgresql://host/db?sslmode=please", "sslmode: must be one of"),
        ("postgresql://host/db?connect_timeout=soon", "connect_timeout: must be a whole number"),
        ("postgresql://host/db?keepalives_idle=1.5", "keepalives_idle: must be a whole number"),
    ],
)
def test_an_address_that_libpq_would_not_take_is_refused(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        with_driver(SecretStr(url))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://host/db",
        "postgresql://u:p%40ss@host:5432/db?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        "postgresql:///db?host=/var/run/postgresql",
        "postgresql:///db?host=h1:5432&host=h2:5433&target_session_attrs=read-write",
        "postgresql://host/db?options=-csearch_path%3Dmine&application_name=shop&connect_timeout=9",
        "postgresql://[::1]:5432/db",
    ],
)
def test_every_address_that_libpq_takes_is_taken(url: str) -> None:
    assert with_driver(SecretStr(url)).get_secret_value() == url.replace("postgresql:", "postgresql+psycopg2:")


def test_what_an_address_says_of_its_connections_counts() -> None:
    ours = {"connect_timeout": 5, "application_name": "bellhop", "keepalives_idle": 10, "options": "-c timezone=UTC"}

    assert merged("postgresql+psycopg2://host/db", ours) == ours
    assert merged("postgresql+psycopg2://host/db?connect_timeout=9&application_name=shop&keepalives_idle=60", ours) == {
        "options": "-c timezone=UTC"
    }
    assert merged("postgresql+psycopg2://host/db?options=-csearch_path%3Dmine", ours) == ours | {
        "options": "-csearch_path=mine -c timezone=UTC"
    }


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ("", "bellhop"),
        ("-cstatement_timeout=7s", "bellhop"),
        ("-csearch_path=mine", "bellhop,mine"),
        ("-c timezone=UTC --search-path=mine,public", "bellhop,mine,public"),
        ("-c search_path=first -csearch_path=last", "bellhop,last"),
        ('-c search_path="My\\ Shop",\\ public', 'bellhop,"My Shop", public'),
        ("-csearch_path=", "bellhop"),
    ],
)
def test_our_schema_comes_before_those_that_an_address_names(options: str, path: str) -> None:
    url = URL.create("postgresql+psycopg2", host="host", database="db", query={"options": options})

    assert search_path(url.render_as_string(), "bellhop") == path
    assert settings_of(as_option("search_path", path)) == {"search_path": path}
