#!/bin/sh
# Build the site of the documentation into build/docs (or OUT), by .venv (or VENV). A warning is an error, and nothing is fetched.
set -eu
cd "$(dirname "$0")/.."
out=${OUT:-build/docs}
venv=${VENV:-.venv}

rm -rf "$out"
"$venv/bin/python" -m sphinx --quiet --fail-on-warning --keep-going --fresh-env --jobs 1 \
    --builder html --doctree-dir "$out/.doctrees" --conf-dir docs . "$out"
rm -rf "$out/.doctrees" "$out/.buildinfo"
echo "built $out/index.html"
