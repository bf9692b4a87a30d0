#!/bin/bash
# `make backup`: back up the database of the stack that `docker compose` means here, now. The backup is made where the
# service keeps its own, and copied with its checksum into the folder TO (backups) on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${TO:-backups}

in_backup() { docker compose run --rm --no-deps --no-TTY backup "$@" </dev/null; }

umask 077
mkdir -p "$folder"
name=$(in_backup bash /backup/dump.sh)
for file in "$name" "$name.sha256"; do
    in_backup cat "/var/lib/postgresql/$file" >"$folder/.$file"
    mv "$folder/.$file" "$folder/$file"
done
(cd "$folder" && sha256sum --check --quiet "$name.sha256")
echo "$folder/$name"
