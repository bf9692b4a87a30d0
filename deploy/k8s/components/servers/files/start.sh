#!/bin/sh
# Start Redis with the password from REDIS_PASSWORD or REDIS_PASSWORD_FILE, which no list of processes shows.
set -eu
umask 077
if [ -n "${REDIS_PASSWORD_FILE:-}" ]; then
    REDIS_PASSWORD=$(cat "$REDIS_PASSWORD_FILE")
fi
printf 'include /etc/redis/redis.conf\nrequirepass "%s"\n' "${REDIS_PASSWORD:?REDIS_PASSWORD is not set}" >/tmp/redis.conf
unset REDIS_PASSWORD
exec redis-server /tmp/redis.conf
