#!/bin/bash
# Prove in containers of its own that the system works, is shut in and loses nothing; then take them away.
# Needs Docker and python3; stands beside a running stack without touching it.
set -euo pipefail
cd "$(dirname "$0")/.."

project=bellhop-smoke-$$
scratch=$(mktemp -d)
services=(web worker scheduler flower demo)
production_images=()

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
WEB_PORT=$(free_port)
FLOWER_PORT=$(free_port)
MAILDEV_PORT=$(free_port)
PRICES_FEED_DIR=$scratch/feed  # one of its own, which the demonstration may edit
BELLHOP_URL=http://127.0.0.1:$WEB_PORT
ADMIN_TOKEN=dev-only-admin-token
export WEB_PORT FLOWER_PORT MAILDEV_PORT PRICES_FEED_DIR BELLHOP_URL ADMIN_TOKEN

files=(--file docker-compose.yml)
compose() { docker compose --project-name "$project" --env-file /dev/null "${files[@]}" "$@"; }
client() { python3 compose/smoke_client.py "$@"; }
step() { printf '\n== %s\n' "$*"; }
fail() {
    printf 'smoke: %s\n' "$*" >&2
    exit 1
}

show_unwell() { # the logs of every container that is not running well
    local id state
    compose ps --all
    for id in $(compose ps --all --quiet); do
        state=$(docker inspect --format '{{.State.Status}} {{.State.ExitCode}} {{with .State.Health}}{{.Status}}{{end}}' "$id")
        case $state in
            'running 0 healthy' | 'exited 0 '*) ;;
            *)
                printf '\n-- %s: %s\n' "$(docker inspect --format '{{.Name}}' "$id")" "$state"
                docker inspect --format '{{with .State.Health}}{{range .Log}}{{.Output}}{{end}}{{end}}' "$id"
                docker logs --tail 60 "$id"
                ;;
        esac
    done
}

remove() { compose --profile '*' down --volumes --remove-orphans --timeout 5 >/dev/null 2>&1; }

finish() {
    local status=$?
    trap - EXIT
    [ "$status" -eq 0 ] || show_unwell >&2 || true
    remove || true
    docker image rm "${production_images[@]}" >/dev/null 2>&1 || true
    rm -rf "$scratch"
    [ "$status" -ne 0 ] || printf '\nsmoke: all of it holds\n'
    exit "$status"
}

start() {
    mkdir --mode 0777 "$PRICES_FEED_DIR"
    cp workloads/prices/feed/feed.json "$PRICES_FEED_DIR"
    compose --profile demo build --quiet
    compose up --detach --wait --wait-timeout 180 --scale worker=2 --scale web=2
    compose ps
}

# --no-deps: else Compose takes the scaled services back to one container each.
run_demo() { compose --profile demo run --rm --no-deps --use-aliases --no-TTY demo; }

check_health() { # every container that stays has a health check, and it says healthy
    local id
    for id in $(compose ps --quiet); do
        docker inspect --format '{{.Name}} {{with .State.Health}}{{.Status}}{{else}}has no health check{{end}}' "$id" |
            grep ' healthy$' || fail "$(docker inspect --format '{{.Name}}' "$id") is not healthy"
    done
}

check_rights() { # nobody is root, can write to the image, or has more rights, memory or processes than needed
    # shellcheck disable=SC2046  # one word for each container
    docker inspect $(compose ps --all --quiet) | python3 compose/smoke_rights.py
}

check_images() { # no image of ours can install anything, neither by its own Python nor by the system's
    local service
    for service in "${services[@]}"; do
        docker run --rm --entrypoint sh "bellhop-$service" -c '
            for python in python "$(readlink -f "$(command -v python)")"; do
                "$python" -c "import importlib.util as u, sys; sys.exit(any(map(u.find_spec, (\"pip\", \"ensurepip\"))))" || exit 1
            done' || fail "bellhop-$service can install packages"
    done
}

address_of() { docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"; }

check_networks() { # Postgres and Redis: no port outside, no way in from the front, by name or by address
    local postgres redis
    postgres=$(compose ps --quiet postgres)
    redis=$(compose ps --quiet redis)
    [ -z "$(docker port "$postgres")$(docker port "$redis")" ] || fail 'Postgres or Redis publishes a port'
    compose --profile demo run --rm --no-deps --no-TTY --entrypoint python demo -I - caddy:8000 \
        postgres:5432 "$(address_of "$postgres"):5432" redis:6379 "$(address_of "$redis"):6379" <compose/smoke_reach.py
}

check_doors() { # without a token or a password there is nothing to see
    client status 401 /api/jobs
    client status 401 "http://127.0.0.1:$FLOWER_PORT/"
    client status 401 "http://127.0.0.1:$FLOWER_PORT/api/workers"
    client status 404 /metrics
}

check_pages() { # the pages are there, with their style, and what is live arrives through the proxy at once
    client status 200 /
    client status 200 /static/style.css
    client live polls
}

lose_a_web_container() { # one of two dies; nobody who asks notices
    local victim client_pid
    victim=$(compose ps --quiet web | sed -n 1p)
    client keep-asking 8 &
    client_pid=$!
    sleep 2
    docker kill "$victim" >/dev/null
    wait "$client_pid"
    compose up --detach --wait --no-recreate --scale worker=2 --scale web=2 >/dev/null 2>&1
}

stop_workers() { # a stop in the middle of work is not a failed attempt
    local jobs
    jobs=$(client submit 6)
    compose restart worker >/dev/null 2>&1
    client finished --attempts 1 "$jobs"
}

kill_workers() { # a crash in the middle costs an attempt and nothing else
    local jobs
    jobs=$(client submit 6)
    compose kill worker >/dev/null 2>&1
    compose up --detach --no-recreate --scale worker=2 --scale web=2 >/dev/null 2>&1
    client finished "$jobs"
}

interrupt_workers() { # a stop that cannot wait hands the work back, and that is no failed attempt either
    local jobs
    WORKER_STOP_TIMEOUT=1 compose up --detach --wait --scale worker=2 --scale web=2 >/dev/null 2>&1
    jobs=$(client submit 6)
    compose restart worker >/dev/null 2>&1
    client finished --attempts 1 "$jobs"
}

# shellcheck source=compose/smoke_production.sh
. compose/smoke_production.sh

trap finish EXIT
step 'the stack, with two web and two worker containers'
start
step 'the demonstration'
run_demo
step 'health'
check_health
step 'rights'
check_rights
step 'images'
check_images
step 'networks'
check_networks
step 'doors'
check_doors
step 'pages'
check_pages
step 'a web container dies'
lose_a_web_container
step 'the workers are stopped in the middle of work'
stop_workers
step 'the workers are killed in the middle of work'
kill_workers
step 'the workers are stopped and cannot wait'
interrupt_workers
prove_production
