"""Settings: one frozen object, read once from the environment and from files of secrets."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NoReturn, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bellhop.text import Shape, words_of
from bellhop_ledger.platform.database_address import Pooler, with_driver
from bellhop_ledger.platform.redis_address import RedisAddress
from bellhop_ledger.platform.redis_address import read as read_redis_address
from bellhop_ledger.platform.server_address import check_origin, check_web_address
from bellhop_ledger.platform.zones import NotAZone, find_zone

DEVELOPMENT_SECRET = "dev-only-"  # noqa: S105
"""Secrets that begin with this are for a developer's machine; production refuses them."""


OWN_SCHEMA = "(?!(?:public|information_schema)$|pg_)[a-z_][a-z0-9_]{0,62}"
OWN_SCHEMA_WORDS = "a name of at most 63 of a-z, 0-9 and _, and neither public nor that of a schema of Postgres"


class CommandError(Exception):
    """A command cannot do what it was started for; the message is all that a person needs to read."""


class SettingsError(CommandError):
    """A setting is missing or has a value that cannot be used; the message names the variable."""


class AppEnv(StrEnum):
    """Where this process runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"
    TEST = "test"


class LogFormat(StrEnum):
    """How log lines look; auto is JSON in production and readable text elsewhere."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


LogLevel = Annotated[str, Shape("DEBUG|INFO|WARNING|ERROR|CRITICAL", "one of DEBUG, INFO, WARNING, ERROR and CRITICAL")]


class SecretFiles(PydanticBaseSettingsSource):
    """Reads secret NAME from the file that the variable NAME_FILE points at."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the text of the file, without the line's end, or None when there is no such variable."""
        name = variable_of(self.settings_cls, field_name)
        path = os.environ.get(f"{name}_FILE")
        if not path or not _is_secret(field):
            return None, field_name, False
        if os.environ.get(name):
            raise SettingsError(f"{name} and {name}_FILE are both set; keep one of them")
        try:
            return Path(path).read_text().rstrip("\r\n"), field_name, False
        except OSError as error:
            raise SettingsError(f"{name}_FILE: cannot read {path}: {error.strerror}") from error

    def __call__(self) -> dict[str, Any]:
        """Return every secret for which a file is named."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def _is_secret(field: FieldInfo) -> bool:
    return "SecretStr" in str(field.annotation)


def variable_of(settings: type[BaseSettings], field: str) -> str:
    """Return the name of the variable from which a setting is read."""
    return f"{settings.model_config.get('env_prefix', '')}{field}".upper()


class EnvironmentSettings(BaseSettings):
    """One frozen object that is read once; what is missing or wrong is refused by the variable's name."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, extra="ignore")

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then files of secrets."""
        return named["init_settings"], named["env_settings"], SecretFiles(settings_cls)

    @model_validator(mode="after")
    def refuse_development_secrets(self) -> Self:
        """In production, stop at a secret that stands in the repository for everybody to read."""
        if self.production:
            for name, value in self:
                if isinstance(value, SecretStr) and DEVELOPMENT_SECRET in value.get_secret_value():
                    variable = variable_of(type(self), name)
                    raise SettingsError(f"{variable}: a development secret is refused when APP_ENV=production")
        return self

    @property
    def production(self) -> bool:
        """Whether this is the real thing."""
        return os.environ.get("APP_ENV") == AppEnv.PRODUCTION

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read the settings once.

        Raises SettingsError, which names the first variable that is missing or wrong.
        """
        try:
            return cls()
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            name = variable_of(cls, ".".join(str(part) for part in first["loc"]))
            reason = "is not set" if first["type"] == "missing" else words_of(first)
            raise SettingsError(f"{name}: {reason}") from None


class BrokerSettings(EnvironmentSettings):
    """What everything must know that talks through the broker: all of it for Flower, which has no database."""

    app_env: AppEnv = AppEnv.DEVELOPMENT
    redis_url: SecretStr
    log_level: LogLevel = "INFO"
    log_format: LogFormat = LogFormat.AUTO

    @field_validator("redis_url")
    @classmethod
    def is_redis(cls, url: SecretStr) -> SecretStr:
        """Refuse an address that is not one of Redis."""
        read_redis_address(url.get_secret_value())
        return url

    @property
    def redis(self) -> RedisAddress:
        """Where Redis is, as both libraries take it."""
        return read_redis_address(self.redis_url.get_secret_value())

    @property
    def production(self) -> bool:
        """Whether this is the real thing."""
        return self.app_env is AppEnv.PRODUCTION


class Settings(BrokerSettings):
    """What every service must know; a service with settings of its own subclasses this."""

    database_url: SecretStr
    database_schema: Annotated[str, Shape(OWN_SCHEMA, OWN_SCHEMA_WORDS)] = "bellhop"
    """Where our tables are; the tables of an application that shares the database may have the same names."""
    database_pooler: Pooler = Pooler.NONE
    database_pool_size: int = Field(default=10, ge=3, le=200)
    """At least three: a body and its progress, or the scheduler's lock and its work, and the outbox sender."""
    lease_seconds: float = Field(default=15, ge=1, le=3600)
    message_grace_seconds: float = Field(default=30, ge=1, le=3600)
    retention_hours: float = Field(default=168, gt=0, le=100 * 365 * 24)
    file_retention_hours: float = Field(default=24, gt=0, le=100 * 365 * 24)
    unknown_task_hours: float = Field(default=24, gt=0, le=100 * 365 * 24)
    """For so long a job may wait for a task that no release knows; then it fails."""
    heartbeat_file: Path = Path("/tmp/bellhop.heartbeat")  # noqa: S108  in a container the only place to write to
    metrics_port: int = Field(default=0, ge=0, le=65_535)
    """Where Prometheus reads what this service counts; 0: nowhere. For an internal network only."""
    bellhop_plugins: str = ""
    """Packages with a plug-in in them, and modules of tasks; those that are installed need no name here."""
    workloads: str = "all"
    """Which of the workloads that are installed start."""
    time_zone: str = "UTC"
    """The deployment's zone: that of schedules which name none."""
    public_url: str = "http://127.0.0.1:8000"
    """Where people reach us; the links in mails begin with it."""
    otel_exporter_otlp_endpoint: str = ""
    """Where traces are sent; empty: none are made. What else OpenTelemetry calls OTEL_... it reads itself."""
    otel_exporter_otlp_headers: SecretStr = SecretStr("")
    otel_service_name: str = ""

    @field_validator("public_url")
    @classmethod
    def is_an_origin(cls, url: str) -> str:
        """Refuse an address with a path, for paths are added to it."""
        return check_origin(url)

    @field_validator("otel_exporter_otlp_endpoint")
    @classmethod
    def is_a_collector(cls, url: str) -> str:
        """Refuse an address that is not one of the web."""
        return url and check_web_address(url)

    @field_validator("database_url")
    @classmethod
    def name_the_driver(cls, url: SecretStr) -> SecretStr:
        """Return the address with the name of its driver."""
        return with_driver(url)

    @field_validator("time_zone")
    @classmethod
    def is_a_zone(cls, name: str) -> str:
        """Refuse a name that is not one of the IANA database."""
        try:
            find_zone(name)
        except NotAZone as error:
            raise ValueError(str(error)) from None
        return name

    @property
    def keep_files(self) -> timedelta:
        """How long the content of a file that was sent in or made for somebody is kept."""
        return timedelta(hours=self.file_retention_hours)


def modules_of(names: str) -> list[str]:
    """Split a comma separated list of modules."""
    return [name.strip() for name in names.split(",") if name.strip()]


def stop(error: CommandError) -> NoReturn:
    """End the process with one line that says what is wrong: in JSON where the log would have been."""
    asked = os.environ.get("LOG_FORMAT") or LogFormat.AUTO
    in_production = os.environ.get("APP_ENV") == AppEnv.PRODUCTION
    if asked == LogFormat.JSON or (asked == LogFormat.AUTO and in_production):
        moment = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        event = "settings_refused" if isinstance(error, SettingsError) else "command_failed"
        line = {"event": event, "error": str(error), "level": "critical", "timestamp": moment}
        sys.exit(json.dumps(line))
    sys.exit(f"bellhop: {error}")


def entry_point(main: Callable[..., None]) -> Callable[..., None]:
    """Wrap a command so that a wrong setting, or what else it foresees, ends it with one line and not a traceback."""

    def run(*arguments: Any) -> None:
        try:
            main(*arguments)
        except CommandError as error:
            stop(error)

    return run
