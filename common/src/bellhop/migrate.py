"""The one-shot that brings the database's schema up to date."""

import re
import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from pydantic import SecretStr, field_validator
from sqlalchemy.exc import OperationalError

from bellhop import log as logs
from bellhop.database import engine, transaction
from bellhop.settings import Settings, entry_point
from bellhop.tokens import set_first

log = logs.get_logger(__name__)

PATIENCE = 60.0
"""Seconds to wait for Postgres to answer."""


class MigrateSettings(Settings):
    """What the migration needs besides: the first operator's token."""

    admin_token: SecretStr | None = None

    @field_validator("admin_token")
    @classmethod
    def can_be_sent(cls, token: SecretStr | None) -> SecretStr | None:
        """Refuse a token that no HTTP header can carry: nobody could sign in with it."""
        if token and not re.fullmatch("[!-~]+", token.get_secret_value()):
            raise ValueError("must consist of visible ASCII characters")
        return token


def config() -> Config:
    """Give Alembic's configuration."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.set_main_option("path_separator", "os")
    return made


def wait_for_postgres(patience: float = PATIENCE) -> None:
    """Return when Postgres answers; raise its last error after `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            with engine().connect():
                return
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def upgrade() -> None:
    """Run all migrations that are missing; a second process that tries the same waits for the first."""
    command.upgrade(config(), "head")


@entry_point
def main() -> None:
    """Migrate, and store the hash of ADMIN_TOKEN."""
    settings = MigrateSettings.load()
    logs.configure("migrate", settings)
    wait_for_postgres()
    upgrade()
    if settings.admin_token:
        with transaction() as db:
            set_first(db, settings.admin_token.get_secret_value())
    log.info("migrated")
