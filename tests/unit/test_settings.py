"""Settings: what is missing or wrong is refused at the start, by the variable's name."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bellhop_ledger.migrations.command import MigrateSettings
from bellhop_ledger.platform.settings import AppEnv, Settings, SettingsError, entry_point, modules_of
from bellhop_web.settings import WebSettings
from bellhop_worker.settings import WorkerSettings

Env = pytest.MonkeyPatch


def fault(settings: type[Settings] = Settings) -> str:
    """What is said when these settings are read."""
    with pytest.raises(SettingsError) as caught:
        settings.load()
    return str(caught.value)


def test_two_addresses_are_enough(env: Env) -> None:
    settings = Settings.load()

    assert (settings.app_env, settings.production, settings.lease_seconds) == (AppEnv.DEVELOPMENT, False, 15)


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_a_missing_variable_is_named(env: Env, name: str) -> None:
    env.delenv(name)

    assert fault() == f"{name}: is not set"


def test_an_empty_variable_counts_as_missing(env: Env) -> None:
    env.setenv("SECRET_KEY", "")

    assert fault(WebSettings) == "SECRET_KEY: is not set"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_is_read_from_its_file_without_the_line_s_end(env: Env, tmp_path: Path, end: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(f" keeps its spaces {end}".encode())
    env.setenv("SECRET_KEY_FILE", str(file))

    assert WebSettings.load().secret_key.get_secret_value() == " keeps its spaces "


def test_a_secret_given_twice_is_refused(env: Env, tmp_path: Path) -> None:
    env.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))

    assert fault() == "DATABASE_URL and DATABASE_URL_FILE are both set; keep one of them"


@pytest.mark.parametrize("path", ["missing", "."])
def test_a_file_that_cannot_be_read_is_named_with_its_variable(env: Env, tmp_path: Path, path: str) -> None:
    env.setenv("SECRET_KEY_FILE", str(tmp_path / path))

    assert fault(WebSettings).startswith(f"SECRET_KEY_FILE: cannot read {tmp_path / path}: ")


def test_only_secrets_come_from_files(env: Env, tmp_path: Path) -> None:
    (tmp_path / "level").write_text("DEBUG")
    env.setenv("LOG_LEVEL_FILE", str(tmp_path / "level"))

    assert Settings.load().log_level == "INFO"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "dev-only-secret-key"),
        ("ENCRYPTION_KEY", "dev-only-encryption-key"),
        ("DATABASE_URL", "postgresql://bellhop:dev-only-postgres@db/bellhop"),
        ("REDIS_URL", "redis://:dev-only-redis@redis/0"),
    ],
)
def test_production_refuses_the_secrets_of_development(env: Env, name: str, value: str) -> None:
    env.setenv("SECRET_KEY", "a real one")
    env.setenv("ENCRYPTION_KEY", "another real one")
    env.setenv(name, value)
    assert WebSettings().production is False

    env.setenv("APP_ENV", "production")

    assert fault(WebSettings) == f"{name}: a development secret is refused when APP_ENV=production"


def test_production_refuses_them_from_files_too(env: Env, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("dev-only-admin-token\n")
    env.setenv("ADMIN_TOKEN_FILE", str(tmp_path / "token"))
    env.setenv("APP_ENV", "production")

    assert fault(MigrateSettings).startswith("ADMIN_TOKEN: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_ENV", "staging"),
        ("APP_ENV", "Production"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("LEASE_SECONDS", "0"),
        ("LEASE_SECONDS", "soon"),
        ("RETENTION_HOURS", "-1"),
        ("DATABASE_POOL_SIZE", "0"),
        ("DATABASE_URL", "mysql://user@db/bellhop"),
        ("DATABASE_URL", "bellhop"),
        ("REDIS_URL", "http://redis"),
        *(
            ("DATABASE_SCHEMA", name)
            for name in ["public", "pg_ours", "information_schema", "Ours", "ours; DROP", "1st"]
        ),
        ("DATABASE_SCHEMA", "a" * 64),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(env: Env, name: str, value: str) -> None:
    env.setenv(name, value)

    assert fault().startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("settings", "name", "value"),
    [
        (WebSettings, "WEB_THREADS", "1"),
        (WorkerSettings, "WORKER_QUEUES", "default,,slow"),
        (WorkerSettings, "WORKER_CONCURRENCY", "0"),
        (WorkerSettings, "FETCH_ALLOW", "not a network"),
        (MigrateSettings, "ADMIN_TOKEN", "pässword"),
        (MigrateSettings, "ADMIN_TOKEN", "two words"),
    ],
)
def test_a_service_refuses_its_own_wrong_values(env: Env, settings: type[Settings], name: str, value: str) -> None:
    env.setenv("SECRET_KEY", "secret")
    env.setenv(name, value)

    assert fault(settings).startswith(f"{name}: ")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_name_of_postgres_means_psycopg2(env: Env, scheme: str) -> None:
    env.setenv("DATABASE_URL", f"{scheme}://user:p%40ss@db:5432/bellhop?sslmode=require")

    url = Settings.load().database_url.get_secret_value()

    assert url == "postgresql+psycopg2://user:p%40ss@db:5432/bellhop?sslmode=require"


def test_secrets_do_not_show(env: Env) -> None:
    env.setenv("SECRET_KEY", "hidden")

    shown = repr(WebSettings.load()) + str(WebSettings.load())

    assert "hidden" not in shown
    assert "password" not in shown


def test_settings_are_read_once_and_do_not_change(env: Env) -> None:
    settings = Settings.load()
    env.setenv("LOG_LEVEL", "DEBUG")

    assert Settings.load() is settings
    with pytest.raises(ValidationError):
        settings.log_level = "DEBUG"  # type: ignore[misc]


def test_a_command_ends_with_one_line_and_no_traceback(env: Env) -> None:
    env.delenv("DATABASE_URL")

    @entry_point
    def command() -> None:
        Settings.load()

    with pytest.raises(SystemExit) as ended:
        command()

    assert ended.value.code == "bellhop: DATABASE_URL: is not set"


def test_a_list_of_modules_may_have_spaces_and_gaps() -> None:
    assert modules_of(" one.two , three,, ") == ["one.two", "three"]
    assert modules_of("") == []


def test_hosts_are_a_list_and_none_means_any(env: Env) -> None:
    env.setenv("SECRET_KEY", "secret")

    assert WebSettings().hosts is None
    assert WebSettings(allowed_hosts="a.example, b.example,").hosts == ["a.example", "b.example"]


@pytest.mark.parametrize("name", ["right/UTC", "posix/UTC", "localtime", "Factory", "utc", "Mars/Olympus"])
def test_the_time_zone_of_the_deployment_is_one_of_the_database(env: Env, name: str) -> None:
    env.setenv("TIME_ZONE", name)

    assert f"TIME_ZONE: {name!r} is not a time zone" in fault()


@pytest.mark.parametrize(
    ("settings", "name", "value", "reason"),
    [
        (Settings, "PUBLIC_URL", "example.org", "must be an http or https URL"),
        (Settings, "PUBLIC_URL", "ftp://example.org", "must be an http or https URL"),
        (Settings, "PUBLIC_URL", "https://", "must name a server"),
        (Settings, "PUBLIC_URL", "https://example.org/app", "must be no more than https://"),
        (Settings, "PUBLIC_URL", "https://s3cr3t:x@example.org", "must be no more than https://"),
        (Settings, "PUBLIC_URL", "https://example.org?", "must be no more than https://"),
        (Settings, "PUBLIC_URL", "https://example.org:port", "the port must be a number"),
        (Settings, "OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "must be an http or https URL"),
        (Settings, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://a,b:4318", "must name one server"),
        (WorkerSettings, "SMTP_HOST", "smtp://example.org", "must be the name or the IP address"),
        (WorkerSettings, "SMTP_HOST", "example.org:25", "must be the name or the IP address"),
        (WorkerSettings, "SMTP_HOST", "user@example.org", "must be the name or the IP address"),
        (WorkerSettings, "SMTP_HOST", "two hosts", "must be the name or the IP address"),
        (MigrateSettings, "MIGRATION_DATABASE_URL", "postgresql://u:s3cr3t@h1:1,h2:2/db", "must name one server"),
        (MigrateSettings, "MIGRATION_DATABASE_URL", "mysql://u:s3cr3t@h/db", "must begin with postgresql://"),
        (WebSettings, "WEB_BIND", "8000", "must be host:port"),
        (WebSettings, "WEB_BIND", "0.0.0.0:99999", "must be host:port"),
        (WebSettings, "WEB_BIND", "http://0.0.0.0:8000", "must be the name or the IP address"),
        (WebSettings, "FLOWER_URL", "flower.example.org", "must be an http or https URL"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_by_its_name(
    env: Env, settings: type[Settings], name: str, value: str, reason: str
) -> None:
    env.setenv("SECRET_KEY", "dev-only-secret-key")
    env.setenv(name, value)

    with pytest.raises(SettingsError) as refused:
        settings.load()

    assert str(refused.value).startswith(f"{name}: {reason}")
    assert "s3cr3t" not in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "name", "value"),
    [
        (Settings, "PUBLIC_URL", "https://example.org:8443"),
        (Settings, "PUBLIC_URL", "http://[::1]:8000"),
        (Settings, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/v1"),
        (WorkerSettings, "SMTP_HOST", "mail.example.org"),
        (WorkerSettings, "SMTP_HOST", "10.0.0.5"),
        (WorkerSettings, "SMTP_HOST", "::1"),
        (WebSettings, "WEB_BIND", "[::]:8000"),
        (WebSettings, "WEB_BIND", "unix:/run/bellhop.sock"),
        (WebSettings, "FLOWER_URL", "/flower/"),
        (WebSettings, "FLOWER_URL", "https://flower.example.org/"),
    ],
)
def test_an_address_that_can_be_used_is_taken_as_it_is(
    env: Env, settings: type[Settings], name: str, value: str
) -> None:
    env.setenv("SECRET_KEY", "dev-only-secret-key")
    env.setenv(name, value)

    assert getattr(settings.load(), name.lower()) == value
