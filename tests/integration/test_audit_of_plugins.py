"""The audit of plug-ins: each of their routes that changes something notes its act, or says why not."""

import flask
import httpx
import pytest

from bellhop_ledger.audit import Action
from bellhop_web.app import create_app
from bellhop_web.settings import WebSettings
from tests.integration.test_every_route import SAFE
from tests.integration.test_pages_forms import browser_of
from tests.samples import Do, all_samples
from tests.stack import Stack
from tests.test_contract import SERVERS

ACTS = {endpoint: act for one in all_samples() for endpoint, act in one.acts.items()}
UNAUDITED = {endpoint for one in all_samples() for endpoint in one.unaudited}


@pytest.fixture
def app() -> flask.Flask:
    return create_app(WebSettings(**SERVERS, secret_key="dev-only-of-a-test"))  # type: ignore[arg-type]


def test_every_changing_route_of_a_plugin_is_audited_or_says_why_not(app: flask.Flask) -> None:
    theirs = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) - SAFE
        and not app.view_functions[rule.endpoint].__module__.startswith("bellhop_web.")
    }

    assert theirs == ACTS.keys() | UNAUDITED
    assert not ACTS.keys() & UNAUDITED


def test_the_page_filters_by_what_plugins_note(app: flask.Flask) -> None:
    noted = {action for action, _ in ACTS.values()}

    assert set(app.extensions["acts"]) - set(Action) == noted - set(Action)


@pytest.mark.parametrize(("action", "do"), ACTS.values(), ids=ACTS)
def test_an_act_is_noted_once_with_who_did_it(stack: Stack, action: str, do: Do) -> None:
    user = stack.user("operator")

    answer = do(stack, user, browser_of(stack, user))

    assert answer.status_code < 400, answer.text
    [act] = acts_of(stack, answer)
    assert act["action"] == action
    assert act["actor"] in {f"user:{user.id}", f"token:{user.id}"}
    assert act["thing"]


def acts_of(stack: Stack, answer: httpx.Response) -> list[dict[str, str]]:
    found = stack.http.get("/api/audit", params={"request_id": answer.headers["X-Request-Id"]})
    assert found.status_code == 200, found.text
    return list(found.json()["acts"])
