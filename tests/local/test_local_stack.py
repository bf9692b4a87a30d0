"""`make local` as a developer meets it: the real command, its signals and its exit codes."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import psycopg2
import pytest

from bellhop_local.servers.postgres import Postgres
from bellhop_local.state import published
from tests.local.local_stack import BIN, LocalStack
from tests.stack import ROOT, wait_until

RECORDER = Path(__file__).parent / "recorder"
SERVICES = {"migrate", "web", "worker", "scheduler", "flower"}


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalStack]:
    made = LocalStack(tmp_path)
    try:
        yield made
    finally:
        made.child.stop(60)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """One that is up, for those who do not hurt it."""
    made = LocalStack(tmp_path_factory.mktemp("running"))
    try:
        yield made.start()
    finally:
        made.child.stop(60)


def nobody_of(processes: list[psutil.Process]) -> Callable[[], bool]:
    return lambda: not any(process.is_running() for process in processes)


@pytest.mark.long
def test_a_stop_that_was_asked_for_leaves_nothing_behind_and_ends_with_0(local: LocalStack) -> None:
    processes = local.start().processes()

    os.kill(local.child.pid, signal.SIGINT)

    assert local.exit_code() == 0
    assert nobody_of(processes)()
    assert published(local.directory) is None


def test_the_operator_who_is_made_up_is_printed_and_can_sign_in(running: LocalStack) -> None:
    told = published(running.directory) or {}
    operator = {"email": told["ADMIN_EMAIL"], "password": told["ADMIN_PASSWORD"]}

    answer = httpx.post(f"{told['BELLHOP_URL']}/api/account/session", json=operator)

    assert answer.status_code == 200, answer.text
    assert answer.json()["account"]["role"] == "admin"
    assert f"{operator['email']}, password {operator['password']}" in running.log.read_text()


@pytest.mark.long
def test_a_service_that_dies_is_named_and_ends_the_whole(local: LocalStack) -> None:
    processes = local.start().processes()

    os.kill(local.pid_of("scheduler"), signal.SIGKILL)

    assert local.exit_code() == 1
    assert "scheduler was killed by signal 9" in local.log.read_text()
    assert nobody_of(processes)()


@pytest.mark.long
def test_a_killed_supervisor_takes_everything_with_it_and_the_next_one_starts(local: LocalStack) -> None:
    processes = local.start().processes()

    os.kill(local.child.pid, signal.SIGKILL)
    local.exit_code()

    if shutil.which("setpriv"):
        wait_until(nobody_of(processes))
    local.start()


def test_a_second_stack_in_the_same_directory_is_refused(running: LocalStack) -> None:
    second = running.run("up")

    assert second.returncode == 1
    assert "already running" in second.stderr


@pytest.mark.long
def test_the_last_line_says_why_the_stack_did_not_stay_up(local: LocalStack) -> None:
    local.env["BELLHOP_PLUGINS"] = "not_there"

    done = local.run("up")

    assert done.returncode == 1
    reason = "worker ended by itself with exit code 1: BELLHOP_PLUGINS: not_there cannot be imported"
    assert f"| reason: {reason}" in done.stdout.splitlines()[-1]


def test_a_taken_port_is_named_before_anything_is_started(running: LocalStack, local: LocalStack) -> None:
    local.env["WEB_PORT"] = running.env["WEB_PORT"]

    second = local.run("up")

    assert second.returncode == 1
    assert f"port {local.env['WEB_PORT']} is taken" in second.stderr
    assert "WEB_PORT=" in second.stderr
    assert not (local.directory / "postgres").exists()


@pytest.mark.long
def test_the_shell_submits_and_waits(running: LocalStack) -> None:
    answer = running.run("shell", "print(submit(very_slow_add, a=5, b=7).wait())")

    assert answer.stdout == "12\n", answer.stderr


def test_the_task_of_the_readme_runs(local: LocalStack, tmp_path: Path) -> None:
    [code] = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "invoices.py").write_text(code)
    local.env |= {"BELLHOP_PLUGINS": "invoices", "PYTHONPATH": str(tmp_path)}
    told = published(local.start().directory) or {}
    client = httpx.Client(base_url=told["BELLHOP_URL"], headers={"Authorization": f"Bearer {told['ADMIN_TOKEN']}"})

    with client:
        job = client.post("/api/jobs", json={"task": "invoices.render", "args": {"invoice_id": 7}}).json()
        ended = client.get(f"/api/jobs/{job['id']}", params={"wait": 30}, timeout=60).json()

    assert (ended["state"], ended["result"]) == ("succeeded", "invoice-7.pdf")


@pytest.mark.long
def test_the_demo_ends_with_0_leaves_its_feed_as_it_was_and_no_secret_in_any_log(local: LocalStack) -> None:
    local.env |= {"LOG_LEVEL": "DEBUG", "LOG_FORMAT": "json"}
    feed = local.start().directory / "feed.json"
    before, told = feed.read_bytes(), published(local.directory) or {}
    recorded = local.directory / "secrets"
    local.env |= {"RECORD_SECRETS": str(recorded), "PYTHONPATH": str(RECORDER)}

    demo = local.run("demo")

    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "7. A price that falls" in demo.stdout
    assert feed.read_bytes() == before
    local.child.stop(60)
    check_log(local.log.read_text(), secrets_of(told) | set(recorded.read_text().split("\n")) - {""})


def secrets_of(told: dict[str, str]) -> set[str]:
    """The secrets that the stack was started with."""
    passwords = {urlsplit(told[name]).password or "" for name in ("DATABASE_URL", "REDIS_URL")}
    return passwords | {told[f"{name}"] for name in ("ADMIN_TOKEN", "ADMIN_PASSWORD", "SECRET_KEY", "FLOWER_PASSWORD")}


def check_log(log: str, secrets: set[str]) -> None:
    """All that the services have said is JSON, and neither they nor their servers have said a secret."""
    said = [line.partition("|") for line in log.splitlines() if line.split(" ")[0] in {*SERVICES, "postgres", "redis"}]
    lines = [line.strip() for name, _, line in said if name.strip() in SERVICES]
    assert [line for line in lines if not is_json(line)] == []
    assert SERVICES - {"flower"} <= {json.loads(line)["service"] for line in lines}  # Flower has nothing to say
    assert len(secrets) > 20
    text = "\n".join(line for _, _, line in said)
    assert [secret for secret in secrets if secret in text] == []


def is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


@pytest.mark.long
def test_the_demo_says_what_is_wrong(local: LocalStack) -> None:
    local.start()
    os.kill(local.pid_of("scheduler"), signal.SIGSTOP)

    demo = local.run("demo")

    os.kill(local.pid_of("scheduler"), signal.SIGCONT)
    assert demo.returncode == 1
    assert "the timer" in demo.stdout


@pytest.mark.long
def test_a_backup_of_the_running_stack_brings_back_what_was_lost(local: LocalStack, tmp_path: Path) -> None:
    told = published(local.start().directory) or {}
    local.env["BACKUP_DIR"] = str(tmp_path / "backups")
    file = local.run("backup").stdout.strip()

    refused = local.run("restore", "", file)
    local.child.stop(60)
    shutil.rmtree(local.directory / "postgres")
    restored = local.run("restore", "", file)

    assert (refused.returncode, "already running" in refused.stderr) == (1, True)
    assert restored.returncode == 0, restored.stderr
    with Postgres(local.directory / "postgres") as postgres:
        assert emails(postgres) == [(told["ADMIN_EMAIL"],)]


def emails(postgres: Postgres) -> list[tuple[str, ...]]:
    with closing(psycopg2.connect(postgres.url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT email FROM users")
        return cursor.fetchall()


ALARMING = re.compile(r"warning|error|critical|traceback|failed|invalid", re.IGNORECASE)


def test_a_healthy_first_start_says_nothing_that_looks_like_a_fault(running: LocalStack) -> None:
    assert running.first_words
    assert [line for line in running.first_words.splitlines() if ALARMING.search(line)] == []


@pytest.mark.long
def test_the_shell_takes_a_task_by_its_name_and_names_the_nearest_ones(running: LocalStack) -> None:
    script = """
print(submit("products.very_slow_add", a=5, b=7))
try:
    submit("products.slow_add", a=5, b=7)
except LookupError as error:
    print(error)
"""

    answer = running.run("shell", script)

    assert re.match(
        r"<products\.very_slow_add \S+ queued>\nthere is no task 'products.slow_add'; there are ", answer.stdout
    )
    assert "products.very_slow_add" in answer.stdout.splitlines()[1]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["frobnicate"], "there is no 'frobnicate'; there are up, demo, shell"),
        ([], "the following arguments are required: VERB"),
        (["restore"], "the following arguments are required: file"),
        (["up", "--nope"], "unrecognized arguments: --nope"),
    ],
)
def test_a_wrong_argument_is_refused_with_one_line(words: list[str], reason: str) -> None:
    done = subprocess.run([BIN / "bellhop-local", *words], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.startswith(f"bellhop: {reason}")
    assert done.stderr.count("\n") == 1


def test_what_is_not_ready_in_time_is_named_and_the_patience_can_be_set(local: LocalStack) -> None:
    local.env["LOCAL_PATIENCE"] = "0.01"

    local.child.start()

    assert local.exit_code() == 1
    assert re.search(r"(did not answer within|not ready after) \S+ s.*LOCAL_PATIENCE=", local.log.read_text())
