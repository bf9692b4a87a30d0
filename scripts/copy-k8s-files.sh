#!/bin/sh
# Copy what Compose mounts to where kustomize can read it; a test compares the two.
set -eu
cd "$(dirname "$0")/.."
cp compose/caddy/web.caddy compose/caddy/*.sh deploy/k8s/base/caddy/
cp compose/backup/*.sh deploy/k8s/base/backup/
cp compose/postgres/*.conf compose/redis/redis.conf compose/redis/start.sh deploy/k8s/components/servers/files/
