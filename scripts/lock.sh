#!/bin/sh
# Write every requirements.txt anew: exact versions with hashes, without a word on where they came from.
# `make lock` keeps what still fits; `make lock LOCKARGS=--upgrade` takes the newest of everything.
set -eu
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
# shellcheck disable=SC2046  # our file names have no spaces
ours=$(sed -n 's/^name = "\(bellhop-[a-z]*\)"$/--no-emit-package \1/p' $(scripts/packages.sh | sed 's|$|/pyproject.toml|') | tr '\n' ' ')

lock() { # target, sources...
    target=$1
    shift
    # shellcheck disable=SC2086  # both are lists of options
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --custom-compile-command "make lock" $ours \
        ${LOCKARGS:-} --output-file "$target" "$@"
}

lock demo/requirements.txt demo/pyproject.toml
lock compose/image/requirements.txt compose/image/requirements.in
lock services/flower/requirements.txt services/flower/requirements.in common/pyproject.toml ledger/pyproject.toml
lock services/scheduler/requirements.txt services/scheduler/pyproject.toml
workloads=$(scripts/packages.sh | sed -n 's|^workloads/.*|&/pyproject.toml|p')
for service in web worker; do # each with what its part of the workloads needs: their extra of its name
    # shellcheck disable=SC2086  # our file names have no spaces
    lock "services/$service/requirements.txt" "services/$service/pyproject.toml" $workloads --extra "$service"
done
lock tests/generators/requirements.txt tests/generators/requirements.in
# shellcheck disable=SC2046  # our file names have no spaces
lock requirements-dev.txt requirements-dev.in $(scripts/packages.sh | sed 's|$|/pyproject.toml|')
