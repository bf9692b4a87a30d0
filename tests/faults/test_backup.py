"""Backups: the database is lost with everything in it, and what was accepted before the backup happens all the same."""

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

import pytest

from bellhop_local.backup import SCRIPTS, backup, restore
from bellhop_local.errors import LocalError
from bellhop_local.servers.postgres import programs
from tests.faults.test_schedules import created, due
from tests.stack import Stack, wait_until

MakeStack = Callable[..., Stack]


@contextmanager
def load(stack: Stack) -> Iterator[list[str]]:
    """Submit jobs without a pause during the block, and give the keys of those that were accepted."""
    accepted: list[str] = []
    over = Event()

    def submit() -> None:
        for number in count():
            if over.is_set():
                return
            stack.submit("test.write" if number % 2 else "test.write_leased", args={"key": f"job {number}"})
            accepted.append(f"job {number}")

    thread = Thread(target=submit)
    thread.start()
    try:
        yield accepted
    finally:
        over.set()
        thread.join()


def lose_everything(stack: Stack) -> None:
    """Kill the services and destroy the volumes of both servers; new ones are empty."""
    for service in ("web", "worker", "scheduler"):
        stack.kill(service)
    stack.redis.stop()
    stack.postgres.stop()
    shutil.rmtree(stack.postgres.directory / "data")
    stack.postgres.start()
    stack.redis.start()


def start_again(stack: Stack) -> None:
    for service in ("web", "worker", "scheduler"):
        stack.start_service(service)
    stack.wait_ready("web")


@pytest.mark.long
def test_after_a_restore_all_that_was_accepted_before_the_backup_happens_once_and_schedules_go_on(
    make_stack: MakeStack, tmp_path: Path
) -> None:
    stack = make_stack("web", "worker", "scheduler")
    schedule = created(stack, interval_seconds=1, args={"key": "run"})
    last = stack.submit("test.write_leased", args={"key": "last attempt", "seconds": 600})["id"]
    stack.in_state(last, "running")
    stack.sql("UPDATE jobs SET max_attempts = 1 WHERE id = %s", last)
    stack.submit("test.write", args={"key": "dated"}, delay=3600)
    with load(stack) as accepted:
        wait_until(lambda: len(accepted) > 20 and len(due(stack, schedule)) > 2)
        before = [*accepted, "last attempt", "dated"]
        file = backup(stack.env, tmp_path / "backups")
        wait_until(lambda: len(accepted) > len(before))

    lose_everything(stack)
    restore(stack.env, file)
    known = due(stack, schedule)
    stack.sql("UPDATE jobs SET args = args || '{\"seconds\": 0}' WHERE id = %s", last)  # or it runs for ten minutes
    stack.sql("UPDATE jobs SET run_at = now() WHERE state = 'scheduled' AND args ->> 'key' = 'dated'")
    start_again(stack)

    assert len(known) > 2
    wait_until(lambda: len(due(stack, schedule)) >= len(known) + 2)
    stack.http.post(f"/api/schedules/{schedule['id']}/pause", json={"reason": "Rest"})
    wait_until(stack.all_ended)
    effects = Counter(stack.effects())
    [runs] = stack.sql("SELECT count(*) FROM jobs WHERE schedule = %s", schedule["id"])
    assert set(stack.states()) == {"succeeded"}
    assert [key for key in before if effects[key] != 1] == []
    assert [key for key, times in effects.items() if times > 1 and key != "run"] == []
    assert effects["run"] == runs[0]


def test_a_backup_that_is_damaged_or_cannot_be_migrated_leaves_the_database_as_it_was(
    ledger: Stack, tmp_path: Path
) -> None:
    file = backup(ledger.env, tmp_path)
    ledger.sql("INSERT INTO effects VALUES ('written after the backup')")
    damaged = tmp_path / "damaged.dump"
    damaged.write_bytes(file.read_bytes()[:-2000])
    sums = {name: checksum(damaged if name == "right" else file) for name in ("right", "wrong")}

    for sum in sums.values():
        damaged.with_name("damaged.dump.sha256").write_text(f"{sum}  damaged.dump\n")
        with pytest.raises(LocalError, match="load"):
            restore(ledger.env, damaged)
    with pytest.raises(LocalError, match="bellhop-migrate"):
        restore({**ledger.env, "ADMIN_EMAIL": "operator@example.org", "ADMIN_PASSWORD": ""}, file)

    assert ledger.effects() == ["written after the backup"]


def test_the_service_makes_its_first_backup_at_once_and_a_failure_leaves_it_and_is_seen(
    ledger: Stack, tmp_path: Path
) -> None:
    with serving(ledger.env, tmp_path):
        wait_until(lambda: dumps(tmp_path))
        assert healthy(tmp_path)
    [made] = dumps(tmp_path)
    os.utime(made, (0, 0))

    with serving({**ledger.env, "MIGRATION_DATABASE_URL": ledger.postgres.url_of("nowhere")}, tmp_path):
        wait_until(lambda: not healthy(tmp_path))
        log = wait_until(lambda: "backup_failed" in (tmp_path / "log").read_text())

    assert log
    assert dumps(tmp_path) == [made]
    assert list(tmp_path.glob(".part*")) == []


def test_a_backup_takes_the_password_of_a_url_and_only_the_newest_are_kept(ledger: Stack, tmp_path: Path) -> None:
    password = "p@ss:w/r%\\d#?"
    ledger.sql(f"CREATE ROLE odd SUPERUSER LOGIN PASSWORD '{password}'")
    url = ledger.postgres.url.replace(f"bellhop:{ledger.postgres.password}", f"odd:{quote(password, safe='')}")
    for day in range(1, 5):
        (tmp_path / f"bellhop-2020010{day}T000000Z.dump").touch()

    try:
        file = backup({**ledger.env, "MIGRATION_DATABASE_URL": f"{url}?sslmode=prefer", "BACKUP_KEEP": "3"}, tmp_path)
    finally:
        ledger.sql("DROP ROLE odd")

    assert dumps(tmp_path) == [*(tmp_path / f"bellhop-2020010{day}T000000Z.dump" for day in (3, 4)), file]
    assert checksum(file) in file.with_name(f"{file.name}.sha256").read_text()


def dumps(directory: Path) -> list[Path]:
    return sorted(directory.glob("bellhop-*.dump"))


def checksum(file: Path) -> str:
    return subprocess.run(["sha256sum", file], capture_output=True, text=True, check=True).stdout.split()[0]


def told(directory: Path, env: dict[str, str]) -> dict[str, str]:
    """What the scripts of the service are told."""
    path = f"{programs()}{os.pathsep}{os.environ['PATH']}"
    return {**env, "PATH": path, "BACKUP_DIR": str(directory), "TMPDIR": str(directory)}


@contextmanager
def serving(env: dict[str, str], directory: Path) -> Iterator[None]:
    """Run the service during the block."""
    with (directory / "log").open("ab") as log:
        service = subprocess.Popen(["bash", SCRIPTS / "serve.sh"], env=told(directory, env), stdout=log, stderr=log)
    try:
        yield
    finally:
        service.terminate()
        service.wait(30)


def healthy(directory: Path) -> bool:
    return not subprocess.run(["bash", SCRIPTS / "health.sh"], env=told(directory, {}), check=False).returncode
