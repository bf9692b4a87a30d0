"""Starts the whole system in order, watches it, and stops it in order."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from bellhop_local import state
from bellhop_local.environment import service_environment, stack_environment
from bellhop_local.errors import LocalError, ServiceError, StopRequested
from bellhop_local.files import private_directory
from bellhop_local.output import Terminal
from bellhop_local.ports import is_free
from bellhop_local.process import Child
from bellhop_local.servers.postgres import Postgres
from bellhop_local.servers.redis import Redis
from bellhop_local.servers.server import Server
from bellhop_local.services import Service, all_services, migration
from bellhop_local.settings import LocalSettings
from bellhop_local.signals import Signals
from bellhop_local.welcome import welcome

PAUSE = 0.1
"""Seconds between two looks at the processes."""
REMINDER = 10.0
"""Seconds after which, again and again, it says what is still waited for."""
STOP_ORDER = (("migrate", "scheduler", "web", "flower", "worker"), ("redis",), ("postgres",))
"""Those of one group are asked one after the other and waited for together."""


class Supervisor:
    """One local stack from its start to its end."""

    def __init__(self, settings: LocalSettings, terminal: Terminal) -> None:
        self._settings = settings
        self._terminal = terminal
        self._signals = Signals()
        self._children: dict[str, Child] = {}
        self._grace: dict[str, float] = {}
        self._environment: dict[str, str] = {}
        """What all services get."""

    def run(self) -> int:
        """Run until a signal; answer the exit code: 0 when the stop was asked for."""
        with state.only_one(self._settings.directory), self._signals.caught():
            self._refuse_taken_ports()
            try:
                self._start()
                self._watch()
            except StopRequested:
                return self._stop(0)
            except LocalError as error:
                self._say(str(error))
                code = self._stop(1)
                self._say(self._reason(error))
                return code
            except BaseException:
                self._stop(1)
                raise

    def _reason(self, error: LocalError) -> str:
        """Return why it did not stay up, with the last words of the process, which stand far above by now."""
        said = self._terminal.last_words.get(error.process or "", "")
        return f"reason: {error}" + (f": {said.removeprefix('bellhop: ')}" if said else "")

    def _refuse_taken_ports(self) -> None:
        for name, port in {"WEB_PORT": self._settings.web_port, "FLOWER_PORT": self._settings.flower_port}.items():
            if not is_free(port):
                raise LocalError(f"port {port} is taken; choose another one: {name}={port + 1} make local")

    def _start(self) -> None:
        """Start everything; what needs no schema imports its modules while the database is made."""
        began = time.monotonic()
        settings = self._settings
        given: dict[type[Redis | Postgres], str | None] = {Redis: settings.redis_url, Postgres: settings.database_url}
        own = {kind: self._server(kind) for kind, url in given.items() if not url}
        database_url, redis_url = (given[kind] or own[kind].url for kind in (Postgres, Redis))
        stack = stack_environment(settings, database_url, redis_url)
        self._environment = service_environment(stack, settings)
        services = all_services(settings, self._run_directory)
        self._serve(own.get(Redis))
        self._launch_services([service for service in services if not service.needs_schema])
        self._serve(own.get(Postgres))
        self._migrate()
        self._launch_services([service for service in services if service.needs_schema])
        self._wait_for({service.name: service.is_ready for service in services})
        state.publish(settings.directory, stack)
        self._terminal.plain(welcome(stack, settings, time.monotonic() - began))

    def _server(self, kind: type[Server]) -> Server:
        """Make one of our own servers; its address is known before it runs."""
        output = partial(self._terminal.follow, kind.name)
        return kind(self._settings.directory / kind.name, output=output, patience=self._settings.patience)

    def _serve(self, server: Server | None) -> None:
        """Start one of our own servers, if it is one, and wait until it answers."""
        if server is None:
            return
        server.start()
        self._children[server.name] = server.child
        self._grace[server.name] = server.stop_grace
        self._say(f"{server.name} answers on port {server.port}")
        self._check()

    def _migrate(self) -> None:
        """Bring the schema up to date before anybody uses it."""
        child = self._launch("migrate", migration(), self._environment, grace=10)
        self._wait_for({"the migration": lambda: not child.is_running})
        if child.exit_code != 0:
            raise ServiceError(f"the migration failed: {describe_end(child)}", process=child.name)
        del self._children["migrate"]
        child.stop(0)

    def _launch_services(self, services: Sequence[Service]) -> None:
        for service in services:
            self._launch(service.name, service.argv, {**self._environment, **service.environment}, service.grace)

    def _launch(self, name: str, argv: list[str], environment: dict[str, str], grace: float) -> Child:
        follow = partial(self._terminal.follow, name)
        child = self._kind_of(name)(name, argv, env=environment, directory=self._run_directory, output=follow)
        self._grace[name] = grace
        self._children[name] = child
        child.start()
        return child

    def _kind_of(self, name: str) -> type[Child]:
        """Return how a process is held; a subclass may give one of them the terminal."""
        return Child

    def _wait_for(self, parts: Mapping[str, Callable[[], bool]]) -> None:
        """Wait until each of these is ready; say meanwhile which are not, and give up when one takes too long."""
        began = time.monotonic()
        reminder = REMINDER
        waiting = dict(parts)
        while waiting := {name: is_ready for name, is_ready in waiting.items() if not is_ready()}:
            self._check()
            seconds, names = time.monotonic() - began, ", ".join(waiting)
            if seconds >= self._settings.patience:
                raise ServiceError(
                    f"not ready after {seconds:.0f} s: {names}; wait longer with LOCAL_PATIENCE=<seconds>"
                )
            if seconds >= reminder:
                self._say(f"still waiting for {names} ({seconds:.0f} s)")
                reminder += REMINDER
            time.sleep(PAUSE)

    def _watch(self) -> NoReturn:
        while True:
            self._check()
            self._look()
            time.sleep(PAUSE)

    def _look(self) -> None:
        """Do what there is to do while the stack runs: here, nothing."""

    def _check(self) -> None:
        """Raise what ends the stack: a signal, or a process that has ended by itself."""
        if self._signals.stop_requested:
            raise StopRequested
        for child in list(self._children.values()):
            if child.exit_code is not None and child.name != "migrate":
                self._ended(child)

    def _ended(self, child: Child) -> None:
        raise ServiceError(f"{child.name} {describe_end(child)}", process=child.name)

    def _stop(self, exit_code: int) -> int:
        """Stop everything, the servers last; answer the exit code, which a second Ctrl-C changes."""
        state.withdraw(self._settings.directory)
        self._say("stopping (Ctrl-C again kills what is left)")
        for group in STOP_ORDER:
            children = [self._children[name] for name in group if name in self._children]
            for child in children:
                child.ask_to_stop()
            for child in children:
                self._wait_for_end(child)
        self._terminal.drain()
        self._say("stopped" if not self._signals.is_hurried() else "killed")
        return 130 if self._signals.is_hurried() else exit_code

    def _wait_for_end(self, child: Child) -> None:
        grace = self._grace[child.name]
        if not child.stop(grace, self._signals.is_hurried) and not self._signals.is_hurried():
            self._say(f"{child.name} did not stop within {grace:.0f} s and was killed")

    @property
    def _run_directory(self) -> Path:
        return private_directory(self._settings.directory / "run")

    def _say(self, text: str) -> None:
        self._terminal.line("bellhop", text)


def describe_end(child: Child) -> str:
    """Return how a process has ended, in words."""
    code = child.exit_code
    if code is None:
        return "it took too long"
    return f"was killed by signal {-code}" if code < 0 else f"ended by itself with exit code {code}"
