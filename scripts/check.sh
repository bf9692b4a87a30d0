#!/bin/sh
# Run every check, all at once, and say at the end which ones failed; CI and a developer call the same.
set -u
cd "$(dirname "$0")/.." || exit
PATH="$PWD/.venv/bin:$PATH"
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT
# What runs in the background hears of no Ctrl-C.
trap 'for one in $begun; do kill "${one##*:}" 2>/dev/null; done; exit 130' INT TERM
begun=""
failed=""

check() { # name, command...: begin it; what it says is shown in its turn
    name=$1
    shift
    "$@" >"$said/$name" 2>&1 &
    begun="$begun $name:$!"
}

show() { # wait for each check in the order in which they began
    for one in $begun; do
        name=${one%:*}
        wait "${one##*:}" || failed="$failed $name"
        echo "== $name"
        cat "$said/$name"
    done
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

# shellcheck disable=SC2329  # a check runs it
imports() { # one after another, for they share a cache
    status=0
    lint-imports || status=1
    for sources in $workloads; do
        workload=${sources%/src}
        echo "-- ${workload#workloads/}"
        lint-imports --config "$workload/pyproject.toml" || status=1
    done
    return "$status"
}

workloads=$(find workloads -mindepth 2 -maxdepth 2 -name src 2>/dev/null | sort) # none where all were removed
MYPYPATH=$(echo "$workloads" | tr '\n' :)
export MYPYPATH
# shellcheck disable=SC2086  # our folders' names have no spaces; it takes the longest, so it begins first
check mypy mypy --strict common/src ledger/src services/*/src $workloads demo/src local/src clients/python/src clients/python/tests/typed.py docs/site scripts/release
check ruff ruff check .
check format ruff format --check .
check imports imports
check migrations python scripts/migrations_in_line.py
on_files yamllint '*.y*ml' yamllint --strict
on_files hadolint Dockerfile hadolint
check deployments scripts/check-deployments.sh
check actionlint actionlint .github/workflows/*.yml
on_files shellcheck '*.sh' shellcheck .ci/run
if command -v promtool >/dev/null; then # Debian's package prometheus
    check alerts promtool check config compose/prometheus/prometheus.yml
    check alert-tests promtool test rules compose/prometheus/alerts_test.yml
else
    check alerts echo 'skipped, there is no promtool (Debian: prometheus)'
fi

show
[ -z "$failed" ] && echo "all checks passed" && exit
echo "failed:$failed"
exit 1
