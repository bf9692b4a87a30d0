"""What is done for accounts behind the scenes: the first operator, tidying up, and throttles without Redis."""

from collections.abc import Iterator
from contextlib import nullcontext

import flask
import pytest
import redis
from sqlalchemy import select

from bellhop.builtins import accounts
from bellhop_ledger.accounts.passwords import hash_password, is_password
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.tokens import set_first
from bellhop_ledger.accounts.users import User, set_first_admin
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.secrets import hash_of
from bellhop_ledger.platform.settings import SettingsError
from bellhop_web.accounts import throttle
from bellhop_web.accounts.throttle import Throttle
from bellhop_web.http.addresses import client_address
from bellhop_worker.accounts.task import tidy
from tests.stack import TOKEN, Stack

EMAIL = "operator@localhost"


def first_operator(password_hash: str) -> User:
    with transaction() as db:
        set_first_admin(db, EMAIL, password_hash)
    with transaction() as db:
        return db.scalars(select(User).where(User.email == EMAIL)).one()


def user(ledger: Stack, **columns: str) -> None:
    """Insert a user; the values are SQL."""
    known = {"id": "gen_random_uuid()", "email": f"'{EMAIL}'", "password_hash": "'theirs'"} | columns
    ledger.sql(f"INSERT INTO users ({', '.join(known)}) VALUES ({', '.join(known.values())})")


def test_the_first_operator_is_made_once_and_keeps_a_password_of_their_own(ledger: Stack) -> None:
    made = first_operator("first")
    ledger.sql("UPDATE users SET password_hash = 'their own'")

    again = first_operator("second")

    assert (made.password_hash, made.role, made.activated_at is not None) == ("first", Role.ADMIN, True)
    assert again.password_hash == "their own"


@pytest.mark.parametrize("activated", ["NULL", "now()"])
def test_who_took_the_operators_address_before_does_not_become_the_operator(ledger: Stack, activated: str) -> None:
    user(ledger, activated_at=activated)
    ledger.sql("INSERT INTO tokens (id, user_id, name, hash) SELECT id, id, 'theirs', 'theirs' FROM users")

    made = first_operator("first")

    assert (made.password_hash, made.role) == ("first", Role.ADMIN)
    assert ledger.sql("SELECT count(*) FROM tokens WHERE name = 'theirs'") == [(0,)]


def test_an_operator_is_made_at_migration(ledger: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_EMAIL", EMAIL.upper())
    monkeypatch.setenv("ADMIN_PASSWORD", "a good password")

    ledger.run("migrate", "bellhop-migrate")

    [(stored,)] = ledger.sql("SELECT password_hash FROM users WHERE email = %s AND role = 'operator'", EMAIL)
    assert is_password("a good password", stored)


def test_what_has_ended_is_tidied_away(ledger: Stack) -> None:
    user(ledger, email="'new@x'")
    user(ledger, email="'never@x'", created_at="now() - interval '8 days'")
    user(ledger, email="'old@x'", created_at="now() - interval '8 days'", activated_at="now()")
    ledger.sql(
        "INSERT INTO sessions (id, user_id, hash, created_at, expires_at, agent) SELECT gen_random_uuid(), id, days, "
        "now() - interval '30 days', now() + days::interval, '' FROM users, unnest(ARRAY['-1 day', '1 day']) AS days "
        "WHERE email = 'old@x'"
    )

    with transaction() as db:
        gone = tidy(db)

    assert gone == 2
    assert ledger.sql("SELECT email FROM users ORDER BY email") == [("new@x",), ("old@x",)]
    assert ledger.sql("SELECT hash FROM sessions") == [("1 day",)]
    assert accounts.tidy.declared


@pytest.fixture
def app() -> flask.Flask:
    made = flask.Flask("test")
    made.config["TRUSTED_PROXIES"] = 1
    return made


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("nonsense", "nonsense"),
        ("", "192.0.2.1"),
    ],
)
def test_an_address_is_what_the_trusted_proxy_saw(app: flask.Flask, forwarded: str, address: str) -> None:
    headers = {"X-Forwarded-For": forwarded}
    with app.test_request_context(headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.1"}):
        assert client_address() == address


def test_a_throttle_counts_each_subject_by_itself(ledger: Stack) -> None:
    twice = Throttle("test", 2, 60)

    assert [bool(twice.spent("ada")) for _ in range(3)] == [False, False, True]
    assert twice.spent("bob") == 0
    twice.give_back("ada")
    twice.give_back("ada")
    assert twice.spent("ada") == 0


def test_without_redis_nothing_is_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    away = redis.Redis(port=1, socket_connect_timeout=0.1)
    monkeypatch.setattr(throttle, "client", lambda: away)

    assert [Throttle("test", 0, 60).spent("ada") for _ in range(3)] == [0, 0, 0]
    away.close()


def test_a_password_is_the_same_however_its_letters_are_written() -> None:
    assert is_password("Gru\u0308\u00dfe \uff11", hash_password("Gr\u00fc\u00dfe 1"))


def test_no_password_fits_where_there_is_no_account() -> None:
    assert not is_password("nobody's", None)


def test_an_operator_without_a_password_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    from bellhop_ledger.migrations.command import MigrateSettings

    monkeypatch.setenv("DATABASE_URL", "postgresql://nowhere/none")
    monkeypatch.setenv("REDIS_URL", "redis://nowhere")
    monkeypatch.setenv("ADMIN_EMAIL", EMAIL)
    MigrateSettings.load.cache_clear()

    with pytest.raises(SettingsError, match="ADMIN_PASSWORD"):
        MigrateSettings.load()


def stored_token(ledger: Stack) -> tuple[object, ...]:
    """Of the first operator's token: its hash, whether it is old, its days, whether it is revoked and was used."""
    [row] = ledger.sql(
        "SELECT hash, created_at < now() - interval '1 d', round(extract(epoch FROM expires_at - created_at) / 86400),"
        " revoked_at IS NOT NULL, last_used_at IS NOT NULL FROM tokens WHERE name = 'admin'"
    )
    return row


@pytest.fixture
def old_token(ledger: Stack) -> Iterator[None]:
    """A token of the system that was made ten days ago, used, and revoked."""
    with transaction() as db:
        set_first(db, "the first of all tokens")
    old = "created_at = now() - interval '10 days', last_used_at = now(), revoked_at = now()"
    ledger.sql(f"UPDATE tokens SET {old} WHERE name = 'admin'")
    yield
    ledger.sql("DELETE FROM tokens WHERE name = 'admin'")
    with transaction() as db:
        set_first(db, TOKEN)


@pytest.mark.usefixtures("old_token")
@pytest.mark.parametrize(
    ("secret", "days", "kept"),
    [("the first of all tokens", 90, True), ("another token", 90, False), ("another", None, False)],
)
def test_a_token_of_the_system_begins_anew_with_another_secret_alone(
    ledger: Stack, secret: str, days: int | None, kept: bool
) -> None:
    with transaction() as db:
        set_first(db, secret, days)

    assert stored_token(ledger) == (hash_of(secret), kept, days, kept, kept)


WEAK = {"ADMIN_TOKEN": "a" * 15, "ADMIN_PASSWORD": "password12"}


@pytest.mark.parametrize("name", WEAK)
@pytest.mark.parametrize("env", ["production", "development"])
def test_production_refuses_a_first_operator_whom_anybody_could_be(
    monkeypatch: pytest.MonkeyPatch, name: str, env: str
) -> None:
    from bellhop_ledger.migrations.command import MigrateSettings

    strong = {"ADMIN_TOKEN": "x7" * 20, "ADMIN_PASSWORD": "wombat gravel", "ADMIN_EMAIL": EMAIL, "APP_ENV": env}
    servers = {"DATABASE_URL": "postgresql://nowhere/none", "REDIS_URL": "redis://nowhere"}
    for variable, value in {**servers, **strong, name: WEAK[name]}.items():
        monkeypatch.setenv(variable, value)
    MigrateSettings.load.cache_clear()

    refused = pytest.raises(SettingsError, match=name) if env == "production" else nullcontext()
    with refused:
        MigrateSettings.load()
    MigrateSettings.load.cache_clear()
