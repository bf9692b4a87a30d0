"""The one-shot that brings the database's schema up to date, and lets the application at it."""

import argparse
import re
import time
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from bellhop.text import Shape
from bellhop_ledger.accounts import system_tokens
from bellhop_ledger.accounts.guessable import is_guessable
from bellhop_ledger.accounts.tokens import set_first
from bellhop_ledger.accounts.users import set_first_admin
from bellhop_ledger.audit import Action, Origin, record
from bellhop_ledger.migrations import branches, sql_submit
from bellhop_ledger.migrations.database_roles import let_in, let_read_revision
from bellhop_ledger.migrations.moving import drop_left, left_behind
from bellhop_ledger.migrations.old_home import ensure_schema
from bellhop_ledger.migrations.plugins import upgrade_plugins
from bellhop_ledger.migrations.schemas import PLATFORM_VERSIONS, PLUGIN_VERSIONS, plugin_schemas
from bellhop_ledger.migrations.session import exclusive
from bellhop_ledger.platform import log as logs
from bellhop_ledger.platform.database import connect_as, engine, transaction
from bellhop_ledger.platform.database_address import with_driver
from bellhop_ledger.platform.direct import DirectSettings
from bellhop_ledger.platform.settings import CommandError, SettingsError, entry_point
from bellhop_ledger.tasks.plugins import plugins_of

log = logs.get_logger(__name__)

MIGRATION = Origin("command:bellhop-migrate")
SHORTEST_TOKEN = 16
PATIENCE = 60.0
"""Seconds for which the migration waits for Postgres, which may be starting beside it."""


class MigrateSettings(DirectSettings):
    """What the migration needs besides: its own login, the first admin's token, and their account."""

    migration_database_url: SecretStr | None = None
    """The login of the role that owns the tables, at Postgres itself; empty: the application's own."""
    admin_token: SecretStr | None = None
    admin_token_days: int | None = Field(default=None, ge=1, le=3660)
    """For so long it is valid; not set: until there is another one."""
    admin_email: Annotated[
        str, Shape(r"([^@\s]+@[^@\s]+)?", "an e-mail address such as ada@example.org, or nothing")
    ] = ""
    admin_password: SecretStr | None = None

    @field_validator("migration_database_url")
    @classmethod
    def name_the_driver_too(cls, url: SecretStr | None) -> SecretStr | None:
        """Return the address with the name of its driver."""
        return url and with_driver(url)

    @field_validator("admin_token")
    @classmethod
    def can_be_sent(cls, token: SecretStr | None) -> SecretStr | None:
        """Refuse a token that no HTTP header can carry: nobody could sign in with it."""
        if token and not re.fullmatch("[!-~]+", token.get_secret_value()):
            raise ValueError("must consist of visible ASCII characters")
        return token

    @model_validator(mode="after")
    def with_password(self) -> Self:
        """Refuse an admin who could not sign in."""
        if self.admin_email and not self.admin_password:
            raise SettingsError("ADMIN_PASSWORD: must be set where ADMIN_EMAIL is")
        return self

    @model_validator(mode="after")
    def hard_to_guess(self) -> Self:
        """In production, stop at a token or a password that somebody would try."""
        if not self.production:
            return self
        if self.admin_token and len(self.admin_token.get_secret_value()) < SHORTEST_TOKEN:
            raise SettingsError(f"ADMIN_TOKEN: must have at least {SHORTEST_TOKEN} characters when APP_ENV=production")
        if self.admin_password and is_guessable(self.admin_password.get_secret_value(), self.admin_email):
            raise SettingsError("ADMIN_PASSWORD: is one of those that are tried first; take another one")
        return self


def connect_as_owner(settings: MigrateSettings, *, patience: float = 0) -> None:
    """Connect as the owner of the tables. Raises OperationalError where Postgres does not answer in so many seconds."""
    if settings.migration_database_url:
        connect_as(settings.migration_database_url)
    else:
        settings.connect_directly()
    deadline = time.monotonic() + patience
    while True:
        try:
            with engine().connect():
                return
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def upgrade(settings: MigrateSettings) -> None:
    """Run all migrations that are missing; a second process that tries the same waits for the first."""
    platform, plugins = branches.platform(), plugin_branches(settings)
    with exclusive() as connection:
        ensure_schema(connection, platform.schema)
        if branches.upgrade(connection, platform):
            sql_submit.install(connection, platform.schema)
        upgrade_plugins(connection, plugins, platform.schema)
        with connection.begin():
            left = left_behind(connection, [platform.schema, *plugin_schemas(connection, platform.schema)])
    if left:
        log.warning("old_views_left", views=len(left), dropped_by="bellhop-migrate --contract, or the next release")


def plugin_branches(settings: MigrateSettings) -> list[branches.Branch]:
    """Return the branches of the plug-ins that have tables. Raises SettingsError for one without its folder."""
    return [branches.plugin(one.name, one.migrations) for one in plugins_of(settings) if one.migrations]


def contract(settings: MigrateSettings) -> None:
    """Drop the views and the like with which the release before went on, once none of its processes is left."""
    platform = settings.database_schema
    with exclusive() as connection, connection.begin():
        dropped = drop_left(connection, [platform, *plugin_schemas(connection, platform)])
    log.info("old_views_dropped", views=", ".join(dropped) or "none")


@entry_point
def main() -> None:
    """Migrate, store the first admin, and let the application in."""
    parser = argparse.ArgumentParser("bellhop-migrate", description=main.__doc__)
    parser.add_argument(
        "--contract",
        action="store_true",
        help="also drop what only the release before needs; when none of it runs any more",
    )
    parser.add_argument(
        "--end-admin-token", action="store_true", help="also end the token of ADMIN_TOKEN; only another one renews it"
    )
    arguments, settings = parser.parse_args(), MigrateSettings.load()
    logs.configure("migrate", settings)
    connect_as_owner(settings, patience=PATIENCE)
    upgrade(settings)
    set_admin(settings)
    look_at_admin_token(end=arguments.end_admin_token)
    let_application_in(settings)
    log.info("migrated")
    if arguments.contract:
        contract(settings)


def set_admin(settings: MigrateSettings) -> None:
    """Store the first admin's token and account, as far as they are given."""
    with transaction() as db:
        if settings.admin_token:
            set_first(db, settings.admin_token.get_secret_value(), settings.admin_token_days)
        if settings.admin_email and settings.admin_password:
            from bellhop_ledger.accounts.passwords import (
                hash_password,  # where we run, argon2 is; elsewhere it need not be
            )

            hashed = hash_password(settings.admin_password.get_secret_value())
            set_first_admin(db, settings.admin_email.lower(), hashed)


def look_at_admin_token(*, end: bool) -> None:
    """End the token of ADMIN_TOKEN where that is wanted, and say so where it has ended. Raises CommandError."""
    with transaction() as db:
        try:
            if end and (id := system_tokens.end_first(db)):
                record(db, MIGRATION, Action.SYSTEM_TOKEN_ENDED, "token", id)
        except system_tokens.NoOtherAdmin as error:
            raise CommandError(f"--end-admin-token: {error}") from None
        ended_at = system_tokens.first_ended_at(db)
    if ended_at:
        log.warning("admin_token_has_ended", ended_at=ended_at.isoformat(), renewed_by="another ADMIN_TOKEN")


def let_application_in(settings: MigrateSettings) -> None:
    """Where the application has a role of its own, make it and grant it what it needs."""
    application, platform = make_url(settings.database_url.get_secret_value()), settings.database_schema
    if application.username != engine().url.username:
        with transaction() as db:
            schemas = {platform: PLATFORM_VERSIONS}
            schemas |= dict.fromkeys(plugin_schemas(db.connection(), platform), PLUGIN_VERSIONS)
            let_in(db, application, schemas)
            let_read_revision(db, application, platform, PLATFORM_VERSIONS)
