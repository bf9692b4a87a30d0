#!/bin/sh
# Make /venv of the locked requirements in one file, by their hashes; nothing is compiled here.
set -eu
python -m venv --without-pip /venv
pip --python /venv/bin/python install --require-hashes --only-binary :all: --requirement "$1"
