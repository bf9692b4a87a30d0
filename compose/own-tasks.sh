#!/bin/bash
# Build an image of workers with the tasks of compose/swarm/tasks: their wheel, laid over an image of ours by the
# Dockerfile that docs/your-own-tasks.md shows. Use: own-tasks.sh IMAGE NEW_IMAGE
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

docker build --quiet --target build --tag bellhop-build . >/dev/null
docker build --quiet --output "$folder/dist" --file - compose/swarm/tasks >/dev/null <<'END'
FROM bellhop-build AS wheel
COPY . .
RUN pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /dist .
FROM scratch
COPY --from=wheel /dist /
END
# shellcheck disable=SC2016  # the marks of a block of code
sed -n '/^```dockerfile$/,/^```$/{//!p}' docs/your-own-tasks.md >"$folder/Dockerfile"
docker build --quiet --build-arg "IMAGE=$1" --tag "$2" "$folder" >/dev/null
