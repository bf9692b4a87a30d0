"""Web and scheduler know tasks by their manifests: neither imports the code of one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack import ROOT

SETTINGS = {
    "APP_ENV": "test",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "dev-only-secret-key",
    "BELLHOP_PLUGINS": "acme_shop,acme_loose",
}
VALUE = (
    'from bellhop.plugin import Plugin\nplugin = Plugin("shop", tasks="acme_shop.tasks", bodies="acme_shop.bodies")\n'
)
PACKAGE = {"acme_shop/__init__.py": VALUE, "acme_shop/tasks.py": "", "acme_shop/bodies.py": "", "acme_loose.py": ""}
TASK_CODE = {"acme_shop.tasks", "acme_shop.bodies", "acme_loose"}
WEB = """
from bellhop_web.app import create_app
from bellhop_web.settings import WebSettings

create_app(WebSettings.load())
"""
SCHEDULER = "import bellhop_scheduler.main, bellhop_scheduler.scheduler"
WORKER = """
from bellhop_worker.engine.binding import bind_all
from bellhop_worker.settings import WorkerSettings

bind_all(WorkerSettings.load())
"""


def imported(code: str, folder: Path) -> set[str]:
    """The modules that a fresh process has after this."""
    for name, content in PACKAGE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    code = f"import json, sys\n{code}\nprint(json.dumps(list(sys.modules)))"
    env = os.environ | SETTINGS | {"PYTHONPATH": f"{folder}:{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True, timeout=120
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("service", [WEB, SCHEDULER], ids=["web", "scheduler"])
def test_a_service_that_runs_no_tasks_imports_none(service: str, tmp_path: Path) -> None:
    modules = imported(service, tmp_path)

    assert not modules & TASK_CODE
    assert not {name for name in modules if name.partition(".")[0] == "bellhop_worker" or name.endswith(".bodies")}


def test_the_scheduler_knows_no_plug_in_at_all(tmp_path: Path) -> None:
    ours = {"bellhop", "bellhop_ledger", "bellhop_scheduler"}
    modules = {name.partition(".")[0] for name in imported(SCHEDULER, tmp_path)}

    assert {name for name in modules if name.startswith(("bellhop", "acme"))} == ours


def test_the_worker_imports_all_of_them(tmp_path: Path) -> None:
    assert imported(WORKER, tmp_path) >= TASK_CODE
