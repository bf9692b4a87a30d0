"""The order in which a deploy publishes the tasks and replaces the services, and where it stops."""

import os
import shutil
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
    wait*) [ "$2" != "job/$TEST_FAULT" ] || exit 1 ;;
esac
"""


def deploy_on_kubernetes(
    directory: Path, *, tag: str = "2.0", fault: str = "", overlay: str = "anywhere", worker_tag: str = ""
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the deploy of a release with a kubectl that only notes what it is asked; return what it noted."""
    (directory / "kubectl").write_text(KUBECTL)
    (directory / "kubectl").chmod(0o755)
    told = {"ON": "kubernetes", "TAG": tag, "OVERLAY": overlay, "TEST_FAULT": fault, "WORKER_TAG": worker_tag}
    env = os.environ | told | {"PATH": f"{directory}:{os.environ['PATH']}", "TEST_LOG": str(directory / "log")}
    done = subprocess.run([ROOT / "compose/deploy.sh"], env=env, check=False, capture_output=True, text=True)
    return done, (directory / "log").read_text().splitlines()


@pytest.mark.parametrize("tag", ["2.0", "0.9"])
def test_a_deploy_on_kubernetes_migrates_and_publishes_before_it_replaces_anything(tmp_path: Path, tag: str) -> None:
    done, noted = deploy_on_kubernetes(tmp_path, tag=tag)

    waits = [line for line in noted if line.startswith(("delete", "wait", "rollout"))]
    order = ["worker", "worker-slow", "scheduler", "web", "flower", "caddy", "backup"]
    assert done.returncode == 0, done.stderr
    assert waits == [
        "delete job migrate",
        "wait job/migrate --namespace",
        "wait job/publish --namespace",
        *(f"rollout status deployment/{name}" for name in order),
    ]
    assert images(noted) == {f"bellhop-web:{tag}", f"bellhop-worker:{tag}"}


def test_a_release_whose_tasks_cannot_be_published_replaces_nothing(tmp_path: Path) -> None:
    done, noted = deploy_on_kubernetes(tmp_path, fault="publish")

    assert done.returncode != 0
    assert noted[-1] == "wait job/publish --namespace"
    assert "stopped at the tasks of the release; what comes after it is as it was" in done.stderr


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
    *"ps --quiet"*) [ -z "$TEST_RUNNING" ] || echo 1234 ;;
    *inspect*) [ -z "$TEST_RUNNING" ] || echo "bellhop-web:$TEST_RUNNING" ;;
    "stack config"*) cat compose/stack.yml ;;
    "stack deploy"*) sed -n '/^services:/,/^configs:/s/^  \\([a-z-]*\\):.*/brought up: \\1/p' >>"$TEST_LOG" ;;
    *"config --services"*) echo caddy ;;
esac
"""


def deploy_on_compose(
    directory: Path, settings: str | None, tag: str = "2.0", fault: str = "", **more: str
) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run the deploy of a release in a copy, with a docker that does nothing; return what it said and the `.env`.

    The docker notes what it is asked in `log`. With TEST_RUNNING it claims that this release runs.
    """
    shutil.copytree(ROOT / "compose", directory / "compose", ignore=shutil.ignore_patterns("__pycache__"))
    (directory / "docker").write_text(DOCKER)
    (directory / "docker").chmod(0o755)
    if settings is not None:
        (directory / ".env").write_text(settings)
        (directory / ".env").chmod(0o600)
    env = {"PATH": f"{directory}:{os.environ['PATH']}", "TAG": tag, "TEST_FAULT": fault, "TEST_LOG": f"{directory}/log"}
    command = [directory / "compose/deploy.sh"]
    done = subprocess.run(command, env=env | more, check=False, capture_output=True, text=True)
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


@pytest.mark.parametrize("tag", ["2.0", "0.9"])
def test_a_deploy_on_compose_publishes_before_anything_of_the_release_runs(tmp_path: Path, tag: str) -> None:
    done, _ = deploy_on_compose(tmp_path, "", tag, TEST_RUNNING="1.0")

    noted = (tmp_path / "log").read_text().splitlines()
    begun = [line.split()[-1] for line in noted if line.startswith(("compose run", "compose up"))]
    assert done.returncode == 0, done.stderr
    assert begun == ["redis", "migrate", "publish", "worker", "worker-slow", "scheduler", "web", "caddy"]


@pytest.mark.parametrize(("tag", "running"), [("2.0", ""), ("2.0", "1.0"), ("0.9", "1.0")])
def test_a_deploy_on_a_swarm_publishes_before_anything_of_the_release_runs(
    tmp_path: Path, tag: str, running: str
) -> None:
    done, _ = deploy_on_compose(
        tmp_path, "", tag, TEST_RUNNING=running, ON="swarm", REGISTRY="r", DOMAIN="d", SECRETS_DIR="compose/redis"
    )

    noted = (tmp_path / "log").read_text().splitlines()
    begun = [line.removeprefix("brought up: ") for line in noted if line.startswith("brought up: ")]
    assert done.returncode == 0, done.stderr
    assert begun[3:5] == ["migrate", "publish"]
    assert not {"web", "worker", "worker-slow", "scheduler"} & set(begun[:5])
