#!/bin/sh
# Run every check and say at the end which ones failed; CI and a developer call the same.
set -u
cd "$(dirname "$0")/.." || exit
PATH="$PWD/.venv/bin:$PATH"
failed=""

check() { # name, command...
    name=$1
    shift
    echo "== $name"
    "$@" || failed="$failed $name"
}

files() { # the files of ours that match a pattern
    find . \( -name .git -o -name '.venv*' -o -name .bench -o -name '.local*' -o -name node_modules \) -prune -o -type f -name "$1" -print
}

on_files() { # name, pattern, command...: skipped where no file matches
    name=$1 found=$(files "$2")
    shift 2
    # shellcheck disable=SC2086  # our file names have no spaces
    [ -z "$found" ] || check "$name" "$@" $found
}

check ruff ruff check .
check format ruff format --check .
workloads=$(find workloads -mindepth 2 -maxdepth 2 -name src 2>/dev/null | sort) # none where all were removed
MYPYPATH=$(echo "$workloads" | tr '\n' :)
export MYPYPATH
# shellcheck disable=SC2086  # our folders' names have no spaces
check mypy mypy --strict common/src ledger/src services/*/src $workloads demo/src local/src clients/python/src clients/python/tests/typed.py
check imports lint-imports
for sources in $workloads; do
    workload=${sources%/src}
    check "imports-of-${workload#workloads/}" lint-imports --config "$workload/pyproject.toml"
done
on_files yamllint '*.y*ml' yamllint --strict
on_files hadolint Dockerfile hadolint
check deployments scripts/check-deployments.sh
on_files shellcheck '*.sh' shellcheck .ci/run
if command -v promtool >/dev/null; then # Debian's package prometheus
    check alerts promtool check config compose/prometheus/prometheus.yml
    check alert-tests promtool test rules compose/prometheus/alerts_test.yml
else
    echo '== alerts: skipped, there is no promtool (Debian: prometheus)'
fi

[ -z "$failed" ] && echo "all checks passed" && exit
echo "failed:$failed"
exit 1
