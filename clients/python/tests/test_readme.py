"""README.md: its examples are run, one after the other, on a system with the task of the README of the repository."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stack import ROOT, TOKEN, Stack

EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
README = (ROOT / "clients/python/README.md").read_text()
TASK = next(code for code in EXAMPLE.findall((ROOT / "README.md").read_text()) if "invoices.render" in code)
AFTERWARDS = """
assert receive({}, b"") == 401
assert {one.state for one in receipts} <= {"queued", "running", "succeeded"}
"""


@pytest.mark.long
def test_the_examples_run(make_stack: Callable[..., Stack], tmp_path: Path) -> None:
    (tmp_path / "invoices.py").write_text(TASK)
    stack = make_stack(
        "web", "worker", "scheduler", BELLHOP_PLUGINS="invoices", PYTHONPATH=f"{ROOT}{os.pathsep}{tmp_path}"
    )
    stack.sql("CREATE TABLE invoices (id bigint PRIMARY KEY, state text)")
    stack.sql("INSERT INTO invoices VALUES (7, 'draft')")
    env = {**os.environ, "BELLHOP_URL": stack.url, "BELLHOP_TOKEN": TOKEN, "SIGNING_SECRET": "a secret of mine"}
    env |= {"DATABASE_URL": stack.postgres.url, "SHOP_DATABASE_URL": stack.postgres.create_database("shop")}
    code = "\n".join([*EXAMPLE.findall(README), AFTERWARDS])

    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "invoice-7.pdf",
        "{'args.invoice_id': 'must be an integer'}",
        "Carried(accepted=1, refused=0, postponed=0)",
        "invoice-7.pdf",
    ]
    assert stack.sql("SELECT state FROM invoices") == [("approved",)]
