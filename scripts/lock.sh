#!/bin/sh
# Write every requirements.txt anew: exact versions with hashes, without a word on where they came from.
# `make lock` keeps what still fits; `make lock LOCKARGS=--upgrade` takes the newest of everything.
set -eu
cd "$(dirname "$0")/.."
uv=.venv/bin/uv

lock() { # target, sources...
    target=$1
    shift
    # shellcheck disable=SC2086  # LOCKARGS is a list of options
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --custom-compile-command "make lock" --no-emit-package bellhop \
        ${LOCKARGS:-} --output-file "$target" "$@"
}

lock common/requirements.txt common/pyproject.toml
lock demo/requirements.txt demo/pyproject.toml
lock compose/image/requirements.txt compose/image/requirements.in
lock services/flower/requirements.txt services/flower/requirements.in common/pyproject.toml
for service in web worker scheduler; do
    lock "services/$service/requirements.txt" "services/$service/pyproject.toml"
done
# shellcheck disable=SC2046  # our file names have no spaces
lock requirements-dev.txt requirements-dev.in $(scripts/packages.sh | sed 's|$|/pyproject.toml|')
