"""A whole Bellhop for tests: real servers and real services, each of which can be killed and started again."""

import atexit
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import psycopg2

from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.platform.database import uuid7
from bellhop_ledger.platform.secrets import hash_of
from bellhop_local.ports import free_port
from bellhop_local.process import Child
from bellhop_local.servers.postgres import Postgres
from bellhop_local.servers.redis import Redis
from tests.cast import PASSWORD, PASSWORD_HASH, TestUser, address_of
from tests.published import publish_for

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
TOKEN = "dev-only-admin-token"
ENDED = {"succeeded", "failed", "cancelled"}
WITHOUT_LIMITS = {
    "RATE_LIMIT_TOKEN": "off",
    "RATE_LIMIT_ADDRESS": "off",
    "RATE_LIMIT_SIGN_UP": "off",
    "RATE_LIMIT_COSTLY": "off",
    "RATE_LIMIT_TARGET": "off",
    "WEB_LIVE_STREAMS_EACH": "500",
}
"""All tests come from one address."""
T = TypeVar("T")
PATIENCE = 120.0
"""Seconds after which a test gives up waiting; none waits for so long when all is well."""


def wait_until(look: Callable[[], T], patience: float = PATIENCE) -> T:
    """Look again and again until what is seen is true, and give it."""
    deadline = time.monotonic() + patience
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited {patience} s in vain for {look}"
        time.sleep(0.05)
    return seen


POSTGRES_PASSWORD = secrets.token_urlsafe()
"""That of every Postgres of this process, so that a data directory can be copied."""
OWN_TABLES = {"DATABASE_SCHEMA", "WORKLOADS"}
"""Settings with which a migration makes other tables."""


class Stack:
    """Postgres and Redis, and the services by name: web, worker, scheduler."""

    migrated_before = True
    """Whether it may start with a copy of a database that was migrated for another one: it saves a fifth of a start."""

    def __init__(self, directory: Path, *, durable: bool = False, **settings: str):
        self.directory = directory
        (directory / "postgres").mkdir(mode=0o700, exist_ok=True)
        (directory / "postgres" / "password").write_text(POSTGRES_PASSWORD)
        self.postgres = Postgres(directory / "postgres", throwaway=not durable)
        self.redis = Redis(directory / "redis", throwaway=not durable)
        self.port = free_port()
        self.settings = settings
        self.services: dict[str, Child] = {}
        self.metrics_ports: dict[str, int] = {}
        self.url = f"http://127.0.0.1:{self.port}"
        self._clients: list[httpx.Client] = []
        self.http = self.client(TOKEN)

    @property
    def application_url(self) -> str:
        """The database for the services, whose role owns nothing; `postgres.url` is the owner's."""
        return self.postgres.url.replace("//bellhop:", "//bellhop_app:")

    @property
    def feed(self) -> Path:
        """Where games and prices come from."""
        return self.directory / "feed.json"

    @property
    def env(self) -> dict[str, str]:
        """What the services are told."""
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "APP_ENV": "test",
            "DATABASE_URL": self.application_url,
            "MIGRATION_DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "ADMIN_TOKEN": TOKEN,
            "SECRET_KEY": "dev-only-secret-key",
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "PUBLIC_URL": self.url,
            **WITHOUT_LIMITS,
            "WORKER_CONCURRENCY": "2",
            "WORKER_STOP_TIMEOUT": "5",
            "LEASE_SECONDS": "2",
            "MESSAGE_GRACE_SECONDS": "2",
            "BELLHOP_PLUGINS": "tests.tasks",
            "TEST_DIRECTORY": str(self.directory),
            "PRICES_FEED_URL": str(self.feed),
            **self.settings,
        }

    def start(self, *services: str) -> "Stack":
        """Start the servers, migrate, and start these services."""
        self.feed.write_text('{"games": []}')
        copied = self._copy_database()
        self.postgres.start()
        self.redis.start()
        if not copied or "BELLHOP_PLUGINS" in self.settings:
            self.migrate()
        if "worker" not in services:
            self.publish()
        for service in services:
            self.start_service(service)
        for service in services:
            self.wait_ready(service)
        return self

    def migrate(self) -> None:
        """Bring the tables to those of this release, and make the one in which tasks of tests leave their effects."""
        self.run("migrate", "bellhop-migrate")
        self.sql("CREATE TABLE IF NOT EXISTS effects (key text NOT NULL)")

    def _copy_database(self) -> bool:
        """Put the copy of a migrated database in place where one fits and there is none yet; say whether."""
        data = self.directory / "postgres" / "data"
        fits = self.migrated_before and self.postgres.throwaway and not OWN_TABLES & self.settings.keys()
        if not fits or data.exists():
            return False
        subprocess.run(["cp", "--archive", migrated_database(), data], check=True)
        return True

    def publish(self) -> None:
        """Publish the tasks without a worker."""
        publish_for(self.postgres.url, self.env["BELLHOP_PLUGINS"].partition(",")[0])

    def stop(self) -> None:
        """End everything."""
        for client in self._clients:
            client.close()
        for child in self.services.values():
            child.ask_to_stop()
        for child in self.services.values():
            child.stop(15)
        self.redis.stop()
        self.postgres.stop()

    def run(self, name: str, *argv: str) -> None:
        """Run a command to its end."""
        child = self._child(name, argv)
        child.start()
        wait_until(lambda: child.exit_code is not None)
        assert child.exit_code == 0, self.log(name)

    def start_service(self, name: str) -> Child:
        """Start one service: web, worker or scheduler, or another one of a kind as `worker-2`."""
        self.heartbeat(name).unlink(missing_ok=True)
        return self.start_command(name, f"bellhop-{name.partition('-')[0]}")

    def start_command(self, name: str, *argv: str, **settings: str) -> Child:
        """Start any command of the environment as a service, with settings of its own."""
        self.services[name] = self._child(name, argv, **settings)
        self.services[name].start()
        return self.services[name]

    def _child(self, name: str, argv: Sequence[str], **settings: str) -> Child:
        port = str(self.metrics_ports.setdefault(name, free_port()))
        own = {"HEARTBEAT_FILE": str(self.heartbeat(name)), "METRICS_PORT": port}
        env = {**self.env, **own, **settings}
        output = self.directory / f"{name}.log"
        return Child(name, [str(BIN / argv[0]), *argv[1:]], env=env, directory=self.directory, output=output)

    def heartbeat(self, name: str) -> Path:
        """The file by which a service says that it lives."""
        return self.directory / f"{name}.heartbeat"

    def log(self, name: str) -> str:
        """All that a service has said."""
        return (self.directory / f"{name}.log").read_text()

    def metrics(self, name: str) -> dict[str, float]:
        """What a service exposes, as `name{label="value"}` and its number."""
        answer = httpx.get(f"http://127.0.0.1:{self.metrics_ports[name]}/metrics", timeout=30)
        assert answer.status_code == 200, answer.text
        lines = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
        return {series: float(number) for series, _, number in lines}

    def wait_ready(self, name: str) -> None:
        """Wait until a service does its work."""
        if name == "web":
            wait_until(self.web_is_ready)
        else:
            wait_until(self.heartbeat(name).exists)

    def web_is_ready(self) -> bool:
        """Whether the API answers."""
        try:
            return self.http.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def signal_all(self, name: str, number: signal.Signals) -> None:
        """Send a signal to all processes of a service."""
        os.killpg(self.services[name].pid, number)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the main process of a service."""
        os.kill(self.services[name].pid, number)

    def kill(self, name: str) -> None:
        """Kill a service with all its processes, as a power cut would."""
        os.killpg(self.services[name].pid, signal.SIGKILL)
        self.services[name].stop(5)

    def user(self, role: str = "user") -> TestUser:
        """Make an activated account with a token that may write and a session.

        `user` and `operator`, as the release before writes them, are a member and an admin; others are Roles.
        """
        secret = uuid4().hex
        user = TestUser(uuid7(), address_of(role), PASSWORD, self.client(secret), {"bellhop_session": secret})
        id, hashed = str(user.id), hash_of(secret)
        written = "user" if isinstance(role, Role) else role
        self.sql("INSERT INTO users VALUES (%s, %s, %s, %s, now(), now())", id, user.email, PASSWORD_HASH, written)
        if isinstance(role, Role):
            self.sql("UPDATE users SET granted_role = %s WHERE id = %s", role, id)
        self.sql("INSERT INTO tokens (id, user_id, name, hash) VALUES (%s, %s, 'test', %s)", id, id, hashed)
        self.sql(
            "INSERT INTO sessions (id, user_id, hash, expires_at, agent) "
            "VALUES (%s, %s, %s, now() + interval '1 day', 'test')",
            *(id, id, hashed),
        )
        return user

    def client(self, token: str | None = None) -> httpx.Client:
        """Make a client of the API with this token, or of somebody without one; it is closed at the end."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._clients.append(httpx.Client(base_url=self.url, headers=headers, timeout=90))
        return self._clients[-1]

    def submit(self, task: str, *, headers: dict[str, str] | None = None, **body: Any) -> dict[str, Any]:
        """Submit a job and give its receipt."""
        answer = self.http.post("/api/jobs", json={"task": task, **body}, headers=headers)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    def submit_many(self, jobs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Submit many jobs at once."""
        answer = self.http.post("/api/jobs/batch", json={"jobs": list(jobs)})
        assert answer.status_code == 202, answer.text
        return list(answer.json()["jobs"])

    def job(self, id: str) -> dict[str, Any]:
        """Look at a job."""
        return dict(self.http.get(f"/api/jobs/{id}").json())

    def adopted(self, id: str) -> dict[str, Any]:
        """Wait until a message from elsewhere has become a job that ended."""
        wait_until(lambda: self.http.get(f"/api/jobs/{id}").status_code == 200)
        return self.ended(id)

    def ended(self, id: str) -> dict[str, Any]:
        """Wait for the end of a job."""
        job = wait_until(lambda: self._ended(id))
        assert job is not None
        return job

    def _ended(self, id: str) -> dict[str, Any] | None:
        job = self.http.get(f"/api/jobs/{id}", params={"wait": 20}).json()
        return job if job["state"] in ENDED else None

    def in_state(self, id: str, state: str) -> dict[str, Any]:
        """Wait until a job is in this state."""
        wait_until(lambda: self.job(id)["state"] == state)
        return self.job(id)

    def sql(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run a statement on the database, in a session of its own."""
        connection = psycopg2.connect(self.postgres.url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, parameters or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def states(self, like: str = "test.%") -> dict[str, int]:
        """Count the jobs of the test by their state."""
        rows = self.sql("SELECT state, count(*) FROM jobs WHERE task LIKE %s GROUP BY state", like)
        return {str(state): int(count) for state, count in rows}

    def all_ended(self, like: str = "test.%") -> bool:
        """Whether no job of the test is left to do."""
        return not set(self.states(like)) - ENDED

    def effects(self) -> list[str]:
        """What the jobs have written."""
        return sorted(row[0] for row in self.sql("SELECT key FROM effects"))


@cache
def migrated_database() -> Path:
    """Migrate a database, once in each process of tests, and return its data directory."""
    directory = Path(mkdtemp(prefix="migrated-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    made = Stack(directory)
    try:
        made.postgres.start()
        made.migrate()
    finally:
        made.stop()
    return directory / "postgres" / "data"
