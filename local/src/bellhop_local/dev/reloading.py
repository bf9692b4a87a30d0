"""The stack of a developer: worker and web are stopped in peace and started again when their sources change."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bellhop_local.dev.sources import Sources
from bellhop_local.dev.terminal import DEBUGGING, AttachedChild
from bellhop_local.errors import ServiceError
from bellhop_local.output import Terminal
from bellhop_local.process import Child
from bellhop_local.services import Service, all_services
from bellhop_local.settings import LocalSettings
from bellhop_local.supervisor import PAUSE, Supervisor, describe_end

RELOADED = ("worker", "web")
"""Those that hold the code of plug-ins."""
MOST_NAMED = 3


class DevSupervisor(Supervisor):
    """A local stack that follows the sources."""

    def __init__(self, settings: LocalSettings, terminal: Terminal, sources: Sources, *, solo: bool) -> None:
        super().__init__(settings, terminal)
        self._sources, self._solo = sources, solo
        self._is_up = False

    def _launch_services(self, services: Sequence[Service]) -> None:
        super()._launch_services([self._debugged(service) for service in services])

    def _debugged(self, service: Service) -> Service:
        if service.name == "worker" and self._solo:
            return replace(service, environment={**service.environment, **DEBUGGING})
        return service

    def _kind_of(self, name: str) -> type[Child]:
        return AttachedChild if name == "worker" and self._solo else Child

    def _ended(self, child: Child) -> None:
        """Leave a service that has ended as it is until its sources change: it is probably they who are wrong."""
        if child.name not in RELOADED or not self._is_up:
            super()._ended(child)
        self._say(f"{child.name} {describe_end(child)}; it is started again when a file changes")
        self._end(child.name)

    def _look(self) -> None:
        if not self._is_up:
            self._is_up = True
            self._say(f"watching {', '.join(map(str, self._sources.folders[-MOST_NAMED:]))}")
        if changed := self._sources.changed():
            self._reload(changed)

    def _reload(self, changed: Sequence[Path]) -> None:
        began = time.monotonic()
        more = len(changed) - MOST_NAMED
        names = ", ".join(path.name for path in changed[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        self._say(f"{names} changed: {' and '.join(RELOADED)} are started again")
        for name in RELOADED:
            if name in self._children:
                self._children[name].ask_to_stop()
        for name in RELOADED:
            self._end(name)
        if any("migrations" in path.parts for path in changed):
            self._try_migration()
        services = [one for one in all_services(self._settings, self._run_directory) if one.name in RELOADED]
        self._launch_services(services)
        if self._become_ready(services):
            self._say(f"{' and '.join(RELOADED)} run again ({time.monotonic() - began:.1f} s)")

    def _end(self, name: str) -> None:
        if name in self._children:
            self._wait_for_end(self._children[name])
            del self._children[name]

    def _try_migration(self) -> None:
        try:
            self._migrate()
        except ServiceError as error:
            self._say(str(error))
            self._end("migrate")

    def _become_ready(self, services: Sequence[Service]) -> bool:
        """Wait until all are ready, and return whether they are; one that ends has said why."""
        while waiting := [service for service in services if not service.is_ready()]:
            self._check()
            if any(service.name not in self._children for service in waiting):
                return False
            time.sleep(PAUSE)
        return True
