#!/bin/sh
# Check the files of every way to run the system in containers, offline: nothing is started and no cluster is asked.
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export REGISTRY=registry.example TAG=1.0 WORKER_TAG=1.0 DOMAIN=bellhop.example.org SECRETS_DIR="$folder/secrets"
compose/make-secrets.sh >/dev/null

if docker compose version >/dev/null 2>&1; then
    docker compose --env-file /dev/null --file docker-compose.yml config --quiet
    production='--file docker-compose.yml --file docker-compose.prod.yml'
    # shellcheck disable=SC2086  # several words
    docker compose --env-file /dev/null $production config --quiet
    # shellcheck disable=SC2086
    docker compose --env-file /dev/null $production --file compose/servers-outside.yml config --quiet
else
    echo 'skipped: the compose files (no docker compose here)'
fi

if docker stack config --help >/dev/null 2>&1; then
    PUBLIC_URL=https://$DOMAIN ALLOWED_HOSTS=$DOMAIN ADMIN_EMAIL=operator@$DOMAIN docker stack config --compose-file compose/stack.yml >/dev/null
else
    echo 'skipped: compose/stack.yml (no docker stack here)'
fi

if kubectl version --client >/dev/null 2>&1; then
    scripts/render-k8s.sh "$folder"
    for overlay in "$folder"/*.yaml; do # a kind of KEDA's has no schema here; tests/test_keda.py reads those
        kubernetes-validate --strict --quiet "$overlay" 2>&1 | { grep -v "Couldn't find schema for kind \(ScaledObject\|TriggerAuthentication\)" || true; } >"$folder/complaints"
        if [ -s "$folder/complaints" ]; then
            cat "$folder/complaints"
            exit 1
        fi
    done
else
    echo 'skipped: deploy/k8s (no kubectl here)'
fi
