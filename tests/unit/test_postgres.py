"""The PostgreSQL of `make local`."""

import re
from pathlib import Path

import pytest

from bellhop_local.servers.postgres import Postgres
from tests.stack import ROOT


@pytest.mark.parametrize(
    ("written", "ready"),
    [("", False), ("4711\n", False), ("4711\n/data\nready   \n", True), ("4712\n/data\nready   \n", False)],
)
def test_a_server_is_ready_when_its_own_process_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, ready: bool
) -> None:
    monkeypatch.setattr(Postgres, "pid", 4711)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "postmaster.pid").write_text(written)

    assert Postgres(tmp_path)._is_ready() is ready


def test_the_database_of_the_containers_logs_no_values_either() -> None:
    said = dict(re.findall(r"^(log_\w+) = '?([^'\s]+)", (ROOT / "compose/postgres/postgresql.conf").read_text(), re.M))

    assert (said["log_statement"], said["log_min_duration_statement"]) == ("none", "-1")
    assert (said["log_min_error_statement"], said["log_error_verbosity"]) == ("panic", "terse")
