"""A local server that answers as Steam does, with the shapes that really come back, and counts when it was asked."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from bellhop_prices.settings import PricesSettings
from bellhop_worker.plugin import AllowList

KEY = "0123456789ABCDEF0123456789ABCDEF"
FREE: dict[str, Any] = {"success": True, "data": []}
GONE: dict[str, Any] = {"success": False}
PRICELESS: dict[str, Any] = {"success": True, "data": {}}


def priced(final: Any, currency: Any = "EUR") -> dict[str, Any]:
    """What the store says of a game that costs so many hundredths."""
    overview = {
        "currency": currency,
        "initial": 5999,
        "final": final,
        "discount_percent": 10,
        "initial_formatted": "59,99€",
        "final_formatted": "53,99€",
    }
    return {"success": True, "data": {"price_overview": overview}}


class FakeSteam(ThreadingHTTPServer):
    """Games by number, what the store says of each, and every question with its moment."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.count = 0
        """So many games besides, with a name made from their number."""
        self.store: dict[str, dict[str, Any]] = {}
        self.basic: dict[str, dict[str, Any]] = {}
        self.odd_apps: list[Any] = []
        """What the list of games holds besides."""
        self.failures: list[int] = []
        """Statuses that are answered first."""
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.moments: list[float] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def settings(self, **changes: Any) -> PricesSettings:
        """What a worker is told so that it asks here."""
        return PricesSettings(**self.environment | changes)

    @property
    def environment(self) -> dict[str, Any]:
        return {
            "source": "steam",
            "steam_api_key": SecretStr(KEY),
            "steam_api_url": self.url,
            "steam_store_url": self.url,
            "steam_country": "de",
        }

    @property
    def allowed(self) -> AllowList:
        """What lets a worker ask here."""
        return AllowList.parse(f"127.0.0.1:{self.server_port}")

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        """Answer one question."""
        self.asked.append((path, query))
        self.moments.append(time.monotonic())
        if self.failures:
            return self.failures.pop(0), {"error": "no"}
        if path == "/IStoreService/GetAppList/v1/":
            return (200, self._list(query)) if query.get("key") == KEY else (403, {})
        shelf = self.basic if query["filters"] == "basic" else self.store
        return 200, {ref: shelf.get(ref, GONE) for ref in query["appids"].split(",")}

    def _list(self, query: dict[str, str]) -> dict[str, Any]:
        first, most = int(query["last_appid"]) + 1, int(query["max_results"])
        everything = sorted(self.names) if self.names else range(1, self.count + 1)
        found = [number for number in everything if number >= first][:most] if self.names else None
        page = found if found is not None else range(first, min(first + most, self.count + 1))
        apps = [
            {"appid": n, "name": self.names.get(n, f"Game {n}"), "last_modified": 1, "price_change_number": n}
            for n in page
        ]
        apps += self.odd_apps
        if not apps:
            return {"response": {}}
        more = {"have_more_results": True, "last_appid": page[-1]} if page[-1] < everything[-1] else {}
        return {"response": {"apps": apps, **more}}


class Handler(BaseHTTPRequestHandler):
    server: FakeSteam

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        status, answer = self.server.answer(parts.path, query)
        body = json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogateescape")
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def fake_steam() -> Iterator[FakeSteam]:
    """Run one."""
    server = FakeSteam()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
