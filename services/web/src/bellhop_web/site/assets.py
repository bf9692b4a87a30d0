"""Static files, under addresses that change with their contents, so that browsers may keep them for good."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import flask
from flask import Response, send_file
from werkzeug.exceptions import NotFound

FOR_GOOD = "public, max-age=31536000, immutable"


class TwoFiles(Exception):
    """Two domains have a static file of one name."""


def files_in(folders: Iterable[Path]) -> dict[str, Path]:
    """Return the files of all these folders by name. Raises TwoFiles."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            if found.setdefault(name, path) != path:
                raise TwoFiles(f"{name}: {found[name]} and {path}")
    return found


def version(files: Mapping[str, Path]) -> str:
    """Return the hash of all files together: modules import one another by relative addresses, which carry it along."""
    seen = sha256()
    for name in sorted(files):
        seen.update(f"{name}\0".encode() + files[name].read_bytes())
    return f"v-{seen.hexdigest()[:12]}"


def offer(app: flask.Flask, folders: Iterable[Path]) -> None:
    """Serve the files of these folders at /static/<version>/<name>.

    Another version, as a page of the release before asks for during a deploy, gets the file that
    there is now, to be asked for again.
    """
    files = files_in(folders)
    present = version(files)

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values["filename"] = f"{present}/{values['filename']}"

    def static(filename: str) -> Response:
        first, _, rest = filename.partition("/")
        path = files.get(rest if first.startswith("v-") else filename)
        if path is None:
            raise NotFound
        response = send_file(path)
        response.headers["Cache-Control"] = FOR_GOOD if first == present else "no-cache"
        return response

    app.add_url_rule("/static/<path:filename>", "static", static)
