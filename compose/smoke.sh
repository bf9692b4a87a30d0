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
FEED_DIR=$scratch/feed  # one of its own, which the demonstration may edit
BELLHOP_URL=http://127.0.0.1:$WEB_PORT
ADMIN_TOKEN=dev-only-admin-token
export WEB_PORT FLOWER_PORT MAILDEV_PORT FEED_DIR BELLHOP_URL ADMIN_TOKEN

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
    mkdir --mode 0777 "$FEED_DIR"
    cp compose/feed/feed.json "$FEED_DIR"
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

check_rights() { # nobody is root, nobody can write to the image, nobody has more rights than one port needs
    local id facts
    local allowed='user=[1-9][0-9]*:[1-9][0-9]* read_only=true drop=\[ALL\] add=\[(NET_BIND_SERVICE)?\] \[no-new-privileges:true\]$'
    for id in $(compose ps --all --quiet); do
        facts=$(docker inspect --format '{{.Name}} user={{.Config.User}} read_only={{.HostConfig.ReadonlyRootfs}} drop={{.HostConfig.CapDrop}} add={{.HostConfig.CapAdd}} {{.HostConfig.SecurityOpt}}' "$id")
        [[ $facts =~ $allowed ]] || fail "too many rights: $facts"
    done
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
}

check_pages() { # the pages are there, with their style, and what is live arrives through the proxy at once
    client status 200 /
    client status 200 /static/style.css
    client live polls
}

lose_a_web_container() { # one of two dies; nobody who asks notices
    local victim client_pid
    victim=$(compose ps --quiet web | head -n 1)
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

become_production() { # from here on `compose` is the production stack, on ports that are free
    local service
    remove
    files+=(--file docker-compose.prod.yml)
    export SECRETS_DIR=$scratch REGISTRY=registry.example TAG=1.0 DOMAIN=localhost ADMIN_EMAIL=operator@example.org
    compose/make-secrets.sh >/dev/null
    for service in "${services[@]}"; do
        production_images+=("$REGISTRY/bellhop-$service:$TAG")
        docker tag "bellhop-$service" "${production_images[-1]}"
    done
}

check_production_files() {
    local complaint
    compose config --format json | python3 compose/smoke_production.py
    if complaint=$(TAG='' compose config --quiet 2>&1); then
        fail 'the production files are accepted without TAG'
    fi
    [[ $complaint == *'set TAG'* ]] || fail "without TAG they only say: $complaint"
}

start_production() {
    local port
    port=$(free_port)
    printf 'services: {caddy: {ports: !override ["127.0.0.1:%s:8443"]}}\n' "$port" >"$scratch/port.yml"
    files+=(--file "$scratch/port.yml")
    compose up --detach --wait --wait-timeout 180
    BELLHOP_URL=https://localhost:$port
    ADMIN_TOKEN=$(cat "$scratch/admin_token")
    SSL_CERT_FILE=$scratch/root.crt
    export SSL_CERT_FILE
    compose exec --no-TTY caddy cat /certificates/caddy/pki/authorities/local/root.crt >"$SSL_CERT_FILE"
}

check_production_doors() { # the API by its token, Flower by its password, and nothing else from outside
    local path
    client status 200 /livez
    client status 401 /api/jobs
    client status 401 /flower/
    client status 200 /flower/workers "admin:$(cat "$scratch/flower_password")"
    for path in /metrics /flower/metrics /flower/healthcheck; do
        client status 404 "$path"
    done
    client sign-in "$ADMIN_EMAIL" "$scratch/admin_password"
    client finished "$(client submit 1)"
}

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
step 'production: the files'
become_production
check_production_files
step 'production: the stack'
start_production
check_health
step 'production: the doors'
check_production_doors
