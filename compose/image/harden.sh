#!/bin/sh
# Make an image fit to run: a user of its own, and nothing that installs, builds or changes user.
set -eu

groupadd --gid 10001 bellhop
useradd --uid 10001 --gid 10001 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin bellhop

# Wherever this Python keeps them: under /usr/local in the public image, elsewhere in Debian's own.
find /usr -depth \( -name pip -o -name 'pip[-0-9]*' -o -name ensurepip -o -name python-wheels \) -exec rm -rf {} +
find / -xdev -type f -perm /6000 -exec chmod a-s {} +

for module in pip ensurepip setuptools; do
    if python -m "$module" --version >/dev/null 2>&1; then
        echo "python -m $module still works in this image" >&2
        exit 1
    fi
done
for program in pip pip3 uv easy_install gcc cc make; do
    if command -v "$program" >/dev/null; then
        echo "$program is still in this image" >&2
        exit 1
    fi
done
