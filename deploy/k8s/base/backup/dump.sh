#!/bin/bash
# Make one backup in BACKUP_DIR and print its name: dump, read all of it back, write its checksum beside it, and only
# then give it its name. After that all but the newest BACKUP_KEEP are deleted; a failure deletes nothing.
set -euo pipefail
here=$(dirname "$0")
# shellcheck source=compose/backup/connect.sh
. "$here/connect.sh"

dump() { # file
    pg_dump --format=custom --no-owner --no-privileges --lock-wait-timeout=60s --file="$1"
    pg_restore --file=/dev/null "$1"
}

publish() { # file, name: a backup that can be seen has its checksum
    local sum
    sum=$(sha256sum "$1" | cut -d ' ' -f 1)
    printf '%s  %s\n' "$sum" "$2" >"$1.sha256"
    touch --date="@$began" "$1" # its age is that of what is in it
    sync "$1" "$1.sha256"
    mv "$1.sha256" "$BACKUP_DIR/$2.sha256"
    mv "$1" "$BACKUP_DIR/$2"
    sync "$BACKUP_DIR"
}

retire() { # names sort by time
    local old
    find "$BACKUP_DIR" -maxdepth 1 -name '.part.*' -mmin +1440 -delete
    find "$BACKUP_DIR" -maxdepth 1 -name 'bellhop-*.dump' | sort -r | tail -n "+$((${BACKUP_KEEP:-14} + 1))" |
        while read -r old; do
            rm -f "$old" "$old.sha256"
            say info backup_deleted file "$(basename "$old")"
        done
}

[ -w "$BACKUP_DIR" ] || die "user $(id -u) cannot write to $BACKUP_DIR: chown $(id -u):$(id -g) what BACKUP_DIR names"
began=$(date +%s)
name=bellhop-$(date -u --date="@$began" +%Y%m%dT%H%M%SZ).dump
connect
part=$(mktemp "$BACKUP_DIR/.part.XXXXXX")
trap 'rm -rf "$scratch" "$part" "$part.sha256"' EXIT
dump "$part"
publish "$part" "$name"
say info backup_made file "$name" bytes "$(stat --format %s "$BACKUP_DIR/$name")" seconds "$(($(date +%s) - began))"
retire
printf '%s\n' "$name"
