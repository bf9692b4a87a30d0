"""Static files, under addresses that change with their contents, so that browsers may keep them for good."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import flask
from flask import Response, send_from_directory

DIRECTORY = Path(__file__).parent.parent / "static"
FOR_GOOD = "public, max-age=31536000, immutable"


def version() -> str:
    """Give the hash of all files together: modules import one another by relative addresses, which carry it along."""
    seen = sha256()
    for path in sorted(path for path in DIRECTORY.rglob("*") if path.is_file()):
        seen.update(f"{path.relative_to(DIRECTORY)}\0".encode() + path.read_bytes())
    return f"v-{seen.hexdigest()[:12]}"


def offer(app: flask.Flask) -> None:
    """Serve them at /static/<version>/<name>.

    Another version, as a page of the release before asks for during a deploy, gets the file that
    there is now, to be asked for again.
    """
    present = version()

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values["filename"] = f"{present}/{values['filename']}"

    def static(filename: str) -> Response:
        first, _, rest = filename.partition("/")
        response = send_from_directory(DIRECTORY, rest if first.startswith("v-") else filename)
        response.headers["Cache-Control"] = FOR_GOOD if first == present else "no-cache"
        return response

    app.add_url_rule("/static/<path:filename>", "static", static)
