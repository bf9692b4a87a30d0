"""Reads `docker inspect` of a stack's containers and refuses those that may do, or take, more than they need."""

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

ADDED = {"caddy": ["NET_BIND_SERVICE"], "certificates": ["CHOWN"]}
"""The only capabilities, by service; certificates is also the only one that runs as root, for one command."""
ONCE = {"migrate", "publish", "certificates"}
"""Services that end."""


def faults(service: str, container: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with one container."""
    host, user = container["HostConfig"], container["Config"]["User"]
    if not re.fullmatch("0:0" if service == "certificates" else "[1-9][0-9]*:[1-9][0-9]*", user):
        yield f"runs as {user or 'root'}"
    if not host["ReadonlyRootfs"]:
        yield "can write to its image"
    if host["CapDrop"] != ["ALL"] or (host["CapAdd"] or []) != ADDED.get(service, []):
        yield f"has the capabilities {host['CapAdd']}, and without {host['CapDrop']}"
    if host["SecurityOpt"] != ["no-new-privileges:true"] or host["Privileged"]:
        yield "may get new privileges"
    if not host["Memory"] or not host["PidsLimit"]:
        yield "has no limit of memory or of processes"
    if not {"max-size", "max-file"} <= host["LogConfig"]["Config"].keys():
        yield "has logs that grow for ever"
    if (host["RestartPolicy"]["Name"] == "unless-stopped") == (service in ONCE):
        yield f"has the restart policy {host['RestartPolicy']['Name']}"


def main() -> None:
    """Complain of every fault."""
    containers = {(c["Config"]["Labels"]["com.docker.compose.service"], c["Name"]): c for c in json.load(sys.stdin)}
    found = [f"{name}: {fault}" for (service, name), c in containers.items() for fault in faults(service, c)]
    print("\n".join(found) or f"{len(containers)} containers, none with more than it needs")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
