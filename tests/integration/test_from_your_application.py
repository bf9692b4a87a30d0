"""docs/from-your-application.md: its rights are granted and its examples are run, each as it stands there."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bellhop_local.servers.postgres import programs
from tests.stack import ROOT, Stack, wait_until

TEXT = (ROOT / "docs/from-your-application.md").read_text()
EXAMPLES = re.findall(r"^### ([^\n]+)\n.*?^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PYTHON = {title: code for title, language, code in EXAMPLES if language == "python"}
[NODE] = [code for _, language, code in EXAMPLES if language == "js"]
SQL = re.findall(r"^```sql\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
[GRANT] = re.findall(r"^    (GRANT .*;)$", TEXT, re.MULTILINE)
DJANGO = """
import os
import django
from django.conf import settings
from urllib.parse import urlsplit

url = urlsplit(os.environ["DATABASE_URL"])
address = {"NAME": url.path[1:], "USER": url.username, "PASSWORD": url.password, "HOST": url.hostname, "PORT": url.port}
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", **address}})
django.setup()
"""
"""The project in which the example of Django stands."""
PASSWORD = "my-app"
PG = "pg@8"
INSTALL = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", PG]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system whose workers have the task of the page, beside an application."""
    made = Stack(tmp_path_factory.mktemp("beside"), BELLHOP_PLUGINS="tests.tasks.invoices")
    try:
        made.start("worker", "scheduler")
        wait_until(lambda: made.sql("SELECT count(*) FROM tasks WHERE name = 'invoices.render'") == [(1,)])
        made.sql(f"CREATE ROLE my_app LOGIN PASSWORD '{PASSWORD}'")
        made.sql(GRANT)
        made.sql("CREATE TABLE public.invoices (id int, state text); GRANT ALL ON public.invoices TO my_app")
        yield made
    finally:
        made.stop()


@pytest.fixture
def invoices(system: Stack) -> Stack:
    """One draft, and no job."""
    system.sql("TRUNCATE public.invoices, jobs, job_keys; INSERT INTO public.invoices VALUES (7, 'draft')")
    return system


def address(system: Stack) -> str:
    return system.postgres.url.replace(f"//bellhop:{system.postgres.password}@", f"//my_app:{PASSWORD}@")


def run(system: Stack, *argv: str, folder: Path | None = None) -> None:
    """Run an example as the application."""
    env = os.environ | {"DATABASE_URL": address(system)}
    done = subprocess.run(argv, env=env, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def is_approved_and_rendered(system: Stack) -> bool:
    """Whether both halves of the transaction are there, and the job of the application has run."""
    rendered = [("my_app", '"invoice-7.pdf"')]
    ended = "SELECT substr(submitter, 5), result::text FROM jobs WHERE task = 'invoices.render' AND state = 'succeeded'"
    wait_until(lambda: system.sql(ended) == rendered)
    return system.sql("SELECT state FROM public.invoices") == [("approved",)]


def test_the_page_has_an_example_of_each_driver() -> None:
    assert list(PYTHON) == [
        "Python: bellhop-client",
        "Python: SQLAlchemy 2.0 and 2.1",
        "Python: psycopg 2",
        "Python: psycopg 3",
        "Python: asyncpg",
        "Python: Django",
    ]
    assert [title for title, language, _ in EXAMPLES if language == "go"] == ["Go: pgx"]


@pytest.mark.parametrize("title", PYTHON)
def test_an_example_in_python_does_both(invoices: Stack, title: str) -> None:
    run(invoices, sys.executable, "-c", (DJANGO if "Django" in title else "") + PYTHON[title])

    assert is_approved_and_rendered(invoices)


@pytest.mark.parametrize("statements", SQL[:2], ids=["one invoice", "the rows of a query"])
def test_an_example_in_sql_does_both(invoices: Stack, statements: str) -> None:
    psql = str(programs() / "psql")
    run(invoices, psql, "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--command", statements, address(invoices))

    assert is_approved_and_rendered(invoices)


def test_many_are_submitted_together(invoices: Stack) -> None:
    invoices.sql(SQL[2])

    wait_until(lambda: invoices.states("invoices.%") == {"succeeded": 1, "scheduled": 1})


@pytest.fixture(scope="session")
def with_pg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Node finds the driver."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("there is no Node")
    folder = tmp_path_factory.mktemp("node")
    installed = subprocess.run(INSTALL, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if installed.returncode:
        pytest.skip(f"{PG} cannot be installed")
    return folder


def test_the_example_in_node_does_both(invoices: Stack, with_pg: Path) -> None:
    (with_pg / "approve.mjs").write_text(NODE)

    run(invoices, "node", "approve.mjs", folder=with_pg)

    assert is_approved_and_rendered(invoices)
