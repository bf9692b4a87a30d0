"""docs/schedules.md: its examples are run."""

import json
import os
import subprocess
from pathlib import Path

from tests.documents import blocks
from tests.stack import TOKEN, Stack

DOCUMENT = "docs/schedules.md"


def test_the_examples_of_the_page_run(stack: Stack, tmp_path: Path) -> None:
    env = {**os.environ, "BELLHOP_URL": stack.url, "BELLHOP_TOKEN": TOKEN}
    code = [block.code for block in blocks() if (block.document, block.language) == (DOCUMENT, "sh")]
    script = "\n".join(["set -euo pipefail", *code])

    done = subprocess.run(
        ["bash", "-c", script], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )

    made, wall, forecast, jumps, preview = (
        json.loads((tmp_path / f"{name}.json").read_text())
        for name in ("schedule", "wall", "forecast", "jumps", "preview")
    )
    stack.http.delete(f"/api/schedules/{made['id']}")
    assert (done.returncode, done.stderr) == (0, "")
    assert wall["schedules"] == []
    assert "http.request" in {one["task"] for one in forecast["tasks"]}
    assert "Europe/Berlin" in {one["time_zone"] for one in jumps["jumps"]}
    assert preview["next_jump"]["effect"] in {"moved", "once"}
