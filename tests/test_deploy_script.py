"""The order in which a deploy on Kubernetes replaces the services, and where it stops."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.stack import ROOT

KUBECTL = """#!/bin/sh
echo "$1 $2 $3" >>"$TEST_LOG"
case "$1 $3" in
    kustomize*)
        echo 'image: registry.example.org/team/bellhop-web:1.0'
        echo 'image: registry.example.org/team/bellhop-worker:1.0'
        ;;
    apply*) cat >>"$TEST_LOG" ;;
    "get worker") echo registry.example.org/team/bellhop-worker:1.0-acme.3 ;;
    get*) echo registry.example.org/team/bellhop-web:1.0 ;;
    "rollout deployment/$TEST_FAULT") exit 1 ;;
esac
"""


def deploy_on_kubernetes(
    directory: Path, *, fault: str = "", overlay: str = "anywhere", worker_tag: str = ""
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the deploy of release 2.0 with a kubectl that only notes what it is asked; give what it noted."""
    (directory / "kubectl").write_text(KUBECTL)
    (directory / "kubectl").chmod(0o755)
    told = {"ON": "kubernetes", "TAG": "2.0", "OVERLAY": overlay, "TEST_FAULT": fault, "WORKER_TAG": worker_tag}
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
    assert images(noted) == {"bellhop-web:2.0", "bellhop-worker:2.0"}


def images(noted: list[str]) -> set[str]:
    """Return the images that were applied, without their registry."""
    return {line.rpartition("/")[2] for line in noted if line.startswith("image:")}


def test_workers_may_have_an_image_of_their_own_that_is_built_on_the_release(tmp_path: Path) -> None:
    done, noted = deploy_on_kubernetes(tmp_path, worker_tag="2.0-acme.4")

    assert done.returncode == 0, done.stderr
    assert images(noted) == {"bellhop-web:2.0", "bellhop-worker:2.0-acme.4"}


def test_workers_of_another_release_than_the_rest_are_refused(tmp_path: Path) -> None:
    done, settings = deploy_on_compose(tmp_path, "TAG=1.0\nWORKER_TAG=1.0-acme.3\n")

    assert done.returncode == 2
    assert "WORKER_TAG: '1.0-acme.3' is not built on release 2.0" in done.stderr
    assert settings == "TAG=1.0\nWORKER_TAG=1.0-acme.3\n"


def test_a_deploy_stops_at_what_does_not_become_well_and_says_how_to_go_back(tmp_path: Path) -> None:
    done, noted = deploy_on_kubernetes(tmp_path, fault="scheduler")

    assert done.returncode != 0
    assert noted[-1] == "rollout status deployment/scheduler"
    assert "stopped at scheduler" in done.stderr
    assert "make deploy ON=kubernetes TAG=1.0 WORKER_TAG=1.0-acme.3 (" in done.stderr


DOCKER = """#!/bin/sh
echo "$*" >>"$TEST_LOG"
case "$*" in
    *"up "*"$TEST_FAULT"*) [ -z "$TEST_FAULT" ] || exit 1 ;;
esac
"""


def deploy_on_compose(
    directory: Path, settings: str | None, tag: str = "2.0", fault: str = ""
) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run the deploy of a release in a copy, with a docker that does nothing; give what it said and the `.env`."""
    (directory / "compose").mkdir()
    (directory / "compose/deploy.sh").write_text((ROOT / "compose/deploy.sh").read_text())
    (directory / "compose/deploy.sh").chmod(0o755)
    (directory / "docker").write_text(DOCKER)
    (directory / "docker").chmod(0o755)
    if settings is not None:
        (directory / ".env").write_text(settings)
        (directory / ".env").chmod(0o600)
    env = {"PATH": f"{directory}:{os.environ['PATH']}", "TAG": tag, "TEST_FAULT": fault, "TEST_LOG": f"{directory}/log"}
    done = subprocess.run([directory / "compose/deploy.sh"], env=env, check=False, capture_output=True, text=True)
    return done, (directory / ".env").read_text() if (directory / ".env").exists() else ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("DOMAIN=a.example\nTAG=1.0\n# the rest\nX=1\n", "DOMAIN=a.example\n# the rest\nX=1\nTAG=2.0\n"),
        ("DOMAIN=a.example\n", "DOMAIN=a.example\nTAG=2.0\n"),
        ("TAG=1.0\nTAG=1.1", "TAG=2.0\n"),
        ("", "TAG=2.0\n"),
        (None, "TAG=2.0\n"),
        ("STAGE=x\n#TAG=0.1.0\n", "STAGE=x\n#TAG=0.1.0\nTAG=2.0\n"),
        ("TAG=2.0\nWORKER_TAG=2.0-acme.1\n", "TAG=2.0\nWORKER_TAG=2.0-acme.1\n"),
        ("TAG=1.0\nWORKER_TAG=2.0\n", "TAG=2.0\n"),
    ],
)
def test_a_deploy_writes_its_release_down_where_compose_looks_for_it(
    tmp_path: Path, before: str | None, after: str
) -> None:
    done, settings = deploy_on_compose(tmp_path, before)

    assert done.returncode == 0, done.stderr
    assert settings == after


def test_a_deploy_that_failed_leaves_the_release_before_written_down_and_the_file_private(tmp_path: Path) -> None:
    done, settings = deploy_on_compose(tmp_path, "TAG=1.0\n", fault="--detach")

    assert done.returncode != 0
    assert settings == "TAG=1.0\n"
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("tag", ["", "a b", "x/y", "$(id)", "-x", "a" * 129])
def test_a_deploy_refuses_what_is_no_tag(tmp_path: Path, tag: str) -> None:
    done, settings = deploy_on_compose(tmp_path, None, tag)

    assert done.returncode != 0
    assert "TAG" in done.stderr
    assert settings == ""


def test_a_deploy_on_kubernetes_writes_its_release_into_the_overlay(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text((ROOT / "deploy/k8s/overlays/example/kustomization.yaml").read_text())

    done, _ = deploy_on_kubernetes(tmp_path, overlay=str(tmp_path), worker_tag="2.0-acme.4")

    assert done.returncode == 0, done.stderr
    written = (tmp_path / "kustomization.yaml").read_text()
    assert (written.count('newTag: "2.0"}'), written.count('newTag: "2.0-acme.4"}')) == (3, 1)
