"""The dependency of FastAPI: the application of docs/frameworks.md."""

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bellhop_client.fastapi import Bellhop
from bellhop_worker.http_requests.secrets import standard_headers
from tests.applications import SECRET, Applications, code_of
from tests.loops import LoopThread


@pytest.fixture
def page(applications: Applications, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names of the example."""
    for name, value in applications.env.items():
        monkeypatch.setenv(name, value)
    names: dict[str, Any] = {"__name__": "fastapi_app"}
    exec(code_of("FastAPI"), names)
    return names


@pytest.fixture
def browser(page: dict[str, Any], loop: LoopThread) -> Iterator[Any]:
    """What sends requests to the application while it runs."""
    lifespan = page["app"].router.lifespan_context(page["app"])
    loop.run(lifespan.__aenter__())
    made = httpx.AsyncClient(transport=httpx.ASGITransport(page["app"]), base_url="http://shop")
    yield lambda *args, **kwargs: loop.run(made.request(*args, **kwargs))
    loop.run(made.aclose())
    loop.run(lifespan.__aexit__(None, None, None))


def test_an_endpoint_submits_a_job_and_another_shows_its_result(browser: Any) -> None:
    submitted = browser("POST", "/invoices/7/approve")
    assert submitted.status_code == 202

    shown = browser("GET", f"/jobs/{submitted.json()['job']}", timeout=60)
    assert shown.json() == {"state": "succeeded", "result": "invoice-7.pdf"}


def test_a_verified_endpoint_lets_only_signed_requests_in(browser: Any) -> None:
    body = json.dumps({"order": 4711}).encode()
    signed = standard_headers(SECRET, str(uuid4()), int(time.time()), body)

    assert browser("POST", "/rendered", content=body, headers=signed).status_code == 204
    assert browser("POST", "/rendered", content=body).status_code == 401
    assert browser("POST", "/rendered", content=body + b" ", headers=signed).status_code == 401


def test_the_client_is_open_for_as_long_as_the_application_runs(page: dict[str, Any], loop: LoopThread) -> None:
    async def use() -> bool:
        async with page["bellhop"].lifespan():
            job = await (await page["bellhop"]()).submit("invoices.render", {"invoice_id": 8})
        return bool(job.id)

    assert loop.run(use())
    assert loop.run(use())
    with pytest.raises(RuntimeError, match=r"write FastAPI\(lifespan=bellhop\.lifespan\)"):
        loop.run(page["bellhop"]())


@pytest.mark.parametrize(("url", "token", "name"), [("bellhop", "token", "url"), ("http://127.0.0.1:1", "", "token")])
def test_a_wrong_argument_is_named_when_the_application_is_made(url: str, token: str, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}: "):
        Bellhop(url, token)
