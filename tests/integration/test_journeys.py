"""Which files a request enters: what only pages need stays out of the way of the API."""

import pytest

from bellhop_web.app import create_app
from bellhop_web.settings import WebSettings
from bench.measure.journey import Entered, enter
from tests.stack import Stack

OF_PAGES = ("bellhop_web/site/", "bellhop_web/http/csrf.py", "bellhop_web/http/cookies.py")
MOST = 18


@pytest.fixture
def entered(ledger: Stack, monkeypatch: pytest.MonkeyPatch) -> Entered:
    for name, value in ledger.env.items():
        monkeypatch.setenv(name, value)
    headers = {"Authorization": ledger.user("operator").http.headers["Authorization"]}
    return enter(create_app(WebSettings()), "POST", "/api/jobs", headers=headers, json={"task": "test.noop"})


def test_a_submission_enters_nothing_that_only_pages_need(entered: Entered) -> None:
    assert [file for file in entered if file.startswith(OF_PAGES)] == []


def test_a_submission_enters_few_files(entered: Entered) -> None:
    assert len(entered) <= MOST, list(entered)
