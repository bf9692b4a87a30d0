"""Reads the resolved production configuration as JSON and refuses what must not be in it."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any


def complaints(config: dict[str, Any]) -> Iterator[str]:
    """Yield everything that production must not have."""
    services = config["services"]
    if "dev-only" in json.dumps(config):
        yield "a development secret is in it"
    if found := {"demo", "maildev"} & services.keys():
        yield f"{' and '.join(sorted(found))} of development is in it"
    ports = sorted((name, port["published"]) for name, service in services.items() for port in service.get("ports", []))
    if ports != [("caddy", "443"), ("caddy", "80")]:
        yield f"it publishes {ports}"
    for name, service in services.items():
        yield from (f"{name}: {fault}" for fault in faults(service))


def faults(service: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with one service."""
    environment = service.get("environment") or {}
    if "build" in service:
        yield "is built, not taken by its tag"
    if "bellhop" in service["image"] and service["image"].rpartition(":")[2] != os.environ["TAG"]:
        yield f"runs {service['image']}"
    if "bellhop" in service["image"] and environment["APP_ENV"] != "production":
        yield "does not run with APP_ENV=production"
    if environment.get("FETCH_ALLOW"):
        yield f"fetches may reach {environment['FETCH_ALLOW']}"
    files = {name: value for name, value in environment.items() if name.endswith("_FILE") and value}
    mounted = {secret["target"] for secret in service.get("secrets", [])}
    for name, path in files.items():
        if path not in mounted:
            yield f"{name} names {path}, which is not mounted"
        if environment.get(name.removesuffix("_FILE")):
            yield f"{name.removesuffix('_FILE')} is set beside {name}"


found = list(complaints(json.load(sys.stdin)))
print("\n".join(found) or "no development secret, no build, no open port but 80 and 443")
sys.exit(bool(found))
