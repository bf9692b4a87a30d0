#!/bin/sh
# Start Redis with the password from REDIS_PASSWORD or REDIS_PASSWORD_FILE, which no list of processes shows, and with
# the user `flower` of FLOWER_REDIS_PASSWORD(_FILE): it may watch, ask workers and count what waits, and touches no job.
set -eu
umask 077
if [ -n "${REDIS_PASSWORD_FILE:-}" ]; then
    REDIS_PASSWORD=$(cat "$REDIS_PASSWORD_FILE")
fi
printf 'include /etc/redis/redis.conf\nrequirepass "%s"\n' "${REDIS_PASSWORD:?REDIS_PASSWORD is not set}" >/tmp/redis.conf
if [ -n "${FLOWER_REDIS_PASSWORD_FILE:-}" ]; then
    FLOWER_REDIS_PASSWORD=$(cat "$FLOWER_REDIS_PASSWORD_FILE")
fi
if [ -n "${FLOWER_REDIS_PASSWORD:-}" ]; then
    hash=$(printf '%s' "$FLOWER_REDIS_PASSWORD" | sha256sum | cut -d ' ' -f 1)
    printf 'user flower on #%s %s\n' "$hash" "$(cat /etc/redis/flower.acl)" >>/tmp/redis.conf
fi
unset REDIS_PASSWORD FLOWER_REDIS_PASSWORD
exec redis-server /tmp/redis.conf
