"""The order in which a deploy on Kubernetes replaces the services, and where it stops."""

import os
import subprocess
from pathlib import Path

from tests.stack import ROOT

KUBECTL = """#!/bin/sh
echo "$1 $2 $3" >>"$TEST_LOG"
case "$1 $3" in
    kustomize*) echo 'image: registry.example.org/team/bellhop-web:1.0' ;;
    apply*) cat >>"$TEST_LOG" ;;
    get*) echo registry.example.org/team/bellhop-web:1.0 ;;
    "rollout deployment/$TEST_FAULT") exit 1 ;;
esac
"""


def deploy_on_kubernetes(directory: Path, *, fault: str = "") -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the deploy of release 2.0 with a kubectl that only notes what it is asked; give what it noted."""
    (directory / "kubectl").write_text(KUBECTL)
    (directory / "kubectl").chmod(0o755)
    told = {"ON": "kubernetes", "TAG": "2.0", "OVERLAY": "anywhere", "TEST_FAULT": fault}
    env = os.environ | told | {"PATH": f"{directory}:{os.environ['PATH']}", "TEST_LOG": str(directory / "log")}
    done = subprocess.run([ROOT / "compose/deploy.sh"], env=env, check=False, capture_output=True, text=True)
    return done, (directory / "log").read_text().splitlines()


def test_a_deploy_on_kubernetes_migrates_then_replaces_workers_scheduler_and_web(tmp_path: Path) -> None:
    done, noted = deploy_on_kubernetes(tmp_path)

    waits = [line for line in noted if line.startswith(("delete", "wait", "rollout"))]
    order = ["worker", "worker-slow", "scheduler", "web", "flower", "caddy", "backup"]
    assert done.returncode == 0, done.stderr
    assert waits == ["delete job migrate", "wait job/migrate --namespace"] + [
        f"rollout status deployment/{name}" for name in order
    ]
    assert {line for line in noted if "image:" in line} == {"image: registry.example.org/team/bellhop-web:2.0"}


def test_a_deploy_stops_at_what_does_not_become_well_and_says_how_to_go_back(tmp_path: Path) -> None:
    done, noted = deploy_on_kubernetes(tmp_path, fault="scheduler")

    assert done.returncode != 0
    assert noted[-1] == "rollout status deployment/scheduler"
    assert "stopped at scheduler" in done.stderr
    assert "make deploy ON=kubernetes TAG=1.0" in done.stderr
