"""A Bellhop for tests: real servers in a folder that is thrown away, and the services where they are wanted."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bellhop_client import Client
from bellhop_local.environment import SECRETS, service_environment, stack_environment
from bellhop_local.errors import ServiceError
from bellhop_local.files import private_directory
from bellhop_local.ports import free_port
from bellhop_local.process import Child, wait_until
from bellhop_local.servers.postgres import Postgres
from bellhop_local.servers.redis import Redis
from bellhop_local.services import all_services, migration
from bellhop_local.settings import LocalSettings

DEFAULTS = {"WORKLOADS": "none", "WORKER_CONCURRENCY": "2", "RATE_LIMIT_TOKEN": "off", "RATE_LIMIT_ADDRESS": "off"}
NOT_TAKEN_OVER = {*SECRETS, *(f"{name}_FILE" for name in SECRETS), "METRICS_PORT", "PUBLIC_URL"}
"""Settings that may be those of another Bellhop."""


class StackForTests:
    """One Bellhop in a folder of its own."""

    def __init__(self, directory: Path, settings: Mapping[str, str]):
        kept = {name: value for name, value in os.environ.items() if name not in NOT_TAKEN_OVER}
        places = {"LOCAL_DIR": str(directory), "WEB_PORT": str(free_port()), "FLOWER_PORT": str(free_port())}
        given = DEFAULTS | kept | dict(settings) | places
        self._settings = LocalSettings.read(given)
        self._postgres = Postgres(directory / "postgres", throwaway=True, patience=self._settings.patience)
        self._redis = Redis(directory / "redis", throwaway=True, patience=self._settings.patience)
        self._stack = stack_environment(self._settings, self._postgres.url, self._redis.url)
        self.environment: Mapping[str, str] = service_environment(self._stack, self._settings, given)
        """That of its services."""
        self._directory = private_directory(directory / "run")
        self._children: list[Child] = []
        self.client = Client(self.url, self.token)

    @property
    def url(self) -> str:
        """Where the API and the pages are."""
        return self._settings.web_url

    @property
    def token(self) -> str:
        """An operator's token."""
        return self._settings.admin_token

    @property
    def database_url(self) -> str:
        """The database, for its owner."""
        return self._postgres.url

    def start_servers(self) -> None:
        """Start Postgres and Redis, and make the tables. Raises LocalError."""
        self._postgres.start()
        self._redis.start()
        child = self._launch("migrate", migration())
        self._wait(child, lambda: False)
        if child.exit_code != 0:
            raise ServiceError(f"the migration has failed:\n{self.log('migrate')}")

    def start_services(self) -> None:
        """Start web, worker and scheduler, and wait until they are ready. Raises LocalError."""
        services = [one for one in all_services(self._settings, self._directory) if one.name != "flower"]
        for child, service in [(self._launch(one.name, one.argv, one.environment), one) for one in services]:
            self._wait(child, service.is_ready)
            if not child.is_running or not service.is_ready():
                raise ServiceError(f"{service.name} has not become ready:\n{self.log(service.name)}")

    def _wait(self, child: Child, is_ready: Callable[[], bool]) -> None:
        wait_until(lambda: not child.is_running or is_ready(), self._settings.patience)

    def _launch(self, name: str, argv: Sequence[str], more: Mapping[str, str] | None = None) -> Child:
        output = self._directory / f"{name}.log"
        child = Child(name, argv, env={**self.environment, **(more or {})}, directory=self._directory, output=output)
        self._children.append(child)
        child.start()
        return child

    def log(self, service: str) -> str:
        """Return all that a service has said."""
        return (self._directory / f"{service}.log").read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End everything."""
        self.client.close()
        for child in reversed(self._children):
            child.stop(self._settings.worker_stop_timeout)
        self._redis.stop()
        self._postgres.stop()
