#!/bin/sh
# Render every overlay of deploy/k8s into a folder, with secrets made up for it: scripts/render-k8s.sh FOLDER.
set -eu
cd "$(dirname "$0")/.."
folder=$1
cp -R deploy compose "$folder"
for overlay in "$folder"/deploy/k8s/overlays/*/; do
    name=$(basename "$overlay")
    if grep -q '^secretGenerator' "$overlay/kustomization.yaml" && [ ! -d "$overlay/secrets" ]; then
        SECRETS_DIR=$overlay/secrets compose/make-secrets.sh >/dev/null
    fi
    kubectl kustomize "$overlay" >"$folder/$name.yaml"
done
