#!/bin/bash
# Bring a release out: TAG=1.2.3 compose/deploy.sh. ON=compose (the default) means this machine and the production compose
# files, ON=swarm the Swarm of which it is a manager, ON=kubernetes the cluster that kubectl talks to and the kustomize
# folder OVERLAY. WORKER_TAG is for workers with tasks of your own: an image built on that of TAG, such as 1.2.3-acme.7.
# The schema first, then the tasks, workers, scheduler, web and the rest. Stops at the first thing that does not become well, and
# says how to go back. Settings come from the environment, else from .env.
set -euo pipefail
cd "$(dirname "$0")/.."

settings=${COMPOSE_ENV_FILES:-.env}
patience=${DEPLOY_PATIENCE:-300}  # seconds for one service to become well
stack=${STACK:-bellhop}
step='the settings'
before='' worker_before=''  # the tags that run

say() { printf '\n== %s\n' "$*"; }

read_settings() { # .env as compose reads it: lines of NAME=value, and what is set already wins
    local line name value
    [ -f "$settings" ] || return 0
    while IFS= read -r line; do
        [[ $line =~ ^([A-Z][A-Z0-9_]*)=(.*)$ ]] || continue
        name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
        [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]] && value=${BASH_REMATCH[1]}
        [ -n "${!name+set}" ] || export "$name=$value"
    done <"$settings"
}

give_up() { # runs at any failure: what was not reached still runs as before
    local status=$?
    trap - EXIT
    [ "$status" -ne 0 ] || exit 0
    {
        printf '\ndeploy: stopped at %s; what comes after it is as it was.\n' "$step"
        if [ -n "$before" ] && [ "$before $worker_before" != "$TAG $WORKER_TAG" ]; then
            [ "$worker_before" = "$before" ] || before+=" WORKER_TAG=$worker_before"
            printf 'deploy: to go back: make deploy ON=%s TAG=%s (the schema stays; the release before runs on it)\n' "$ON" "$before"
        fi
    } >&2
    exit "$status"
}

remember_release() { # so that a later `docker compose up` or `kubectl apply` starts this release and not the one before
    local lines=''
    if [ "$ON" = kubernetes ]; then
        [ ! -f "$OVERLAY/kustomization.yaml" ] ||
            sed --in-place "s|\(bellhop-[a-z]*, newTag: \).*}|\1\"$TAG\"}|
                s|\(bellhop-worker, newTag: \).*}|\1\"$WORKER_TAG\"}|" "$OVERLAY/kustomization.yaml"
        return
    fi
    [ ! -f "$settings" ] || lines=$(grep --invert-match --extended-regexp '^(WORKER_)?TAG=' "$settings" || true)
    {
        [ -z "$lines" ] || printf '%s\n' "$lines"
        printf 'TAG=%s\n' "$TAG"
        [ "$WORKER_TAG" = "$TAG" ] || printf 'WORKER_TAG=%s\n' "$WORKER_TAG"
    } >"$settings.new"
    if [ -f "$settings" ]; then chmod --reference "$settings" "$settings.new"; fi
    mv "$settings.new" "$settings"
}

tag_of() { # image: what stands behind the last colon, without a digest
    local image=${1%%@*}
    echo "${image##*:}"
}

# --- on one machine, with the production compose files --------------------------------------------------------

compose() { docker compose "$@"; }

compose_running() { # service
    local id
    id=$(compose ps --quiet "$1" | sed -n 1p)
    [ -z "$id" ] || tag_of "$(docker inspect --format '{{.Config.Image}}' "$id")"
}

compose_up() { # services...: bring them to what the files say and wait until they are well
    compose up --detach --no-deps --wait --wait-timeout "$patience" "$@"
}

compose_side_by_side() { # service: start as many new ones as there are old ones, which are in `old` then
    local service=$1 new
    mapfile -t old < <(compose ps --quiet "$service")
    if [ "${#old[@]}" -eq 0 ]; then
        compose_up "$service"
    elif ! compose_up --no-recreate --scale "$service=$((2 * ${#old[@]}))" "$service"; then
        mapfile -t new < <(compose ps --all --quiet "$service" | grep --invert-match --fixed-strings "$(printf '%s\n' "${old[@]}")")
        docker logs --tail 20 "${new[0]}" >&2 || true
        docker rm --force "${new[@]}" >/dev/null
        return 1
    fi
}

let_go() { # containers...: each stops in its own time
    [ "$#" -eq 0 ] || { docker stop "$@" && docker rm "$@"; } >/dev/null
}

compose_others() { # the services that no step before names; those that run once are run by who waits for them
    compose config --services |
        grep --invert-match --line-regexp --extended-regexp 'migrate|publish|certificates|worker|worker-slow|scheduler|web'
}

on_compose() {
    export COMPOSE_FILE=${COMPOSE_FILE:-docker-compose.yml:docker-compose.prod.yml}
    local service old=()
    before=$(compose_running web)
    worker_before=$(compose_running worker)
    if [ -z "$before" ]; then
        step='the first start' && say "$step"
        compose up --detach --wait --wait-timeout "$patience"
        return
    fi
    step='Postgres and Redis' && say "$step"
    compose_up postgres redis
    step='the migration' && say "$step"
    compose run --rm --no-deps --no-TTY migrate
    step='the tasks of the release' && say "$step"
    compose run --rm --no-deps --no-TTY publish
    for service in worker worker-slow; do
        step=$service && say "$step"
        compose_side_by_side "$service"
        let_go "${old[@]}" &  # a slow job may still take half an hour, and nobody has to wait for it
    done
    step='scheduler' && say "$step"
    compose_up scheduler
    step='web' && say "$step"
    compose_side_by_side web
    let_go "${old[@]}"
    step='everything else' && say "$step"
    # shellcheck disable=SC2046  # several services
    compose_up $(compose_others)  # without what they depend on: a new `migrate` would have web and Caddy made anew
    say 'the last jobs of the release before are ending'
    wait
}

# --- on a Swarm -------------------------------------------------------------------------------------------------

name_configs() { # a config is never changed, so each content has a name of its own: CONFIG_REDIS_START=<hash>
    local config file
    while read -r config file; do
        export "CONFIG_${config^^}=$(sha256sum "compose/$file" | cut -c 1-12)"
    done < <(awk '/^configs:/ { inside = 1; next } /^[^ ]/ { inside = 0 }
        inside && /^  [a-z_]+:$/ { name = substr($1, 1, length($1) - 1) }
        inside && $1 == "file:" { print name, $2 }' compose/stack.yml)
}

render() { # the whole stack, resolved for good; STACK_FILES may name files with more
    local files=() file
    for file in compose/stack.yml ${STACK_FILES:-}; do files+=(--compose-file "$file"); done
    docker stack config "${files[@]}" | sed 's/\$/$$/g'
}

only() { # services...: of a resolved stack these services, and all that is not a service
    awk -v wanted=" $* " '
        /^[^ ]/ { inside = ($1 == "services:"); keep = 1 }
        inside && /^  [^ ]/ { name = $1; sub(":$", "", name); keep = index(wanted, " " name " ") > 0 }
        keep'
}

swarm_up() { # services...
    # shellcheck disable=SC2086  # several words
    render | only "$@" | timeout "$patience" docker stack deploy --detach=false --quiet \
        ${STACK_OPTIONS:---with-registry-auth} --compose-file - "$stack"
}

check_secrets() { # Swarm's own words for this do not name the file
    local file
    for file in "${SECRETS_DIR:-secrets}"/*; do
        [ -s "$file" ] || { echo "$file: Swarm takes no empty secret; put a line's end into it, which does not count" >&2 && exit 1; }
    done
}

swarm_running() { # service
    tag_of "$(docker service inspect --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}' "${stack}_$1" 2>/dev/null)"
}

on_swarm() {
    : "${REGISTRY:?set REGISTRY to where the images are}" "${DOMAIN:?set DOMAIN to the public name}"
    export REGISTRY DOMAIN
    check_secrets
    name_configs
    export PUBLIC_URL=${PUBLIC_URL:-https://$DOMAIN${HTTPS_PORT:+:$HTTPS_PORT}} ALLOWED_HOSTS=${ALLOWED_HOSTS:-$DOMAIN}
    export ADMIN_EMAIL=${ADMIN_EMAIL:-operator@$DOMAIN}
    before=$(swarm_running web)
    worker_before=$(swarm_running worker)
    local steps=('worker worker-slow' scheduler web 'flower caddy backup')
    [ -n "$before" ] || steps=('worker worker-slow scheduler web flower caddy backup')  # nothing runs that has to go on
    for step in 'postgres redis certificates' migrate publish "${steps[@]}"; do
        say "$step"
        # shellcheck disable=SC2086  # several services
        swarm_up $step
    done
}

# --- on Kubernetes ----------------------------------------------------------------------------------------------

apply() { # selector: what of the overlay fits it, with our images at this release
    kubectl kustomize "$OVERLAY" |
        sed "s|\(image: .*bellhop-[a-z]*\):[^ ]*$|\1:$TAG|; s|\(image: .*bellhop-worker\):[^ ]*$|\1:$WORKER_TAG|
            /name: BELLHOP_RELEASE/{n;s|value: .*|value: \"$WORKER_TAG\"|}" |
        kubectl apply --namespace "$namespace" --selector "$1" --filename -
}

kubernetes_running() { # deployment
    tag_of "$(kubectl get deployment "$1" --namespace "$namespace" --ignore-not-found \
        --output 'jsonpath={.spec.template.spec.containers[0].image}')"
}

complete() { # job: wait until it has ended well
    kubectl wait "job/$1" --namespace "$namespace" --for=condition=complete --timeout "${patience}s"
}

on_kubernetes() {
    : "${OVERLAY:?set OVERLAY to the folder of your overlay}"
    namespace=${NAMESPACE:-bellhop}
    local label=app.kubernetes.io/name
    before=$(kubernetes_running web)
    worker_before=$(kubernetes_running worker)
    step='the settings and the migration' && say "$step"
    kubectl delete job migrate publish --namespace "$namespace" --ignore-not-found
    apply "$label notin (publish,worker,worker-slow,scheduler,web,flower,caddy,backup)"
    complete migrate
    step='the tasks of the release' && say "$step"
    apply "$label=publish"
    complete publish
    for step in worker worker-slow scheduler web flower caddy backup; do
        say "$step"
        apply "$label=$step"
        kubectl rollout status "deployment/$step" --namespace "$namespace" --timeout "${patience}s"
    done
}

read_settings
: "${TAG:?set TAG to the release to run}"
ON=${ON:-compose}
WORKER_TAG=${WORKER_TAG:-$TAG}
export TAG WORKER_TAG
for tag in "$TAG" "$WORKER_TAG"; do
    [[ $tag =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] || { echo "TAG: '$tag' is not the tag of an image" >&2 && exit 2; }
done
[[ $WORKER_TAG == "$TAG" || $WORKER_TAG == "$TAG"-* ]] || {
    echo "WORKER_TAG: '$WORKER_TAG' is not built on release $TAG; build your image on it, under a tag like $TAG-acme.1" >&2
    exit 2
}
trap give_up EXIT
case $ON in
    compose) on_compose ;;
    swarm) on_swarm ;;
    kubernetes) on_kubernetes ;;
    *) echo "ON: $ON is not compose, swarm or kubernetes" >&2 && exit 2 ;;
esac
step='writing the release down'
remember_release
say "release $TAG runs"
