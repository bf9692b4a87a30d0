#!/bin/bash
# Run the tests that depend on the interpreter (marked `interpreter`) under each Python that we support and that is here,
# or under those of PYTHONS: on this machine, or in the public image where only an engine has it. The one of .venv has run
# them already.
set -euo pipefail
cd "$(dirname "$0")/.."
read -ra supported <<<"${PYTHONS:-3.11 3.12 3.13}"
tests=(-q -rs -m 'interpreter and not long' --numprocesses 4 --dist worksteal)

version_of() { "$1" -c 'import sys, ensurepip, venv; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

find_python() { # version: the first that really runs; a shim may stand for one that does not
    local candidate
    for candidate in "python$1" "$HOME"/.pyenv/versions/"$1".*/bin/python; do
        [ "$(version_of "$candidate")" != "$1" ] || { command -v "$candidate" && return; }
    done
    return 1
}

in_the_image() { # version: a copy of the checkout, in which postgres may run as somebody else
    docker image inspect "python:$1-slim" >/dev/null 2>&1 || docker pull --quiet "python:$1-slim" 2>/dev/null || return 1
    # shellcheck disable=SC2016  # the shell inside expands it
    git archive HEAD | docker run --rm --interactive --init "python:$1-slim" sh -c '
        mkdir /bellhop && cd /bellhop && tar -x && VENV=.venv scripts/venv.sh && .venv/bin/pytest "$@"' sh "${tests[@]}"
}

for version in "${supported[@]}"; do
    printf '\n== Python %s\n' "$version"
    if [ "$(version_of .venv/bin/python)" = "$version" ]; then
        echo 'the suite runs under it'
    elif python=$(find_python "$version"); then
        PYTHON=$python VENV=.venv-$version scripts/venv.sh
        ".venv-$version/bin/pytest" "${tests[@]}"
    elif ! docker info >/dev/null 2>&1 || ! in_the_image "$version"; then
        echo 'skipped: it is neither on this machine nor in an image here'
    fi
done
