"""The reference of the HTTP API: its OpenAPI document, set by a template: the page /api/docs needs scripts."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from bellhop.manifest import manifests_of
from bellhop_ledger.tasks.load import load
from bellhop_ledger.tasks.task import Task
from bellhop_web.app import create_app
from bellhop_web.openapi.document import finished
from bellhop_web.settings import WebSettings
from docs.site.manual import Manual, kind

TEMPLATES = Path(__file__).parent / "templates"
NOWHERE = {
    "database_url": "postgresql://nowhere/none",
    "redis_url": "redis://nowhere",
    "secret_key": "dev-only-of-docs",
}
"""No server is asked for the document."""
URL = "http://127.0.0.1:8000"


def page() -> str:
    """Return the sections of the operations and of what they take and give."""
    jinja = Environment(loader=FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True)  # noqa: S701  Markdown
    return jinja.get_template("operations.md.jinja").render(manual=Manual(document()), kind=kind)


def document() -> dict[str, Any]:
    """Return the OpenAPI document of the platform with its own tasks, as a running web writes it."""
    settings = WebSettings(**NOWHERE, workloads="none")  # type: ignore[arg-type]
    api: Any = create_app(settings)  # ours, which Flask's type does not say
    manifests = manifests_of([one for one in load(settings).values() if one.stub.__module__.startswith("bellhop.")], [])
    return finished(api.api_doc, api.examples, {one.name: Task.of(one, "docs") for one in manifests}, URL)
