"""A shop beside Bellhop: the applications of docs/frameworks.md, and a system whose workers have their tasks."""

import os
import re
import shutil
import sys
from pathlib import Path

from tests.stack import ROOT, TOKEN, Stack

PAGE = (ROOT / "docs/frameworks.md").read_text()
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
BLOCK = re.compile(r"(?:^`([\w/.]+)`:\n\n)?^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = {section: BLOCK.findall(text) for section, text in SECTIONS.items()}
SECRET = "a secret of mine"
PROJECT = ROOT / "clients/python/tests/django_project"
LOGIN, PASSWORD = "my_app", "my-app"


def code_of(section: str) -> str:
    """Return the only example of a section."""
    [(_, code)] = BLOCKS[section]
    return str(code)


def make_project(folder: Path) -> None:
    """Write the project of Django: ours, with what the page adds."""
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, code in BLOCKS["Django"]:
        text = code.replace("INSTALLED_APPS +=", "from shop.settings import INSTALLED_APPS\n\nINSTALLED_APPS +=")
        if sys.version_info < (3, 12):
            text = text.replace("from django.tasks ", "from django_tasks ")
        (folder / (name or "shop/own.py")).write_text(text)


class Applications:
    """The applications' view of a system: its environment, and the login of their database."""

    def __init__(self, directory: Path):
        self.project = directory / "project"
        make_project(self.project)
        self.stack = Stack(directory, BELLHOP_PLUGINS="tests.tasks.invoices,bellhop_client.django.worker")
        self.stack.settings |= self.env | {"WORKER_QUEUES": "default,slow"}

    @property
    def env(self) -> dict[str, str]:
        """What the applications are told, and the worker that runs tasks of one."""
        _, _, place = self.stack.postgres.url.partition("@")
        return {
            "BELLHOP_URL": self.stack.url,
            "BELLHOP_TOKEN": TOKEN,
            "BELLHOP_SIGNING_SECRET": SECRET,
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "SHOP_DATABASE_URL": f"postgresql://{LOGIN}:{PASSWORD}@{place}",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{self.project}",
        }

    def start(self) -> None:
        """Start the system with a table and a login of the applications."""
        self.stack.start("web", "scheduler")
        self.stack.sql(f"CREATE ROLE {LOGIN} LOGIN PASSWORD '{PASSWORD}' IN ROLE bellhop_submitter")
        self.stack.sql("CREATE TABLE public.invoices (id bigint PRIMARY KEY, state text)")
        self.stack.sql(f"INSERT INTO invoices VALUES (7, 'draft'); GRANT ALL ON public.invoices TO {LOGIN}")
        self.stack.start_service("worker")
        self.stack.wait_ready("worker")
