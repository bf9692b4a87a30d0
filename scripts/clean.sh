#!/bin/sh
# Remove what make made. A running local stack is left alone: stop it first.
set -eu
cd "$(dirname "$0")/.."
directory=${LOCAL_DIR:-.local}

if [ -x .venv/bin/bellhop-local ] && .venv/bin/bellhop-local status >/dev/null; then
    echo "bellhop: the local stack in $directory is running; stop it first (Ctrl-C where it runs)" >&2
    exit 1
fi
rm -rf "$directory" build dist .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
find . -name __pycache__ -type d -prune -exec rm -rf {} +
