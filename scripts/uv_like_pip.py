"""Run uv where pip would look: `python scripts/uv_like_pip.py .venv/bin/uv pip sync ...`.

uv reads neither pip.conf nor PIP_*. Its counterparts are set in the environment, where no list of processes
shows a password, and only for those that are not set already.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping

COUNTERPARTS = {
    "index-url": ("UV_DEFAULT_INDEX",),
    "extra-index-url": ("UV_INDEX",),
    "find-links": ("UV_FIND_LINKS",),
    "trusted-host": ("UV_INSECURE_HOST",),
    "keyring-provider": ("UV_KEYRING_PROVIDER",),
    "cert": ("SSL_CERT_FILE",),
    "client-cert": ("SSL_CLIENT_CERT",),
    "proxy": ("HTTP_PROXY", "HTTPS_PROXY"),
    "default-timeout": ("UV_HTTP_TIMEOUT",),
    "timeout": ("UV_HTTP_TIMEOUT",),
    "no-cache-dir": ("UV_NO_CACHE",),
}
SEPARATORS = {"UV_FIND_LINKS": ","}
DEFAULTS = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_SYSTEM_CERTS": "true"}
"""As pip does: of a package the file that fits from any index (the hash says which), and the system's certificates."""
SECTIONS = ("global.", "install.", ":env:.")
"""Of pip's settings, the last of these counts."""
YES = ("1", "true", "yes", "on")


def main() -> None:
    """Become uv, with pip's settings."""
    uv, *arguments = sys.argv[1:]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    listing = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    settings = read(listing)
    no_index = ["--no-index"] if settings.get("no-index", "").lower() in YES else []
    os.execve(uv, [uv, *arguments, *no_index], {**counterparts(settings), **os.environ})  # noqa: S606  no shell is wanted


def read(listing: str) -> dict[str, str]:
    """Return the settings of pip that count for an install, from the output of `pip config list`."""
    lines = dict(line.split("=", 1) for line in listing.splitlines() if "=" in line)
    in_order = [(key, section) for section in SECTIONS for key in lines if key.startswith(section)]
    return {key.removeprefix(section): ast.literal_eval(lines[key]) for key, section in in_order}


def counterparts(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that make uv look where pip with these settings looks."""
    return {**DEFAULTS, **dict(_counterparts(settings))}


def _counterparts(settings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, names in COUNTERPARTS.items():
        for name in names if settings.get(key) else ():
            yield name, SEPARATORS.get(name, " ").join(settings[key].split())


if __name__ == "__main__":
    main()
