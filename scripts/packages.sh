#!/bin/sh
# Print the folders of our packages, one a line: each that has a pyproject.toml. make, venv.sh and lock.sh read them here.
set -eu
cd "$(dirname "$0")/.."
for file in */pyproject.toml */*/pyproject.toml; do
    [ ! -f "$file" ] || echo "${file%/pyproject.toml}"
done
