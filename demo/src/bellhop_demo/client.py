"""A client of Bellhop's public API; every answer that is not a success is a DemoError."""

from typing import Any, Self

import httpx

from bellhop_demo.errors import DemoError

ENDED = ("succeeded", "failed", "cancelled")
TIMEOUT = 30.0
"""Seconds that one call may take."""


class Bellhop:
    """One Bellhop as somebody meets it who has this token, or none."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def trusted_with(self, csrf_token: str) -> None:
        """Prove from now on that what a cookie allows is our own doing."""
        self._http.headers["X-CSRF-Token"] = csrf_token

    def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """Ask for something."""
        found: dict[str, Any] = self.file(path, **query).json()
        return found

    def file(self, path: str, **query: str | int) -> httpx.Response:
        """Ask for something that is no JSON."""
        return _success(self._call("GET", path, params=query))

    def part(self, path: str, first: int, last: int) -> httpx.Response:
        """Ask for these bytes of a file."""
        return _success(self._call("GET", path, headers={"Range": f"bytes={first}-{last}"}))

    def post(self, path: str, **body: object) -> dict[str, Any]:
        """Send a POST and return the answer."""
        made: dict[str, Any] = _success(self._call("POST", path, json=body)).json()
        return made

    def upload(self, path: str, file: bytes, media_type: str, **query: str | int) -> dict[str, Any]:
        """Send a file."""
        sent = self._call("POST", path, params=query, content=file, headers={"Content-Type": media_type})
        made: dict[str, Any] = _success(sent).json()
        return made

    def refusal(self, path: str, **body: object) -> int:
        """Send a POST that must be refused; return the status."""
        return self._call("POST", path, json=body).status_code

    def status(self, path: str) -> int:
        """Ask for something that may be refused; give the status."""
        return self._call("GET", path).status_code

    def delete(self, path: str) -> None:
        """Send a DELETE."""
        _success(self._call("DELETE", path))

    def submit(self, task: str, **args: object) -> str:
        """Submit a job; give its id."""
        return str(self.post("/api/jobs", task=task, args=args)["id"])

    def job(self, job_id: str, wait: int = 0) -> dict[str, Any]:
        """A job as it stands, or as soon as it has ended, after so many seconds at most."""
        return self.get(f"/api/jobs/{job_id}", **({"wait": wait} if wait else {}))

    def _call(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise DemoError(f"{method} {self._http.base_url.join(path)} failed: {error!r}") from error


def _success(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        request = answer.request
        raise DemoError(f"{request.method} {request.url.path} answered {answer.status_code}: {answer.text[:300]}")
    return answer
