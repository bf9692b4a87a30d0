"""HTTP endpoints in tests: services are sites whose answers a test decides, and that tell what came of it."""

from collections.abc import Callable
from typing import Any

import httpx

from tests.site import Asked, Says, Site
from tests.stack import Stack, wait_until

AMOUNT: dict[str, Any] = {"properties": {"amount": {"type": "integer"}}, "required": ["amount"]}
ACCEPTED = Says(202, b"")


def put(stack: Stack, name: str, url: str, **more: Any) -> dict[str, Any]:
    """Make a task whose body is a service at this URL."""
    answer = stack.http.put(f"/api/tasks/{name}", json={"url": url, "schema": AMOUNT, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def complete(asked: Asked, **said: Any) -> httpx.Response:
    """Report what became of a call, as its service does."""
    return httpx.post(asked.headers["bellhop-completion-url"], json=said, timeout=30)


def outside(stack: Stack, id: str) -> dict[str, Any]:
    """Wait until the work of a job goes on at its service."""
    wait_until(lambda: (stack.job(id)["worker"] or "").startswith("endpoint@"))
    return stack.job(id)


def calls(site: Site, id: str) -> list[Asked]:
    """The calls for a job."""
    return [asked for asked in site.asked if asked.headers.get("bellhop-job-id") == id]


def say_in_turn(*answers: Says | Callable[[Asked], Says]) -> Callable[[Asked], Says]:
    """Answer one call after another."""
    left = list(answers)

    def say(asked: Asked) -> Says:
        answer = left.pop(0)
        return answer(asked) if callable(answer) else answer

    return say
