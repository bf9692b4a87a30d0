#!/bin/sh
# Start Caddy with the password that it shows Flower, from FLOWER_PASSWORD_FILE: no list of processes has it.
set -eu
umask 077
login=$(printf '%s:%s' "${FLOWER_USER:-admin}" "$(cat "${FLOWER_PASSWORD_FILE:?is not set}")" | base64 | tr -d '\n')
printf 'header_up Authorization "Basic %s"\n' "$login" >/tmp/flower.caddy
unset login
exec caddy run --config /etc/caddy/Caddyfile.prod --adapter caddyfile
