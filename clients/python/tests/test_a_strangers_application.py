"""The application of a stranger: a repository of its own, and an environment with the client and a driver alone."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.applications import LOGIN, Applications
from tests.environments import make_environment
from tests.stack import wait_until

pytestmark = pytest.mark.long

IN_ITS_TRANSACTION = """
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
OVER_THE_OUTBOX = """
import os

import psycopg
from bellhop_client import Client
from bellhop_client.outbox import Forwarder, Outbox, sql

with psycopg.connect(os.environ["SHOP_DATABASE_URL"]) as db:
    db.execute(sql())
    db.execute("CREATE TABLE orders (id bigint PRIMARY KEY)")

with psycopg.connect(os.environ["SHOP_DATABASE_URL"]) as db:
    db.execute("INSERT INTO orders VALUES (4713)")
    Outbox(db).submit("invoices.render", {"invoice_id": 4713})

with psycopg.connect(os.environ["SHOP_DATABASE_URL"]) as db:
    Outbox(db).submit("invoices.render", {"invoice_id": 4714})
    db.rollback()

with Client(os.environ["BELLHOP_URL"], os.environ["BELLHOP_TOKEN"]) as client:
    print(*Forwarder(client, os.environ["SHOP_DATABASE_URL"]).drain())
    print(*Forwarder(client, os.environ["SHOP_DATABASE_URL"]).drain())
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its environment."""
    return make_environment(tmp_path_factory.mktemp("stranger"), "psycopg", "psycopg-binary")


def run(python: Path, repository: Path, code: str, env: dict[str, str]) -> list[str]:
    """Commit the application to a repository and run it there."""
    repository.mkdir()
    (repository / "application.py").write_text(code)
    for command in (["init", "--quiet"], ["add", "application.py"]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    own = {name: value for name, value in env.items() if name.startswith(("BELLHOP", "SHOP"))}
    done = subprocess.run(
        [python, "application.py"], cwd=repository, env=own | {"PATH": os.environ["PATH"]}, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_it_submits_in_its_own_transaction(python: Path, tmp_path: Path, applications: Applications) -> None:
    said = run(python, tmp_path / "application", IN_ITS_TRANSACTION, applications.env)

    assert said == ["invoice-4711.pdf", "none", "['bellhop_client']"]
    assert applications.stack.sql("SELECT id FROM invoices WHERE id > 4000") == [(4711,)]


def test_it_submits_over_the_outbox_of_its_own_database(
    python: Path, tmp_path: Path, applications: Applications
) -> None:
    stack, rendered = applications.stack, "SELECT result FROM jobs WHERE (args ->> 'invoice_id')::int IN (4713, 4714)"
    stack.postgres.create_database("orders")
    stack.sql(f"ALTER DATABASE orders OWNER TO {LOGIN}")
    url = applications.env["SHOP_DATABASE_URL"].rpartition("/")[0] + "/orders"

    said = run(python, tmp_path / "application", OVER_THE_OUTBOX, applications.env | {"SHOP_DATABASE_URL": url})

    assert said == ["1 0 0", "0 0 0"]
    wait_until(lambda: stack.sql(rendered) == [("invoice-4713.pdf",)])
