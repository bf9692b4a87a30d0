"""The compose files, the Swarm's stack and the Kubernetes manifests, read for tests."""

from typing import Any

import yaml

from tests.stack import ROOT

K8S = ROOT / "deploy/k8s"
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
    waits = base.get("depends_on", {}) | more.get("depends_on", {})
    return base | more | {"environment": given, "healthcheck": healthcheck or None, "depends_on": waits}


COMPOSE = production()
DEVELOPMENT = yaml.load((ROOT / "docker-compose.yml").read_text(), ComposeLoader)["services"]


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


def environment(name: str) -> dict[str, str]:
    """What a pod's container is given by itself, without the shared settings."""
    return {entry["name"]: entry["value"] for entry in PODS[name]["containers"][0].get("env", [])}
