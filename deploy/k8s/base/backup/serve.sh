#!/bin/bash
# The service: a backup soon after the start unless there is a young one, then one every BACKUP_INTERVAL_HOURS.
# After a failure it tries again every BACKUP_RETRY_SECONDS and counts as unwell until one succeeds (health.sh).
set -euo pipefail
here=$(dirname "$0")
# shellcheck source=compose/backup/connect.sh
. "$here/connect.sh"
state=${TMPDIR:-/tmp}
interval=$((${BACKUP_INTERVAL_HOURS:-24} * 3600))

newest() { # when the newest backup was begun, or zero
    find "$BACKUP_DIR" -maxdepth 1 -name 'bellhop-*.dump' -printf '%T@\n' | sort -n | tail -n 1 | grep -o '^[0-9]*' || echo 0
}

seconds_left() { echo $(($(newest) + interval - $(date +%s))); }

pause() { # seconds, but a stop ends it
    sleep "$1" &
    wait $!
}

trap 'exit 0' TERM INT
touch "$state/backup.started"
while :; do
    left=$(seconds_left)
    if [ "$left" -gt 0 ]; then
        pause "$((left < 60 ? left : 60))"
        continue
    fi
    bash "$here/dump.sh" >"$state/backup.name" &
    if wait $!; then
        rm -f "$state/backup.failed"
    else
        touch "$state/backup.failed"
        say error backup_failed retry_in_seconds "${BACKUP_RETRY_SECONDS:-300}"
        pause "${BACKUP_RETRY_SECONDS:-300}"
    fi
done
