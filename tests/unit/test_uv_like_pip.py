"""The environment is made by uv, which must look for packages where pip would."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import uv_like_pip
from tests.stack import ROOT

CONFIG = """\
[global]
index-url = https://everywhere.test/simple
extra-index-url =
    https://first.test/simple
    https://second.test/simple
timeout = 60

[install]
index-url = https://installs.test/simple
find-links = /srv/wheels /srv/more-wheels
trusted-host = first.test
"""


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what this machine says to pip and to uv."""
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_", "SSL_"))]:
        monkeypatch.delenv(name)


def environment_of_uv(config: Path) -> dict[str, str]:
    """What a program in the place of uv finds in its environment."""
    command = [sys.executable, uv_like_pip.__file__, "/usr/bin/env"]
    told = {**os.environ, "PIP_CONFIG_FILE": str(config)}
    shown = subprocess.run(command, env=told, capture_output=True, text=True, check=True).stdout
    return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)


@pytest.mark.usefixtures("clean_environment")
def test_uv_gets_what_the_configuration_of_pip_says(tmp_path: Path) -> None:
    config = tmp_path / "pip.conf"
    config.write_text(CONFIG)

    found = environment_of_uv(config)

    assert found["UV_DEFAULT_INDEX"] == "https://installs.test/simple"
    assert found["UV_INDEX"] == "https://first.test/simple https://second.test/simple"
    assert found["UV_FIND_LINKS"] == "/srv/wheels,/srv/more-wheels"
    assert found["UV_INSECURE_HOST"] == "first.test"
    assert found["UV_HTTP_TIMEOUT"] == "60"


@pytest.mark.usefixtures("clean_environment")
def test_variables_count_more_than_the_configuration_of_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "pip.conf"
    config.write_text(CONFIG)
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable.test/simple")
    monkeypatch.setenv("UV_INDEX", "https://chosen.test/simple")

    found = environment_of_uv(config)

    assert found["UV_DEFAULT_INDEX"] == "https://variable.test/simple"
    assert found["UV_INDEX"] == "https://chosen.test/simple"


def test_uv_asks_no_index_where_pip_would_not() -> None:
    command = [sys.executable, uv_like_pip.__file__, "/bin/echo", "pip", "sync"]

    done = subprocess.run(command, env={**os.environ, "PIP_NO_INDEX": "1"}, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["pip", "sync", "--no-index"]


def test_every_folder_with_a_project_is_a_package_of_ours() -> None:
    listed = subprocess.run([ROOT / "scripts/packages.sh"], capture_output=True, text=True, check=True).stdout.split()

    assert {"common", "local", "services/web"} <= set(listed)
    assert all((ROOT / name / "pyproject.toml").is_file() for name in listed)
