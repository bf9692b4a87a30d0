#!/bin/sh
# Make the secrets of production: each is a file in ./secrets, and one that is there is kept.
# Only the owner of the folder gets at them. The files themselves are readable, because a container
# sees its file alone, as a user of its own (10001, or 999 for Postgres and Redis).
set -eu
cd "$(dirname "$0")/.."
directory=${SECRETS_DIR:-secrets}

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

keep() { # name, value
    if [ -e "$directory/$1" ]; then
        echo "kept $directory/$1"
        return
    fi
    printf '%s' "$2" >"$directory/$1.new"
    chmod 0444 "$directory/$1.new"
    mv "$directory/$1.new" "$directory/$1"
    echo "made $directory/$1"
}

umask 077
mkdir -p "$directory"
chmod 0700 "$directory"
for name in postgres_password redis_password flower_redis_password secret_key encryption_key admin_token admin_password flower_password; do
    keep "$name" "$(random)"
done
nothing='
'  # a line's end, which does not count: Swarm takes no empty secret
keep smtp_password "$nothing"  # the mail server's, which only you know; stays empty where it wants none
keep oidc_client_secret "$nothing"  # the issuer's, at which people sign in; stays empty where there is none
# bellhop owns the tables and changes them; bellhop_app, which bellhop-migrate makes, reads and writes their rows.
keep migration_database_url "postgresql://bellhop:$(cat "$directory/postgres_password")@postgres:5432/bellhop"
keep database_url "postgresql://bellhop_app:$(random)@postgres:5432/bellhop"
keep redis_url "redis://:$(cat "$directory/redis_password")@redis:6379/0"
keep flower_redis_url "redis://flower:$(cat "$directory/flower_redis_password")@redis:6379/0"  # it watches, and touches no job
