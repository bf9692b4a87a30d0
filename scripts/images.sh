#!/bin/sh
# Build the four images of a release under the names that docker-compose.prod.yml gives them.
# TAG and REGISTRY come from the environment or from make; a TAG that only .env has counts too.
set -eu
cd "$(dirname "$0")/.."

of_env_file() { # the value of a variable in .env, if there is one
    [ ! -e .env ] || sed -n "s/^$1=//p" .env | tail -n 1
}

TAG=${TAG:-$(of_env_file TAG)}
REGISTRY=${REGISTRY:-$(of_env_file REGISTRY)}
: "${TAG:?set TAG to the release to build, for example make images TAG=0.1.0}"

for service in web worker scheduler flower; do
    image=${REGISTRY:+$REGISTRY/}bellhop-$service:$TAG
    echo "building $image"
    docker build --quiet --target "$service" --tag "$image" .
done
