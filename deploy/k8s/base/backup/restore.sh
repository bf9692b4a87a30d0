#!/bin/bash
# Put a backup in the place of the database, in steps that scripts/restore.sh and `bellhop-local restore` call:
#   load [NAME]  restore into a database beside the present one, in one transaction; the backup comes from
#                BACKUP_DIR/NAME, whose checksum is compared, or from the standard input
#   swap         rename: the present one becomes NAME_before_restore, the restored one takes its place
#   undo         rename them back
# Nothing touches the present database before `swap`, and that is one transaction.
set -euo pipefail
here=$(dirname "$0")
# shellcheck source=compose/backup/connect.sh
. "$here/connect.sh"

sql() { # names as variables: now, restored, before
    PGOPTIONS=--client-min-messages=warning psql --dbname=postgres --quiet --no-psqlrc --set=ON_ERROR_STOP=1 \
        --set=now="$database" --set=restored="${database}_restored" --set=before="${database}_before_restore" "$@"
}

end_sessions() { # databases; they are found first, or the planner would end others as well
    sql --output=/dev/null --set=these="$1" --set=those="$2" <<'SQL'
WITH sessions AS MATERIALIZED (SELECT pid FROM pg_stat_activity WHERE datname IN (:'these', :'those'))
SELECT pg_terminate_backend(pid, 5000) FROM sessions;
SQL
}

load() {
    if [ $# -gt 0 ]; then
        cd "$BACKUP_DIR"
        [ -f "$1" ] || die "there is no backup $1; there are: $(echo bellhop-*.dump)"
        sha256sum --check --quiet "$1.sha256" || die "$1 is not what was written: its checksum differs"
        exec <"$1"
    fi
    sql <<'SQL'
DROP DATABASE IF EXISTS :"restored" WITH (FORCE);
CREATE DATABASE :"restored" TEMPLATE template0;
SQL
    pg_restore --dbname="${database}_restored" --single-transaction --no-owner --no-privileges --no-comments ||
        die 'the backup could not be restored; the present database is as it was'
}

swap() {
    end_sessions "$database" "${database}_restored"
    sql <<'SQL'
DROP DATABASE IF EXISTS :"before" WITH (FORCE);
BEGIN;
ALTER DATABASE :"now" RENAME TO :"before";
ALTER DATABASE :"restored" RENAME TO :"now";
COMMIT;
SQL
}

undo() {
    end_sessions "$database" "${database}_before_restore"
    sql <<'SQL'
BEGIN;
ALTER DATABASE :"now" RENAME TO :"restored";
ALTER DATABASE :"before" RENAME TO :"now";
COMMIT;
SQL
}

connect
case ${1:-} in
    load | swap | undo) "$@" ;;
    *) die 'say load [NAME], swap or undo' ;;
esac
