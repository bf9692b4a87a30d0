"""The way past a pooler: for the two commands that need sessions, for their locks and for notifications."""

from pydantic import SecretStr, field_validator

from bellhop_ledger.platform.database_address import Pooler, with_driver
from bellhop_ledger.platform.settings import Settings, SettingsError


class DirectSettings(Settings):
    """What a command must know that needs sessions of its own."""

    database_direct_url: SecretStr | None = None
    """Where Postgres itself answers, with the login of DATABASE_URL; empty: there."""

    @field_validator("database_direct_url")
    @classmethod
    def name_the_driver_as_well(cls, url: SecretStr | None) -> SecretStr | None:
        """Return the address with the name of its driver."""
        return url and with_driver(url)

    def connect_directly(self) -> None:
        """Connect to Postgres itself. Raises SettingsError where only the address of a pooler is known."""
        from bellhop_ledger.platform.database import connect_as  # it counts, and where to is settled by then

        if self.database_direct_url:
            connect_as(self.database_direct_url)
        elif self.database_pooler is not Pooler.NONE:
            raise SettingsError(
                f"DATABASE_DIRECT_URL: is not set; with DATABASE_POOLER={self.database_pooler} this command, whose "
                "locks belong to a session, needs the address of Postgres itself"
            )
