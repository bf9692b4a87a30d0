#!/bin/sh
# Install packages of ours, given by their folders, below /packages: what is to be laid over /venv, whose locked
# requirements must already hold all that they need. constraints.txt names every version, for whoever adds to the image.
set -eu
wheels=$(mktemp -d)
for folder in "$@"; do # pip takes a name without a slash for a package of an index
    set -- "$@" "./$folder"
    shift
done
pip wheel --no-deps --no-build-isolation --no-index --quiet --wheel-dir "$wheels" "$@"
pip --python /venv/bin/python install --no-deps --no-index --prefix /packages "$wheels"/*.whl
PYTHONPATH=$(echo /packages/lib/python*/site-packages)
export PYTHONPATH
pip --python /venv/bin/python check
pip --python /venv/bin/python list --format freeze >/packages/constraints.txt
