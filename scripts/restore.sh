#!/bin/bash
# `make restore FILE=`: put a backup in the place of the database of the stack that `docker compose` means here. FILE is
# on this machine, with its checksum beside it, or the name of one that the service `backup` keeps. The services are
# stopped only when the backup has been restored, beside the present database; a failure leaves that one in its place.
set -euo pipefail
cd "$(dirname "$0")/.."
file=${1:-}
clients=(web scheduler worker worker-slow flower backup) # of Postgres
stopped=()
is_swapped=''

die() {
    echo "restore: $*" >&2
    exit 1
}

say() { echo "restore: $*"; }

once() { docker compose run --rm --no-deps --no-TTY "$@"; }

in_backup() { once backup bash /backup/restore.sh "$@"; }

load() {
    say 'restoring beside the present database'
    if [ -f "$file" ]; then
        (cd "$(dirname "$file")" && sha256sum --check --quiet "$(basename "$file").sha256") ||
            die "$file is not what was written: its checksum differs"
        in_backup load <"$file"
    else
        in_backup load "$(basename "$file")" </dev/null
    fi
}

stop() {
    local service
    for service in "${clients[@]}"; do
        if grep --quiet --line-regexp "$service" <<<"$running"; then stopped+=("$service"); fi
    done
    [ ${#stopped[@]} -eq 0 ] && return
    say "stopping ${stopped[*]}"
    docker compose stop --timeout 30 "${stopped[@]}" # what they finish is about to be replaced: nobody waits for it
}

start() {
    if [ ${#stopped[@]} -eq 0 ]; then
        say 'nothing was running; docker compose up --detach --wait starts it'
    else
        say "starting ${stopped[*]}"
        docker compose start "${stopped[@]}"
        wait_until_started
    fi
}

wait_until_started() {
    local second
    for second in {1..120}; do
        docker compose ps --format '{{.Health}}' "${stopped[@]}" | grep --quiet starting || return 0
        sleep 1
    done
    say "some are not healthy after $second s; see docker compose ps"
}

give_up() {
    local status=$?
    trap - EXIT
    if [ "$is_swapped" ]; then
        say 'failed; the database that was there takes its place again'
        in_backup undo </dev/null
    fi
    start
    exit "$status"
}

[ "$file" ] || die 'which one? make restore FILE=backups/bellhop-....dump'
running=$(docker compose ps --services --status running)
docker compose up --detach --wait --no-recreate postgres redis
load
trap give_up EXIT
stop
in_backup swap </dev/null
is_swapped=yes
once migrate sh -c 'bellhop-migrate && bellhop-after-restore' </dev/null
trap - EXIT
start
say "restored $file; the database that was there before is kept until the next restore"
