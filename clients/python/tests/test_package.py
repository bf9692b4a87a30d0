"""The package: what its import loads, and its wheel alone in an environment of its own."""

import inspect
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import bellhop_client
from bellhop_client.areas import QueueOperations, ScheduleOperations
from bellhop_client.client import JobOperations
from bellhop_client.drivers import Driver
from bellhop_client.link import Link, Token
from bellhop_client.operations import Iteration, Operation, SyncMethods
from bellhop_client.version import VERSION
from tests.environments import make_environment
from tests.stack import ROOT, TOKEN, Stack

HOME = ROOT / "clients/python"
RUNNER = Driver(Link("http://127.0.0.1:1", Token("token")), None)
MOST_MODULES = 110
"""The standard library's among them; importing 100 of these takes 40 ms on a slow machine."""
COUNT = """
import json, sys
before = set(sys.modules)
import bellhop_client
loaded = set(sys.modules) - before
print(json.dumps([len(loaded), sorted({name.partition(".")[0] for name in loaded} - sys.stdlib_module_names)]))
"""
SUBMIT = """
import os, sys
from bellhop_client import Client, outbox

with Client(os.environ["BELLHOP_URL"], os.environ["BELLHOP_TOKEN"]) as client:
    print(client.wait(client.submit("test.add", {"a": 5, "b": 7})).result)
assert "CREATE TABLE bellhop_outbox" in outbox.sql()
heavy = {"celery", "sqlalchemy", "alembic", "opentelemetry", "pydantic", "flask", "redis", "psycopg2"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""


def test_an_import_loads_a_hundred_modules_of_the_standard_library_and_no_other() -> None:
    done = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True)
    number, packages = json.loads(done.stdout)

    assert packages == ["bellhop_client"]
    assert number <= MOST_MODULES


def test_the_version_is_that_of_the_distribution() -> None:
    assert tomllib.loads((HOME / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_httpx_is_all_that_is_required() -> None:
    assert tomllib.loads((HOME / "pyproject.toml").read_text())["project"]["dependencies"] == ["httpx>=0.28,<1"]


def test_every_name_can_be_imported() -> None:
    assert [name for name in bellhop_client.__all__ if not hasattr(bellhop_client, name)] == []


@pytest.mark.parametrize("operations", [JobOperations, ScheduleOperations, QueueOperations])
def test_methods_have_the_parameters_and_words_of_their_functions(operations: type) -> None:
    declared = [name for name, one in vars(operations).items() if isinstance(one, Operation | Iteration)]

    assert declared
    for name in declared:
        function, method = getattr(operations, name), getattr(type("Own", (SyncMethods, operations), {})(RUNNER), name)
        assert inspect.getdoc(method) == inspect.getdoc(function)
        assert inspect.signature(method).parameters == inspect.signature(function).parameters


@pytest.mark.long
def test_the_wheel_alone_submits_a_job(tmp_path: Path, stack: Stack) -> None:
    python = make_environment(tmp_path)
    env = {"PATH": os.environ["PATH"], "BELLHOP_URL": stack.url, "BELLHOP_TOKEN": TOKEN}

    done = subprocess.run([python, "-c", SUBMIT], env=env, capture_output=True, text=True, check=False)

    assert (done.stdout.strip(), done.stderr) == ("12", "")
