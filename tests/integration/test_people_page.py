"""docs/people.md, followed from the first example to the last."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cast import PASSWORD
from tests.integration.test_invitations import token_of
from tests.postbox import Postbox, link_in
from tests.stack import BIN, ROOT, TOKEN, Stack, wait_until

ADA, NEW = "ada@example.org", "ada.lovelace@example.org"
EXAMPLES = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "docs/people.md").read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def invited_alone(tmp_path_factory: pytest.TempPathFactory, postbox: Postbox) -> Iterator[Stack]:
    """A system that lets in who is invited and nobody else."""
    made = Stack(tmp_path_factory.mktemp("invited"), SIGN_UP="invite", **postbox.settings)
    try:
        yield made.start("web", "worker", "scheduler")
    finally:
        made.stop()


def run(stack: Stack, folder: Path, examples: list[str]) -> str:
    """Run examples of the page one after another, in one shell."""
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "BELLHOP_URL": stack.url, "BELLHOP_TOKEN": TOKEN}
    script = "\n".join(["set -euo pipefail", *examples])
    done = subprocess.run(["bash", "-c", script], env=env, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
def test_what_the_page_says_is_done(invited_alone: Stack, postbox: Postbox, tmp_path: Path) -> None:
    inviting, managing, finding, changing, address, handing_out, deleting = EXAMPLES
    stranger = httpx.post(f"{invited_alone.url}/api/account", json={"email": ADA, "password": PASSWORD})
    assert (stranger.status_code, stranger.json()["sign_up"]) == (403, "invite")

    told = run(invited_alone, tmp_path, [inviting, managing])
    assert "revoked the invitation of grace@example.org" in told
    accepted(invited_alone, postbox, ADA)
    assert "disabled" in run(invited_alone, tmp_path, [finding, changing])
    run(invited_alone, tmp_path, [finding, address])
    assert postbox.first_to(NEW)["Subject"] == "Bellhop: Confirm your new address"
    run(invited_alone, tmp_path, [finding, handing_out])
    assert (tmp_path / "ada.json").read_text().count(ADA) >= 2
    assert f'"email":"{ADA}"' in (tmp_path / "data.json").read_text()

    assert f"deleted {ADA}" in run(invited_alone, tmp_path, [deleting])
    wait_until(lambda: "Bellhop: Your account is deleted" in [mail["Subject"] for mail in postbox.to(ADA)])
    assert invited_alone.sql("SELECT count(*) FROM users WHERE email = %s", ADA) == [(0,)]


def accepted(stack: Stack, postbox: Postbox, email: str) -> None:
    """Accept an invitation with the link of its mail."""
    token = token_of(link_in(postbox.first_to(email)))
    answer = httpx.post(f"{stack.url}/api/invitations/accept", json={"token": token, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
