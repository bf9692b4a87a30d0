"""The application of a stranger: a repository of its own, and an environment with the client and a driver alone."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.applications import Applications
from tests.environments import make_environment

APPLICATION = """
import os
import sys

import psycopg
from bellhop_client import Client, NotFound

with Client(os.environ["BELLHOP_URL"], os.environ["BELLHOP_TOKEN"]) as client:
    with psycopg.connect(os.environ["SHOP_DATABASE_URL"]) as db:  # commits at its end
        db.execute("INSERT INTO invoices VALUES (4711, 'approved')")
        id = client.on(db).submit("invoices.render", {"invoice_id": 4711}, key="render-4711")
    print(client.wait(id, timeout=60).result)

    with psycopg.connect(os.environ["SHOP_DATABASE_URL"]) as db:
        db.execute("INSERT INTO invoices VALUES (4712, 'approved')")
        id = client.on(db).submit("invoices.render", {"invoice_id": 4712})
        db.rollback()
    try:
        client.job(id)
    except NotFound:
        print("none")

print(sorted({name.partition(".")[0] for name in sys.modules if name.startswith("bellhop")}))
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the application."""
    made = tmp_path / "application"
    made.mkdir()
    (made / "application.py").write_text(APPLICATION)
    for command in (["init", "--quiet"], ["add", "application.py"]):
        subprocess.run(["git", *command], cwd=made, check=True)
    return made


def test_it_submits_in_its_own_transaction(repository: Path, tmp_path: Path, applications: Applications) -> None:
    python = make_environment(tmp_path, "psycopg", "psycopg-binary")
    env = {"PATH": os.environ["PATH"]} | {
        name: value for name, value in applications.env.items() if name.startswith(("BELLHOP", "SHOP"))
    }

    done = subprocess.run(
        [python, "application.py"], cwd=repository, env=env, capture_output=True, text=True, timeout=120, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["invoice-4711.pdf", "none", "['bellhop_client']"]
    assert applications.stack.sql("SELECT id FROM invoices WHERE id > 4000") == [(4711,)]
