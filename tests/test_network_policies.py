"""Who reaches whom on Kubernetes, and that an installation can live in a repository of its own."""

import ipaddress
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bellhop_worker.http.addresses import is_public
from tests.deployed import COMPOSE, K8S, OBJECTS, PODS
from tests.stack import ROOT

POLICIES = {found["metadata"]["name"]: found["spec"] for found in OBJECTS if found["kind"] == "NetworkPolicy"}
OUTSIDE = {
    found["metadata"]["name"]: found["spec"]
    for found in yaml.safe_load_all((K8S / "overlays/example/servers-outside.yaml").read_text())
}
USES = {"postgres": ("database_url", "migration_database_url"), "redis": ("redis_url", "flower_redis_url")}
needs_kubectl = pytest.mark.skipif(not shutil.which("kubectl"), reason="there is no kubectl here")


def names_of(selector: dict[str, Any]) -> set[str]:
    expressions = selector.get("matchExpressions", [])
    named = {value for expression in expressions for value in expression["values"]}
    return named | set(selector.get("matchLabels", {}).values())


@pytest.mark.parametrize("server", USES)
def test_only_those_reach_a_server_who_have_its_address(server: str) -> None:
    expected = {name for name, service in COMPOSE.items() if set(USES[server]) & set(service.get("secrets", []))}
    [rule] = POLICIES[server]["ingress"]

    assert set().union(*(names_of(peer["podSelector"]) for peer in rule["from"])) == expected
    assert names_of(POLICIES[f"to-{server}"]["podSelector"]) == expected
    assert names_of(OUTSIDE[f"to-{server}-outside"]["podSelector"]) == expected
    assert len(rule["ports"]) == 1


def may_go_out_to(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    [rule] = POLICIES["workers-go-out"]["egress"]
    blocks = [peer["ipBlock"] for peer in rule["to"]]
    return any(
        parsed in ipaddress.ip_network(block["cidr"])
        and not any(parsed in ipaddress.ip_network(inner) for inner in block["except"])
        for block in blocks
    )


PRIVATE = """0.0.0.0 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 168.63.129.16 169.254.169.254 172.16.0.1
172.31.255.255
192.0.0.192 192.168.0.1 198.18.0.1 224.0.0.1 255.255.255.255 :: ::1 ::ffff:10.0.0.1 64:ff9b::a00:1 64:ff9b:1::a00:1
2001::1 2002:a00:1:: 3fff::1 fc00::1 fd00:ec2::254 fe80::1 ff02::1"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_no_worker_reaches_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    assert not may_go_out_to(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111"])
def test_workers_reach_public_addresses(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
    assert may_go_out_to(address)


def test_names_are_asked_of_the_name_servers_alone() -> None:
    [rule] = POLICIES["names"]["egress"]

    assert [set(peer) for peer in rule["to"]] == [{"namespaceSelector", "podSelector"}]


def test_each_worker_that_runs_in_a_cluster_may_go_out() -> None:
    assert names_of(POLICIES["workers-go-out"]["podSelector"]) == {name for name in PODS if name.startswith("worker")}


def rendered(folder: Path) -> list[dict[str, Any]]:
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    """A copy of the example in a repository of its own, changed as the README says, with secrets."""
    copy = tmp_path / "ours/bellhop"
    shutil.copytree(K8S / "overlays/example", copy)
    file = copy / "kustomization.yaml"
    file.write_text(file.read_text().replace("../../base", os.path.relpath(K8S / "base", copy)))
    env = os.environ | {"SECRETS_DIR": str(copy / "secrets")}
    subprocess.run([ROOT / "compose/make-secrets.sh"], env=env, check=True, stdout=subprocess.DEVNULL)
    return copy


@needs_kubectl
def test_an_overlay_can_live_in_another_repository(overlay: Path) -> None:
    names = {found["metadata"]["name"] for found in rendered(overlay) if found["kind"] == "Deployment"}

    assert {"web", "worker", "scheduler", "caddy"} <= names


@needs_kubectl
def test_secrets_of_somebody_else_take_the_place_of_the_generated_ones(overlay: Path) -> None:
    given = yaml.safe_load((overlay / "kustomization.yaml").read_text())
    del given["secretGenerator"]
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump(given))

    objects = rendered(overlay)
    pods = [found["spec"]["template"]["spec"] for found in objects if "template" in found.get("spec", {})]
    named = {volume["secret"]["secretName"] for pod in pods for volume in pod["volumes"] if "secret" in volume}

    assert named == {"secrets"}
    assert not [found for found in objects if found["kind"] == "Secret"]


def test_the_readme_names_every_key_that_a_secret_of_ones_own_must_have() -> None:
    keys = {
        item["key"]
        for pod in PODS.values()
        for volume in pod["volumes"]
        if "secret" in volume
        for item in volume["secret"]["items"]
    }
    text = (K8S / "README.md").read_text()

    assert {key for key in keys if f"`{key}`" not in text} == set()
