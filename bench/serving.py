"""What each web server bears: load, many streams, clients who are silent or slow, and being replaced under load."""

import json
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from statistics import median
from typing import Any

from bench.figures import Figures, Plan
from bench.ground import Ground
from bench.web import clients
from bench.web.servers import SERVERS, STREAMS, Running, running
from tests.stack import ROOT, TOKEN

BEARER = {"Authorization": f"Bearer {TOKEN}"}
JOB = json.dumps({"task": "test.noop", "delay": 3600})
POST = clients.Request("POST", "/api/jobs", JOB, {**BEARER, "Content-Type": "application/json"})
HEAD = f"POST /api/jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer {TOKEN}\r\n"
SMALL_BODY = (HEAD + "Content-Length: 5000\r\n\r\n{").encode()
LARGE_BODY = (HEAD.replace("/api/jobs", "/api/jobs/batch") + "Content-Length: 9000000\r\n\r\n{").encode()
SILENT = 18_000
SLOW = 300
"""More than all threads."""
ASKED, SECONDS = 30, 6.0
"""Requests that somebody sends beside misbehaving clients, and the seconds in which it does."""


def measure(ground: Ground, plan: Plan) -> Figures:
    """Measure each server in turn, several times over."""
    clients.raise_limit()
    figures = Figures(f"gunicorn's workers: {STREAMS:,} streams, {SILENT:,} silent connections, {SLOW} slow ones")
    for _ in range(plan.rounds):
        for server in SERVERS:
            ground.clear()
            with running(ground, server) as made:
                for unit, value in measured(made, min(plan.seconds, 2.0)).items():
                    figures.add(str(server), unit, value)
                    print(f"{server}: {unit}: {value:.1f}", file=sys.stderr, flush=True)
    return figures


def measured(server: Running, seconds: float) -> dict[str, float]:
    """Measure all of one that has just started."""
    seen = {"MB at rest": server.memory()}
    _load(server, "POST", 1.0)  # to warm up
    job = server.ground.submit("test.noop", delay=3600)["id"]
    for method, path in (("POST", "/api/jobs"), ("GET", f"/api/jobs/{job}")):
        seen |= _load(server, method, seconds, path)
    seen |= _streams(server)
    seen |= _beside("silent", server, clients.silent(server.port, SILENT))
    for name, body in (("slow small bodies", SMALL_BODY), ("slow large bodies", LARGE_BODY)):
        seen |= _beside(name, server, clients.trickling(server.port, SLOW, body))
    seen["MB beside bodies that stop"] = _memory_beside_bodies(server)
    seen |= _slow_readers(server)
    seen |= _passwords(server)
    return seen | _reload(server, seconds)


def _memory_beside_bodies(server: Running) -> float:
    """Return the megabytes of all processes while bodies of 0.9 MB lack their end."""
    body = (HEAD + "Content-Length: 950000\r\n\r\n{").encode() + b" " * 900_000
    with clients.trickling(server.port, SLOW, body):
        return server.memory()


def _slow_readers(server: Running) -> dict[str, float]:
    """Ask for more than the system keeps for one who does not read, and read nothing."""
    job = server.ground.submit("test.give", args={"what": "x" * 900_000}, delay=3600)["id"]
    asks = f"GET /api/jobs/{job} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode() * 10
    return _beside("slow readers", server, clients.not_reading(server.port, SLOW // 2, asks))


def _load(server: Running, method: str, seconds: float, path: str = "/api/jobs") -> dict[str, float]:
    """Send requests on 16 connections; return how many were answered, and what one cost gunicorn's processes."""
    argv = [sys.executable, "-m", "bench.load", str(server.port), path, f"--method={method}", f"--seconds={seconds}"]
    argv += [f"--body={JOB if method == 'POST' else ''}", f"--header=Authorization: Bearer {TOKEN}"]
    before = server.cpu_seconds()
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rate = float(json.loads(done.stdout)["requests/s"])
    cpu = server.cpu_seconds() - before
    return {f"{method} requests/s": rate, f"{method}: CPU ms": cpu * 1000 / (rate * seconds)}


def _beside(name: str, server: Running, misbehaving: AbstractContextManager[None]) -> dict[str, float]:
    """Return how somebody fares beside clients who misbehave."""
    with misbehaving:
        return _fared(name, server)


def _fared(name: str, server: Running) -> dict[str, float]:
    times = clients.times_of(server.port, POST, ASKED, SECONDS)
    good = sorted(one for one in times if one < clients.PATIENCE)
    return {
        f"{name}: answered of {ASKED}": len(good),
        f"{name}: median ms": median(good) * 1000 if good else float("nan"),
        f"{name}: slowest ms": good[-1] * 1000 if good else float("nan"),
    }


def _streams(server: Running) -> dict[str, float]:
    """Open very many pages that listen, and change what they show."""
    job = server.ground.submit("test.noop", delay=3600)["id"]
    ask = f"GET /live?topic=job:{job} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
    before, began = server.memory(), time.perf_counter()
    streams = [clients.connected(server.port, clients.SOURCES[n % 4], ask) for n in range(STREAMS)]
    try:
        heard = _hear(streams, b"scheduled")
        opened = time.perf_counter() - began
        seen = {"streams that began": heard, "s until all began": opened}
        seen["kB a stream"] = (server.memory() - before) * 1000 / STREAMS
        seen |= _fared("beside streams", server)
        server.ground.http.post(f"/api/jobs/{job}/cancel")
        began = time.perf_counter()
        seen["streams that heard of a change"] = _hear(streams, b"cancelled")
        seen["ms until all heard"] = (time.perf_counter() - began) * 1000
    finally:
        for one in streams:
            one.close()
    time.sleep(1)
    return seen


def _hear(streams: list[socket.socket], words: bytes, patience: float = 20.0) -> int:
    """Wait until all of them received something; return how many did."""
    heard, until = 0, time.perf_counter() + patience
    with selectors.DefaultSelector() as selector:
        for one in streams:
            one.setblocking(False)
            selector.register(one, selectors.EVENT_READ, bytearray())
        while selector.get_map() and time.perf_counter() < until:
            for key, _ in selector.select(0.5):
                heard += _read(key, words, selector.unregister)
    return heard


def _read(key: selectors.SelectorKey, words: bytes, done: Callable[[Any], object]) -> bool:
    try:
        piece = key.fileobj.recv(65_536)  # type: ignore[union-attr]
    except OSError:
        piece = b""
    key.data.extend(piece)
    told = words in key.data
    if told or not piece:
        done(key.fileobj)
    return told


def _passwords(server: Running) -> dict[str, float]:
    """Sign in again and again meanwhile: each password is hashed for some tenths of a second."""
    body = json.dumps({"email": "nobody@example.org", "password": "a wrong password"})
    enough = threading.Event()
    sign_in = clients.Request("POST", "/api/account/session", body, {"Content-Type": "application/json"})

    def guess() -> None:
        while not enough.is_set():
            clients.times_of(server.port, sign_in, 1, SECONDS)

    guessing = [threading.Thread(target=guess) for _ in range(4)]
    for one in guessing:
        one.start()
    seen = _fared("beside sign-ins", server)
    enough.set()
    for one in guessing:
        one.join()
    return seen


def _reload(server: Running, seconds: float) -> dict[str, float]:
    """Replace the processes while eight clients submit, each request on a connection of its own."""
    times: list[float] = []

    def submit() -> None:
        times.extend(clients.times_of(server.port, POST, 1_000_000, seconds + 3, patience=60))

    submitting = [threading.Thread(target=submit) for _ in range(8)]
    for one in submitting:
        one.start()
    time.sleep(1)
    server.reload()
    for one in submitting:
        one.join()
    good = [one for one in times if one < float("inf")]
    return {"replaced: lost": len(times) - len(good), "replaced: slowest ms": max(good) * 1000}
