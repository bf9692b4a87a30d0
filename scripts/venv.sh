#!/bin/sh
# Make .venv (or VENV): exactly the locked requirements, by hash, then our own packages as editable installs.
# uv does it in seconds; pip installs uv, and does all of it where uv cannot.
# What they say goes to the error output, so that the output of `make shell` stays clean.
set -eu
cd "$(dirname "$0")/.."
exec >&2
python=${PYTHON:-python3}
venv=${VENV:-.venv}
packages=$(scripts/packages.sh)

fail() {
    echo "bellhop: $*"
    exit 1
}

command -v "$python" >/dev/null ||
    fail "no '$python' here; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed, '$python' is $("$python" -V 2>&1); name another one: make PYTHON=python3.13"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "'$python' cannot make virtual environments; on Debian or Ubuntu: apt-get install python3-venv"

pip() { "$venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }
uv() { "$venv/bin/python" scripts/uv_like_pip.py "$venv/bin/uv" --quiet pip "$@" --python "$venv/bin/python"; }

editable() { # command...: each of our packages behind --editable
    for package in $packages; do
        set -- "$@" --editable "$package"
    done
    "$@"
}

get_uv() { # the locked release, which stands in one place
    awk '/^[^ ]/ { ours = /^uv==/ } ours' requirements-dev.txt >"$venv/uv.txt"
    pip --quiet install --require-hashes --requirement "$venv/uv.txt"
}

install_with_uv() {
    get_uv &&
        uv sync --require-hashes --compile-bytecode requirements-dev.txt &&
        editable uv install --no-deps --no-build-isolation &&
        uv check
}

install_with_pip() {
    pip install --require-hashes --requirement requirements-dev.txt
    editable pip install --no-deps --no-build-isolation
    pip check
}

if ! "$venv/bin/python" -c 'import pip' 2>/dev/null; then
    echo "bellhop: making $venv"
    "$python" -m venv --clear "$venv"
fi
echo "bellhop: installing the locked requirements"
install_with_uv || {
    echo "bellhop: uv could not do it; pip does, which takes a minute or more"
    install_with_pip
}
# shellcheck disable=SC2086  # our folders have no spaces; the services of a first start would all compile the same
"$venv/bin/python" -m compileall -q -j 0 $packages
echo "$packages" >"$venv/.ready"
