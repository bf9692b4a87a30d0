"""The extension of Flask: the application of docs/frameworks.md, and what is wrong with another one."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import flask
import pytest
from flask.testing import FlaskClient

from bellhop_client import Client, Conflict
from bellhop_client.flask import Bellhop
from bellhop_worker.http_requests.secrets import standard_headers
from tests.applications import SECRET, Applications, code_of

RIGHT = {"BELLHOP_URL": "http://127.0.0.1:1", "BELLHOP_TOKEN": "token"}


@pytest.fixture
def page(applications: Applications, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The names of the example."""
    for name, value in applications.env.items():
        monkeypatch.setenv(name, value)
    names: dict[str, Any] = {"__name__": "flask_app"}
    exec(code_of("Flask"), names)
    yield names
    names["app"].extensions["bellhop"].close()


@pytest.fixture
def browser(page: dict[str, Any]) -> FlaskClient:
    made: FlaskClient = page["app"].test_client()
    return made


@pytest.fixture
def make_app() -> Iterator[Callable[..., flask.Flask]]:
    """Make applications with settings, whose clients are closed at the end."""
    made: list[flask.Flask] = []

    def make(**settings: Any) -> flask.Flask:
        made.append(flask.Flask("other"))
        made[-1].config.update(settings)
        return made[-1]

    yield make
    for app in made:
        if client := app.extensions.get("bellhop"):
            client.close()


def test_a_view_submits_a_job_and_another_shows_its_result(browser: FlaskClient) -> None:
    submitted = browser.post("/invoices/7/approve")
    assert submitted.status_code == 202

    shown = browser.get(f"/jobs/{submitted.get_json()['job']}")
    assert shown.get_json() == {"state": "succeeded", "result": "invoice-7.pdf"}


def test_the_extension_has_all_that_a_client_has(page: dict[str, Any], applications: Applications) -> None:
    with page["app"].app_context():
        bellhop = page["bellhop"]
        job = bellhop.submit("invoices.render", {"invoice_id": 8}, tags=["flask"])

        assert isinstance(flask.current_app.extensions["bellhop"], Client)
        assert [one.id for one in bellhop.list(tag="flask")] == [job.id]
        assert list(bellhop.schedules.list(task="invoices.render")) == []
        with pytest.raises(Conflict):
            bellhop.cancel(bellhop.wait(job, timeout=60))


def test_a_verified_view_lets_only_signed_requests_in(browser: FlaskClient) -> None:
    body = json.dumps({"order": 4711}).encode()
    signed = standard_headers(SECRET, str(uuid4()), int(time.time()), body)

    assert browser.post("/rendered", data=body, headers=signed).status_code == 204
    assert browser.post("/rendered", data=body).status_code == 401
    assert browser.post("/rendered", data=body + b" ", headers=signed).status_code == 401


def test_each_application_has_a_client_of_its_own(make_app: Callable[..., flask.Flask]) -> None:
    bellhop, apps = Bellhop(timeout=5), [make_app(**RIGHT), make_app(**RIGHT)]
    for app in apps:
        bellhop.init_app(app)

    assert apps[0].extensions["bellhop"] is not apps[1].extensions["bellhop"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"BELLHOP_URL": None}, "BELLHOP_URL: is not set"),
        ({"BELLHOP_TOKEN": " "}, "BELLHOP_TOKEN: is not set"),
        ({"BELLHOP_URL": "bellhop"}, "BELLHOP_URL: must be http:// or https://"),
        ({"BELLHOP_TOKEN": "öl"}, "BELLHOP_TOKEN: must be a text of visible ASCII characters"),
    ],
)
def test_a_wrong_setting_is_named(make_app: Callable[..., flask.Flask], wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        Bellhop(make_app(**RIGHT | wrong))

    assert "öl" not in str(refused.value)


def test_an_application_without_the_extension_says_so(make_app: Callable[..., flask.Flask]) -> None:
    with make_app().app_context(), pytest.raises(RuntimeError, match=r"has no Bellhop: call init_app\(app\)"):
        Bellhop().submit("invoices.render")


def test_without_a_secret_no_view_is_open(make_app: Callable[..., flask.Flask]) -> None:
    app = make_app(**RIGHT, TESTING=True)
    app.post("/hook")(Bellhop(app).verified(lambda: ""))

    with pytest.raises(ValueError, match="BELLHOP_SIGNING_SECRET: is not set"):
        app.test_client().post("/hook")
