"""The few calls of Bellhop's public API that the demo makes."""

from typing import Any, Self

import httpx

from bellhop_demo.errors import DemoError
from bellhop_demo.settings import DemoSettings

ENDED = ("succeeded", "failed", "cancelled")
TIMEOUT = 30.0
"""Seconds that one call may take."""


class Bellhop:
    """A client of one Bellhop; every answer that is not a success is a DemoError."""

    def __init__(self, settings: DemoSettings) -> None:
        self._http = httpx.Client(
            base_url=settings.url,
            headers={"Authorization": f"Bearer {settings.token}"},
            timeout=TIMEOUT,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def is_alive(self) -> bool:
        """Whether the web service answers."""
        return self._call("GET", "/livez").is_success

    def timer(self) -> dict[str, Any]:
        """The timer: minute, second, ticks."""
        return self._json("GET", "/api/timer")

    def submit(self, task: str, **args: object) -> str:
        """Submit a job; answer its id."""
        return str(self._json("POST", "/api/jobs", {"task": task, "args": args})["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """A job as it stands."""
        return self._json("GET", f"/api/jobs/{job_id}")

    def fetch(self, urls: list[str]) -> str:
        """Have pages fetched side by side; answer the id of the whole."""
        return str(self._json("POST", "/api/fetches", {"urls": urls})["id"])

    def fetched(self, fetch_id: str) -> dict[str, Any]:
        """What has been fetched so far."""
        return self._json("GET", f"/api/fetches/{fetch_id}")

    def _json(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer = self._call(method, path, body)
        if not answer.is_success:
            raise DemoError(f"{method} {path} answered {answer.status_code}: {answer.text[:300]}")
        found: dict[str, Any] = answer.json()
        return found

    def _call(self, method: str, path: str, body: object = None) -> httpx.Response:
        try:
            return self._http.request(method, path, json=body)
        except httpx.TransportError as error:
            raise DemoError(f"{method} {self._http.base_url.join(path)} failed: {error!r}") from error
