"""The check of the ledger's migrations: each has the next number and follows the one before."""

from pathlib import Path

import pytest

from scripts.migrations_in_line import FOLDER, faults

FIRST = 'revision = "0001"\ndown_revision = None\n'
SECOND = 'revision = "0002"\ndown_revision = "0001"\n'


def written(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name.lstrip('_')}.py").write_text(f'"""A migration."""\n\n{text}')
    return faults(folder)


def test_ours_are_in_line() -> None:
    assert list(FOLDER.glob("0*.py"))
    assert faults(FOLDER) == []


@pytest.mark.parametrize(
    "another",
    [SECOND, SECOND.replace("0002", "0003"), SECOND.replace("0001", "0000"), "revision = 2\n", ""],
    ids=["the same number", "another number than its name", "one that is not there", "no text", "nothing"],
)
def test_what_takes_the_same_number_or_follows_another_is_named(tmp_path: Path, another: str) -> None:
    assert written(tmp_path, _0001_jobs=FIRST, _0002_tokens=SECOND) == []

    [fault] = written(tmp_path, _0002_users=another)

    assert fault == "0002_users.py: as the next one it is called 0003_..., revision = '0003' and down_revision = '0002'"
