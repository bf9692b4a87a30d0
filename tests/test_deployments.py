"""What the compose files, the Swarm's stack and the Kubernetes manifests say must be the same system."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.stack import ROOT, Stack

K8S = ROOT / "deploy/k8s"
MADE_OF_DOMAIN = {"PUBLIC_URL", "ALLOWED_HOSTS", "ADMIN_EMAIL", "DOMAIN"}
"""What the compose files make of DOMAIN in a default; for a stack deploy.sh makes it, on Kubernetes each overlay."""
NOT_ON_KUBERNETES = {"certificates"}
"""Services whose work is done by something of the cluster: its Ingress has the certificates."""
OF_THE_DOMAIN = {"DOMAIN", "XDG_DATA_HOME", "XDG_CONFIG_HOME"}
"""Settings of Caddy that differ where TLS ends at an Ingress."""
STACK = yaml.safe_load((ROOT / "compose/stack.yml").read_text())


class ComposeLoader(yaml.SafeLoader):
    """Reads Compose's tags: what is reset is nothing, what is overridden is what it says."""


ComposeLoader.add_constructor("!reset", lambda loader, node: "reset")
ComposeLoader.add_multi_constructor(
    "!override",
    lambda loader, suffix, node: (
        loader.construct_sequence(node) if isinstance(node, yaml.SequenceNode) else loader.construct_mapping(node)
    ),
)


def production() -> dict[str, dict[str, Any]]:
    """The services of the two production files, merged as Compose does, as far as they are compared here."""
    base, more = (
        yaml.load((ROOT / name).read_text(), ComposeLoader)["services"]
        for name in ("docker-compose.yml", "docker-compose.prod.yml")
    )
    names = [name for name in base.keys() | more.keys() if more.get(name) != "reset"]
    merged = {name: merge(base.get(name, {}), more.get(name, {})) for name in names}
    return {name: service for name, service in merged.items() if service.get("profiles", "reset") == "reset"}


def merge(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """One service of two files. A setting that is set to nothing counts as not set."""
    environment = base.get("environment", {}) | more.get("environment", {})
    healthcheck = base.get("healthcheck", {}) | more.get("healthcheck", {})
    given = {key: value for key, value in environment.items() if value != ""}
    return base | more | {"environment": given, "healthcheck": healthcheck or None}


COMPOSE = production()
by_name = pytest.mark.parametrize("name", sorted(COMPOSE))


def manifests(*folders: str) -> list[dict[str, Any]]:
    """Every object that is written down in these folders."""
    files = [file for folder in folders for file in sorted((K8S / folder).glob("*.yaml"))]
    objects = [found for file in files for found in yaml.safe_load_all(file.read_text())]
    return [found for found in objects if found.get("kind") not in (None, "Kustomization", "Component")]


OBJECTS = manifests("base", "components/servers")
PODS = {
    found["metadata"]["name"]: found["spec"].get("jobTemplate", found)["spec"]["template"]["spec"]
    for found in OBJECTS
    if found["kind"] in ("Deployment", "StatefulSet", "Job", "CronJob")
}
SETTINGS = dict(line.split("=", 1) for line in (K8S / "base/settings.env").read_text().splitlines() if "=" in line)


def test_the_stack_and_the_manifests_have_the_services_of_production() -> None:
    assert STACK["services"].keys() == COMPOSE.keys()
    assert PODS.keys() == COMPOSE.keys() - NOT_ON_KUBERNETES


@by_name
def test_a_service_of_the_stack_has_the_settings_of_production(name: str) -> None:
    ours, theirs = (
        {key: str(value) for key, value in service.items() if key not in MADE_OF_DOMAIN and value != ""}
        for service in (STACK["services"][name].get("environment", {}), COMPOSE[name]["environment"])
    )

    assert ours == theirs


def plain(image: str) -> str:
    """An image without the registry, which the two files write differently."""
    return image[image.find("bellhop-") :] if "bellhop-" in image else image


@by_name
def test_a_service_of_the_stack_has_the_image_the_command_and_the_secrets_of_production(name: str) -> None:
    ours, theirs = STACK["services"][name], COMPOSE[name]

    assert set(ours.get("secrets", [])) == set(theirs.get("secrets", []))
    assert (plain(ours["image"]), ours.get("command")) == (plain(theirs["image"]), theirs.get("command"))


@by_name
def test_a_service_of_the_stack_stops_as_slowly_and_is_looked_after_as_in_production(name: str) -> None:
    ours, theirs = STACK["services"][name], COMPOSE[name]

    assert ours.get("stop_grace_period") == theirs.get("stop_grace_period")
    assert ours.get("healthcheck") == theirs.get("healthcheck")


@by_name
def test_a_service_has_the_same_memory_everywhere(name: str) -> None:
    expected = COMPOSE[name]["mem_limit"].upper()

    assert STACK["services"][name]["deploy"]["resources"]["limits"]["memory"] == expected
    if name in PODS:
        assert PODS[name]["containers"][0]["resources"]["limits"]["memory"] == f"{expected}i"


by_pod = pytest.mark.parametrize("name", sorted(PODS))


def environment(name: str) -> dict[str, str]:
    """What a pod's container is given by itself, without the shared settings."""
    return {entry["name"]: entry["value"] for entry in PODS[name]["containers"][0].get("env", [])}


@by_pod
def test_a_pod_has_the_settings_of_production(name: str) -> None:
    expected = COMPOSE[name]["environment"].keys() - OF_THE_DOMAIN

    assert expected - MADE_OF_DOMAIN - SETTINGS.keys() <= environment(name).keys()
    assert environment(name).keys() - OF_THE_DOMAIN <= expected


@by_pod
def test_a_pod_has_the_secrets_of_production_and_no_other(name: str) -> None:
    files = [
        item["path"] for volume in PODS[name]["volumes"] if "secret" in volume for item in volume["secret"]["items"]
    ]

    assert set(files) == set(COMPOSE[name].get("secrets", []))


def test_the_shared_settings_have_the_defaults_of_production() -> None:
    told = {key: str(value) for service in COMPOSE.values() for key, value in service["environment"].items()}

    for key, value in SETTINGS.items():
        assert re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", told[key]) == value, key


@by_pod
def test_a_pod_has_no_rights(name: str) -> None:
    [container] = PODS[name]["containers"]
    rights = container["securityContext"]

    assert PODS[name]["securityContext"]["runAsNonRoot"]
    assert PODS[name]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert (rights["allowPrivilegeEscalation"], rights["readOnlyRootFilesystem"]) == (False, True)
    assert rights["capabilities"]["drop"] == ["ALL"]
    assert not PODS[name]["automountServiceAccountToken"]
    assert container["resources"].keys() == {"requests", "limits"}


@by_pod
def test_a_pod_that_stays_is_looked_after(name: str) -> None:
    [container] = PODS[name]["containers"]

    assert PODS[name].get("restartPolicy") or {"readinessProbe", "livenessProbe"} <= container.keys()


@pytest.mark.parametrize("name", ["worker", "worker-slow"])
def test_a_worker_has_time_to_hand_its_jobs_back(name: str) -> None:
    needed = int(environment(name)["WORKER_STOP_TIMEOUT"]) + 10

    assert PODS[name]["terminationGracePeriodSeconds"] > needed
    assert int(STACK["services"][name]["stop_grace_period"].removesuffix("s")) > needed


OF_COMPOSE = {"caddy": {"Caddyfile", "Caddyfile.prod", "health.sh"}}
"""Caddy's entries differ: in a cluster TLS ends before it, and its health is asked over HTTP."""


@pytest.mark.parametrize("folder", ["backup", "caddy", "postgres", "redis"])
def test_what_compose_mounts_kubernetes_mounts_too(folder: str) -> None:
    mounted = {file.name for file in (ROOT / "compose" / folder).iterdir()} - {"kustomization.yaml"}
    [made] = yaml.safe_load((ROOT / "compose" / folder / "kustomization.yaml").read_text())["configMapGenerator"]

    assert made["name"] == folder
    assert set(made["files"]) == mounted - OF_COMPOSE.get(folder, set())


@pytest.mark.parametrize("head", ["\tlog {", "\troute {"])
def test_caddy_lets_in_and_logs_on_kubernetes_what_it_does_in_production(head: str) -> None:
    ours, theirs = (
        path.read_text().partition(head)[2].partition("\n\t}\n")[0]
        for path in (K8S / "base/caddy/Caddyfile", ROOT / "compose/caddy/Caddyfile.prod")
    )

    assert ours == theirs


SCALED = {
    found["metadata"]["name"]: found["spec"] for found in manifests("components/keda") if "triggers" in found["spec"]
}
STATES = ["scheduled", "queued", "queued", "running", "succeeded", "failed", "cancelled"]
FILL = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, run_at, state,
                      finished_at, lease, lease_expires_at)
    SELECT gen_random_uuid(), 'test.noop', '{}', queue, 5, 1, now(), state,
           CASE WHEN state IN ('succeeded', 'failed', 'cancelled') THEN now() END,
           CASE WHEN state = 'running' THEN gen_random_uuid() END, CASE WHEN state = 'running' THEN now() END
    FROM unnest(ARRAY['default', 'slow']) AS queue, unnest(CAST(string_to_array('STATES', ',') AS text[])) AS state
""".replace("STATES", ",".join(STATES))


def query_of(name: str) -> str:
    """The query that decides how many of these workers there are."""
    [trigger] = SCALED[name]["triggers"]
    return str(trigger["metadata"]["query"])


@pytest.mark.parametrize("name", ["worker", "worker-slow"])
def test_workers_are_counted_by_the_jobs_of_their_queue_that_wait_or_run(ledger: Stack, name: str) -> None:
    ledger.sql(FILL)

    assert ledger.sql(query_of(name)) == [(3,)]
    assert f"queue = '{environment(name)['WORKER_QUEUES']}'" in query_of(name)


@pytest.mark.parametrize("name", ["worker", "worker-slow"])
def test_counting_reads_no_job_that_has_ended(ledger: Stack, name: str) -> None:
    ledger.sql(FILL)

    plan = "\n".join(line for (line,) in ledger.sql(f"SET enable_seqscan = off; EXPLAIN {query_of(name)}"))

    assert "jobs_waiting_idx" in plan
    assert "jobs_running_idx" in plan


def test_every_worker_is_scaled_and_none_goes_at_once() -> None:
    assert SCALED.keys() == {"worker", "worker-slow"}
    for spec in SCALED.values():
        slowly = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
        assert 1 <= spec["minReplicaCount"] < spec["maxReplicaCount"]
        assert slowly["stabilizationWindowSeconds"] >= 300
        assert slowly["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 60}]


def test_what_keda_decides_is_written_nowhere_else() -> None:
    component = yaml.safe_load((K8S / "components/keda/kustomization.yaml").read_text())
    [patch] = component["patches"]

    assert all(re.fullmatch(patch["target"]["name"], name) for name in SCALED)
    assert yaml.safe_load(patch["patch"]) == [{"op": "remove", "path": "/spec/replicas"}]


def test_only_services_that_may_not_run_twice_are_stopped_first() -> None:
    order = {
        name: service["deploy"]["update_config"]["order"]
        for name, service in STACK["services"].items()
        if "update_config" in service["deploy"]
    }

    assert {name for name, first in order.items() if first == "start-first"} == {"web", "worker", "worker-slow"}
    assert all(
        service["deploy"]["update_config"]["failure_action"] == "rollback"
        for service in STACK["services"].values()
        if "update_config" in service["deploy"]
    )


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
