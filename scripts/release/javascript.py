"""The TypeScript client, with the OpenAPI document that its types are made of."""

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from docs.site.operations import document
from scripts.release.tools import run

LEFT_OUT = ("node_modules", "dist", "build", "api.ts", "openapi.json")


def build(root: Path, out: Path) -> None:
    """Write the document, and pack the client where there is npm."""
    described = json.dumps(document(), indent=1)
    (out / "openapi.json").write_text(described)
    if not shutil.which("npm"):
        print("release: no TypeScript client: there is no npm here")
        return
    print("release: building the TypeScript client")
    with TemporaryDirectory() as folder:
        made = Path(folder) / "typescript"
        shutil.copytree(root / "clients/typescript", made, ignore=shutil.ignore_patterns(*LEFT_OUT))
        (made / "openapi.json").write_text(described)
        run("npm", "ci", "--silent", folder=made)
        run("npm", "run", "--silent", "build", folder=made)
        run("npm", "pack", "--silent", "--pack-destination", out, folder=made)
