#!/bin/bash
# The second half of smoke.sh, which reads this: the production files, and the stack that they make.
# shellcheck disable=SC2154,SC2034  # variables of smoke.sh

become_production() { # from here on `compose` is the production stack, on a port that is free
    local service
    remove
    files+=(--file docker-compose.prod.yml)
    export SECRETS_DIR=$scratch/secrets TAG=smoke-$$ ADMIN_EMAIL=operator@example.org
    compose/make-secrets.sh >/dev/null
    compose/caddy-image.sh
    for service in "${services[@]}"; do
        production_images+=("bellhop-$service:$TAG")
        docker tag "bellhop-$service" "${production_images[-1]}"
    done
    compose/own-tasks.sh "bellhop-worker:$TAG" "bellhop-worker:$TAG-own"
    production_images+=("bellhop-worker:$TAG-own")
    export SLOW_TASK=rolling.slow_add  # there is no workload in production
}

check_production_files() {
    local complaint
    compose config --format json | python3 compose/smoke_production.py
    if complaint=$(TAG='' compose config --quiet 2>&1); then
        fail 'the production files are accepted without TAG'
    fi
    [[ $complaint == *'set TAG'* ]] || fail "without TAG they only say: $complaint"
}

start_production() { # the workers with somebody's own tasks
    local port
    export WORKER_TAG=$TAG-own
    port=$(free_port)
    printf 'services: {caddy: {ports: !override ["127.0.0.1:%s:8443"]}}\n' "$port" >"$scratch/port.yml"
    files+=(--file "$scratch/port.yml")
    compose up --detach --wait --wait-timeout 180
    BELLHOP_URL=https://localhost:$port
    ADMIN_TOKEN=$(cat "$SECRETS_DIR/admin_token")
    SSL_CERT_FILE=$scratch/root.crt
    export SSL_CERT_FILE
    compose exec --no-TTY caddy cat /certificates/caddy/pki/authorities/local/root.crt >"$SSL_CERT_FILE"
}

check_ports() { # Caddy's is the only port that any container publishes
    local id published
    for id in $(compose ps --quiet); do
        published+=$(docker port "$id")
    done
    [ "$published" = "8443/tcp -> 127.0.0.1:${BELLHOP_URL##*:}" ] || fail "these ports are open: $published"
}

check_roles() { # the services' role owns nothing; and a user is made, for the gate
    compose exec --no-TTY web python - user@example.org "$(cat "$SECRETS_DIR/admin_password")" <compose/smoke_inside.py
}

check_production_doors() { # the API by its token, and nothing of the inside from outside
    local path
    client status 200 /livez
    client status 401 /api/jobs
    for path in /metrics /operators/check /flower/metrics /flower/healthcheck; do
        client status 404 "$path"
    done
    client sign-in "$ADMIN_EMAIL" "$SECRETS_DIR/admin_password"
}

check_gate() { # Flower for operators, by their own session
    python3 compose/smoke_gate.py "$BELLHOP_URL" "$ADMIN_EMAIL" user@example.org "$SECRETS_DIR/admin_password"
}

replace_web() { # the replicas stop and come again, one after the other; no POST is lost on the way
    local client_pid replica
    client keep-asking 12 --posting &
    client_pid=$!
    for replica in $(compose ps --quiet web); do
        sleep 1
        docker stop "$replica" >/dev/null
        docker start "$replica" >/dev/null
        until [ "$(docker inspect --format '{{.State.Health.Status}}' "$replica")" = healthy ]; do sleep 0.2; done
    done
    wait "$client_pid"
}

check_queues() { # a short job does not wait for long ones, however many there are
    local jobs
    jobs=$(client submit 12)
    client overtake "$jobs"
    client finished --attempts 1 "$jobs"
}

lose_the_volumes() { # backed up in the middle of work; Postgres and Redis destroyed with their data; restored
    local backup jobs
    jobs=$(client submit 6)
    backup=$(TO=$scratch/backups for_make scripts/backup.sh)
    compose rm --stop --force postgres redis >/dev/null 2>&1
    docker volume rm "${project}_postgres" "${project}_redis"
    for_make scripts/restore.sh "$backup"
    client finished --attempts 1 "$jobs"
}

for_make() { # a script that calls plain `docker compose`
    local list
    list=$(printf ':%s' "${files[@]}")
    list=${list//:--file:/:}
    COMPOSE_FILE=${list#:} COMPOSE_PROJECT_NAME=$project COMPOSE_ENV_FILES=/dev/null "$@"
}

lose_web() { # nobody is there to say who is an operator: the gate is shut
    compose kill web >/dev/null 2>&1
    client status '50[23]' /flower/workers
}

prove_production() {
    step 'production: the files'
    become_production
    check_production_files
    step 'production: the stack'
    start_production
    check_health
    check_rights
    check_ports
    step 'production: the roles in Postgres'
    check_roles
    step 'production: the doors'
    check_production_doors
    step 'production: the gate'
    check_gate
    step 'production: web is replaced while jobs are submitted'
    replace_web
    step 'production: a full queue of slow jobs'
    check_queues
    step 'production: a backup, the loss of both databases, and a restore'
    lose_the_volumes
    step 'production: the gate without web'
    lose_web
}
