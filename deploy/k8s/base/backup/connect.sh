# shellcheck shell=bash
# Sourced by the scripts beside it: tells libpq where the database is, and how to log. The password goes into a file
# that nobody else can read, never onto a command line. MIGRATION_DATABASE_URL comes first (the owner of the tables,
# where the application is not), then DATABASE_URL; each may be given as NAME_FILE.

say() { # level, event, then name and value of each fact
    local facts='' level=$1 event=$2
    shift 2
    while [ $# -gt 1 ]; do
        facts+=", \"$1\": \"${2//[\"\\]/\'}\""
        shift 2
    done
    printf '{"service": "backup", "level": "%s", "event": "%s"%s, "timestamp": "%s"}\n' \
        "$level" "$event" "$facts" "$(date -u +%FT%TZ)" >&2
}

die() {
    printf 'backup: %s\n' "$*" >&2
    exit 1
}

database_url() {
    local name file
    for name in MIGRATION_DATABASE_URL DATABASE_URL; do
        file=${name}_FILE
        if [ -n "${!name:-}" ]; then
            printf '%s' "${!name}"
            return
        elif [ -n "${!file:-}" ]; then
            cat "${!file}"
            return
        fi
    done
    die 'DATABASE_URL or DATABASE_URL_FILE must be set'
}

decoded() { # a part of a URL, without its %XX
    local text=${1//\\/\\\\}
    printf '%b' "${text//%/\\x}"
}

connect() { # write libpq's service file and set `database`
    local url authority login address parameters=''
    url=$(database_url)
    url=${url#*://}
    case $url in *\?*) parameters=${url#*\?} ;; esac
    url=${url%%\?*}
    authority=${url%%/*}
    database=$(decoded "${url#*/}")
    login=${authority%@*}
    address=${authority##*@}
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    export PGDATABASE=$database PGSERVICEFILE=$scratch/service PGSERVICE=bellhop
    export PGAPPNAME=bellhop-backup PGCONNECT_TIMEOUT=10
    {
        printf '[bellhop]\nuser=%s\npassword=%s\n' "$(decoded "${login%%:*}")" "$(decoded "${login#*:}")"
        case $address in
            \[*\]:*) printf 'host=%s\nport=%s\n' "$(expr "$address" : '\[\(.*\)\]')" "${address##*:}" ;;
            \[*\]) printf 'host=%s\n' "$(expr "$address" : '\[\(.*\)\]')" ;;
            *:*) printf 'host=%s\nport=%s\n' "${address%:*}" "${address##*:}" ;;
            *) printf 'host=%s\n' "$address" ;;
        esac
        [ -z "$parameters" ] || printf '%s\n' "${parameters//&/$'\n'}"
    } >"$PGSERVICEFILE"
}

umask 077
BACKUP_DIR=${BACKUP_DIR:-/var/lib/postgresql}
