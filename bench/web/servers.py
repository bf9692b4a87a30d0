"""The web servers that are measured: gunicorn with our worker, its own threads, or gevent; alone or behind Caddy."""

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import psutil

from bellhop_local.ports import free_port
from bench.environments import made_environment
from bench.ground import Ground
from tests.front import caddy
from tests.stack import ROOT, wait_until

OURS, THREADS, GEVENT = "ours", "gthread", "gevent"
ALONE, BEHIND, BUFFERED = "alone", "behind Caddy", "behind Caddy that buffers"
STREAMS = 2_000
HELD = 5_000
"""Connections that one process holds."""
REPLICAS = """	dynamic a {
		name web
		port 8000
		refresh 1s
	}
"""
TIMEOUTS = """	grace_period 3s
	servers {
		timeouts {
			read_header 10s
			read_body 15m
			idle 2m
		}
	}
"""
PLAIN = "(web) {\n\treverse_proxy {\n\t\timport replicas\n\t}\n"
BUFFERING = """(web) {
	@live path /live
	reverse_proxy @live {
		import replicas
	}
	reverse_proxy {
		import replicas
		request_buffers 1MB
		response_buffers 1MB
	}
"""


@dataclass(frozen=True)
class Server:
    """A worker of gunicorn, and what stands before it."""

    worker: str
    front: str

    def __str__(self) -> str:
        return f"{self.worker}, {self.front}"


SERVERS = [
    Server(OURS, ALONE),
    Server(THREADS, ALONE),
    Server(GEVENT, ALONE),
    Server(OURS, BEHIND),
    Server(THREADS, BUFFERED),
    Server(GEVENT, BEHIND),
]


@dataclass(frozen=True)
class Running:
    """One that serves."""

    port: int
    ground: Ground
    caddies: tuple[psutil.Process, ...] = ()

    def reload(self) -> None:
        """Make gunicorn replace its processes."""
        self.ground.signal("web", signal.SIGHUP)

    def memory(self) -> float:
        """Return the megabytes (PSS) of all its processes, and of Caddy."""
        return sum(float(one.memory_full_info().pss) for one in (*self._processes(), *self.caddies)) / 1e6

    def cpu_seconds(self) -> float:
        """Return the processor time that gunicorn's processes have used."""
        return self.ground.cpu_seconds("web")

    def _processes(self) -> list[psutil.Process]:
        main = psutil.Process(self.ground.services["web"].pid)
        return [main, *main.children(recursive=True)]


@contextmanager
def running(ground: Ground, server: Server) -> Iterator[Running]:
    """Run it."""
    settings = {
        "GUNICORN_CMD_ARGS": "" if server.worker == OURS else f"--worker-class={server.worker}",
        "TRUSTED_PROXIES": "0" if server.front == ALONE else "1",
        "WEB_LIVE_STREAMS": str(STREAMS),
        "WEB_LIVE_STREAMS_EACH": str(STREAMS),
        "WEB_CONNECTIONS": str(HELD),
        "DATABASE_POOL_SIZE": "20",
    }
    if server.worker == GEVENT:
        settings["PYTHONPATH"] = f"{ROOT}:{site_packages(made_environment('gevent'))}"
    argv = [sys.executable, "-m", "bench.peers.gevent_web"] if server.worker == GEVENT else ["bellhop-web"]
    with ground.with_settings(settings), ground.command("web", *argv):
        ground.wait_ready("web")
        with nullcontext(ground.port) if server.front == ALONE else behind_caddy(ground, server.front) as port:
            yield Running(port, ground, caddies_at(port))


def site_packages(commands: Path) -> Path:
    """Return where an environment has its packages."""
    return next(commands.parent.glob("lib/python*/site-packages"))


def caddies_at(port: int) -> tuple[psutil.Process, ...]:
    """Return the processes of Caddy that listen at a port."""
    listening = [one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
    found = [psutil.Process(one.pid) for one in listening if one.laddr and one.laddr.port == port and one.pid]
    return tuple(one for one in found if one.name() == "caddy")


@contextmanager
def behind_caddy(ground: Ground, front: str) -> Iterator[int]:
    """Run Caddy as it is shipped, with the timeouts of production; or with buffers besides."""
    directory, port = ground.directory / "caddy", free_port()
    directory.mkdir(exist_ok=True)
    changes = {
        REPLICAS: f"\tto 127.0.0.1:{ground.port}\n",
        "\tgrace_period 3s\n": TIMEOUTS,
        ":8000 {": f":{port} {{",
        "127.0.0.1:8081": f"127.0.0.1:{free_port()}",
    }
    if front == BUFFERED:
        changes[PLAIN] = BUFFERING
    with caddy(directory, ROOT / "compose/caddy/Caddyfile", changes):
        wait_until(lambda: listens(port))
        yield port


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
