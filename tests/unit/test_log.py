"""Logging: one line a fact, JSON in production."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog

from bellhop_ledger.platform import log as logs
from bellhop_ledger.platform.settings import Settings

Said = Callable[[], list[str]]


@pytest.fixture
def say(env: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Said]]:
    """Set logging up with these settings, and give what reads the lines that were logged."""
    root = logging.getLogger()
    before, level = root.handlers, root.level

    def lines() -> list[str]:
        return capsys.readouterr().err.splitlines()

    def configure(**settings: str) -> Said:
        for name, value in settings.items():
            env.setenv(name, value)
        logs.configure("unit", Settings())
        return lines

    yield configure
    root.handlers, root.level = before, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def logger() -> Any:
    """A logger that no test before has used and so none has settled."""
    return logs.get_logger(f"unit.{uuid4().hex}")


def test_production_logs_json_that_can_be_read(say: Callable[..., Said]) -> None:
    said = say(APP_ENV="production")

    logger().info("job_succeeded", seconds=0.5, text='a "quoted"\nline \ud800')

    line = json.loads(said()[0])
    assert (line["event"], line["level"], line["service"], line["seconds"]) == ("job_succeeded", "info", "unit", 0.5)
    assert line["timestamp"].endswith("Z")


def test_an_exception_is_one_line_of_json(say: Callable[..., Said]) -> None:
    said = say(LOG_FORMAT="json")

    try:
        raise ValueError("broken")
    except ValueError:
        logger().exception("request_failed")

    [line] = said()
    assert "ValueError: broken" in json.loads(line)["exception"]


def test_other_libraries_lines_look_the_same(say: Callable[..., Said]) -> None:
    said = say(LOG_FORMAT="json")

    logging.getLogger("some.library").warning("could not %s", "do it")

    line = json.loads(said()[0])
    assert (line["event"], line["logger"], line["level"]) == ("could not do it", "some.library", "warning")


def test_facts_are_bound_inside_the_block_only(say: Callable[..., Said]) -> None:
    said = say(LOG_FORMAT="json")
    log = logger()

    with logs.bound({"job_id": "7"}):
        log.info("inside")
        logging.getLogger("some.library").warning("inside too")
    log.info("outside")

    assert [json.loads(line).get("job_id") for line in said()] == ["7", "7", None]


def test_development_logs_text(say: Callable[..., Said]) -> None:
    said = say()

    logger().info("job_succeeded", attempt=1)

    [line] = said()
    assert "job_succeeded" in line
    assert "attempt=1" in line
    assert "\x1b" not in line


def test_the_level_is_kept(say: Callable[..., Said]) -> None:
    said = say(LOG_LEVEL="WARNING", LOG_FORMAT="json")
    log = logger()

    log.info("quiet")
    log.warning("loud")

    assert [json.loads(line)["event"] for line in said()] == ["loud"]


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_a_number_that_json_has_not_is_logged_as_text(say: Callable[..., Said], number: str) -> None:
    said = say(LOG_FORMAT="json")

    logger().info("measured", number=float(number))

    assert json.loads(said()[0], parse_constant=pytest.fail)["number"] == number
