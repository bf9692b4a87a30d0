#!/bin/sh
# Build the TypeScript client into clients/typescript/dist, with types from the OpenAPI document at BELLHOP_URL.
set -eu
cd "$(dirname "$0")/../clients/typescript"
url=${BELLHOP_URL:-http://127.0.0.1:8000}

command -v npm >/dev/null || {
    echo "bellhop: there is no npm here; on Debian or Ubuntu: apt-get install nodejs npm" >&2
    exit 1
}
curl --fail --silent --show-error --noproxy '*' --output openapi.json "$url/api/openapi.json"
npm ci
npm run build
