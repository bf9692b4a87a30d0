#!/bin/sh
# Make .venv (or VENV): the locked requirements by hash, then our own packages as editable installs.
# What pip says goes to the error output, so that the output of `make shell` stays clean.
set -eu
cd "$(dirname "$0")/.."
exec >&2
python=${PYTHON:-python3}
venv=${VENV:-.venv}

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

if ! "$venv/bin/python" -c 'import pip' 2>/dev/null; then
    echo "bellhop: making $venv"
    "$python" -m venv --clear "$venv"
fi
echo "bellhop: installing the locked requirements (some minutes the first time)"
pip() { "$venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }
pip install --require-hashes --requirement requirements-dev.txt
pip install --no-deps --no-build-isolation \
    --editable common --editable services/web --editable services/worker --editable services/scheduler \
    --editable demo --editable local
pip check
touch "$venv/.ready"
