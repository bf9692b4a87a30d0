#!/bin/bash
# Prove on a Swarm of one node that a release can be replaced while jobs are submitted and run: none is lost, none runs
# twice, no request fails for a client that tries again, and no attempt is used up. Then take it all away.
# Needs Docker and python3, and the images that `docker compose build` makes.
set -euo pipefail
cd "$(dirname "$0")/.."

JOBS=${JOBS:-2000}
RATE=${RATE:-25}  # jobs a second while the release changes
NEWS=20
stack=bellhop-rolling
scratch=$(mktemp -d)
began=$SECONDS

export STACK=$stack ON=swarm REGISTRY=registry.example DOMAIN=localhost SECRETS_DIR=$scratch SECRETS_VERSION=$$
export ADMIN_EMAIL=operator@example.org STACK_FILES=compose/swarm/test.yml STACK_OPTIONS='--resolve-image never'
export COMPOSE_ENV_FILES=$scratch/settings  # where the deploys write their release down
# Short stops and graces: the long jobs outlast them, which is what is to be tried.
export WORKER_STOP_TIMEOUT=2 WORKER_SLOW_STOP_TIMEOUT=2 MESSAGE_GRACE_SECONDS=5 WORKER_REPLICAS=2 WEB_REPLICAS=2

step() { printf '\n== %s (%d s)\n' "$*" $((SECONDS - began)); }
fail() {
    printf 'swarm: %s\n' "$*" >&2
    exit 1
}
skip() {
    echo "swarm: skipped, $*"
    rm -rf "$scratch"
    exit 0
}
container_of() { # service, release (a pattern), more filters...: the first running container; two releases may be one image
    local service=$1 release=${2:-.*}
    shift "$(($# < 2 ? $# : 2))"
    docker ps --format '{{.ID}} {{.Image}}' --filter "label=com.docker.swarm.service.name=${stack}_$service" "$@" |
        sed -n "s|^\([^ ]*\) .*:$release\$|\1|p" | sed -n 1p
}

begin_swarm() {
    local state
    state=$(docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null) || skip 'there is no Docker here'
    [ "$state" = inactive ] || skip 'this machine is in a Swarm already, which is left alone'
    docker swarm init --advertise-addr 127.0.0.1 >/dev/null || skip 'this engine cannot make a Swarm'
    trap finish EXIT
    trap 'exit 143' INT TERM
    docker node update --label-add bellhop=data "$(docker node ls --quiet)" >/dev/null
}

show_unwell() {
    local id
    docker stack ps --no-trunc --format '{{.Name}} {{.Image}} {{.CurrentState}} {{.Error}}' "$stack"
    for id in $(docker ps --all --quiet --filter "label=com.docker.stack.namespace=$stack"); do
        docker inspect --format '-- {{.Name}}: {{.State.Status}} {{.State.ExitCode}}' "$id"
        docker logs --tail 15 "$id" 2>&1 | cut -c 1-500
    done
}

finish() {
    local status=$?
    trap - EXIT
    [ "$status" -eq 0 ] || show_unwell >&2 || true
    [ -z "${client_pid:-}" ] || kill "$client_pid" 2>/dev/null || true
    docker stack rm "$stack" >/dev/null 2>&1 || true
    docker swarm leave --force >/dev/null 2>&1 || true
    remove_leftovers || true
    rm -rf "$scratch"
    [ "$status" -ne 0 ] || printf '\nswarm: all of it holds (%d s)\n' $((SECONDS - began))
    exit "$status"
}

remove_leftovers() { # containers go a moment after their Swarm; volumes after their containers
    local ids
    ids=$(docker ps --all --quiet --filter "label=com.docker.stack.namespace=$stack")
    # shellcheck disable=SC2086  # several ids
    [ -z "$ids" ] || docker rm --force $ids >/dev/null 2>&1
    docker volume ls --quiet --filter "name=^${stack}_" | xargs --no-run-if-empty docker volume rm >/dev/null 2>&1
    docker image ls --format '{{.Repository}}:{{.Tag}}' "$REGISTRY/*" | xargs --no-run-if-empty docker image rm >/dev/null 2>&1
}

build_release() { # tag: only the workers get the wheel with the tasks
    local service
    for service in web scheduler flower; do docker tag "bellhop-$service" "$REGISTRY/bellhop-$service:$1"; done
    compose/own-tasks.sh bellhop-worker "$REGISTRY/bellhop-worker:$1"
}

build_releases() { # the next one knows a task that the one before does not
    compose/caddy-image.sh
    docker compose --env-file /dev/null build --quiet web worker scheduler flower
    build_release 1.0
    build_release 2.0
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

open_door() { # the certificate that Caddy made for itself
    SSL_CERT_FILE=$scratch/root.crt
    ADMIN_TOKEN=$(cat "$scratch/admin_token")
    BELLHOP_URL=https://localhost:$HTTPS_PORT
    export SSL_CERT_FILE ADMIN_TOKEN BELLHOP_URL
    docker exec "$(container_of caddy)" cat /certificates/caddy/pki/authorities/local/root.crt >"$SSL_CERT_FILE"
    python3 compose/swarm_client.py prepare "$(container_of postgres)"
}

submit_news() { # to web of 1.0, as soon as a worker of each release runs: what the one knows, the other puts back
    local new=''
    until new=$(container_of worker 2.0 --filter health=healthy) && [ -n "$new" ]; do
        kill -0 "$deploy_pid" 2>/dev/null || fail 'the deploy ended without a new worker'
        sleep 0.2
    done
    [ -n "$(container_of worker 1.0)" ] || fail 'the releases did not run side by side'
    [ -n "$(container_of web 1.0)" ] || fail 'web was replaced before the workers'
    python3 compose/swarm_client.py news "$NEWS"
    echo "$NEWS jobs that only release 2.0 knows are submitted while web and a worker of 1.0 run"
}

replace_release() { # 1.0 by 2.0, under load
    python3 compose/swarm_client.py submit "$JOBS" "$RATE" "$scratch/done" "$scratch/receipts" &
    client_pid=$!
    TAG=2.0 BELLHOP_PLUGINS=next_tasks compose/deploy.sh &
    deploy_pid=$!
    submit_news
    wait "$deploy_pid" || fail 'the deploy failed'
    touch "$scratch/done"
    wait "$client_pid" || fail 'a request failed'
    client_pid=''
}

check_releases() { # nothing of the old release runs any more
    local old
    old=$(docker ps --format '{{.Image}} {{.Names}}' | grep "^$REGISTRY/.*:1\.0 " || true)
    [ -z "$old" ] || fail "still there: $old"
}

check_that_only_workers_know_tasks() {
    local service
    for service in web scheduler; do
        ! docker exec "$(container_of "$service")" python -c 'import rolling_tasks' 2>/dev/null || fail "$service has the tasks"
    done
}

said_by_workers() { # text: how often any worker of either release said it; Swarm keeps containers that have ended
    local id
    for id in $(docker ps --all --quiet --filter "name=^${stack}_worker"); do docker logs "$id" 2>&1; done |
        grep --count "$1" || true
}

check_that_it_was_hard() { # jobs were running that could not end in time
    local handed_back
    handed_back=$(said_by_workers jobs_handed_back)
    [ "$handed_back" -gt 0 ] || fail 'no worker was stopped in the middle of a job'
    echo "$handed_back times a worker that was stopped handed jobs back"
    echo "$(said_by_workers 'unregistered task') times a worker of 1.0 met a task of 2.0"
}

begin_swarm
step 'two releases'
build_releases
compose/make-secrets.sh >/dev/null
HTTP_PORT=$(free_port)
HTTPS_PORT=$(free_port)
export HTTP_PORT HTTPS_PORT
step 'release 1.0'
TAG=1.0 compose/deploy.sh
open_door
step "release 2.0, while at least $JOBS jobs are submitted and run"
replace_release
step 'what the ledger and the effects say'
check_releases
check_that_only_workers_know_tasks
check_that_it_was_hard
python3 compose/swarm_client.py check "$(container_of postgres)" "$scratch/receipts" "$NEWS"
