#!/bin/bash
# Well: the last backup did not fail, and the newest one (or the start of the service) is younger than
# BACKUP_INTERVAL_HOURS and another hour, which is more than a backup takes.
set -euo pipefail
state=${TMPDIR:-/tmp}
minutes=$((${BACKUP_INTERVAL_HOURS:-24} * 60 + 60))

if [ -e "$state/backup.failed" ]; then
    echo "the last backup failed at $(date -u -r "$state/backup.failed" +%FT%TZ)"
    exit 1
fi
young() { # a file beside them may go while find looks, such as a backup that has just been renamed: no fault
    find "${BACKUP_DIR:-/var/lib/postgresql}" "$state/backup.started" -maxdepth 1 \
        \( -name 'bellhop-*.dump' -o -name backup.started \) -mmin "-$minutes" 2>/dev/null || true
}

[ -n "$(young)" ] || { echo "no backup for $minutes minutes" && exit 1; }
