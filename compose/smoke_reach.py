"""Runs inside a container on the front network: the entry is reachable, Postgres and Redis are not."""

import socket
import sys


def reaches(host: str, port: int) -> bool:
    """Whether a connection can be made within three seconds."""
    try:
        socket.create_connection((host, port), timeout=3).close()
    except OSError as error:
        print(f"{host}:{port}: {error}")
        return False
    print(f"{host}:{port}: connected")
    return True


entry, *forbidden = [address.split(":") for address in sys.argv[1:]]
if not reaches(entry[0], int(entry[1])):
    sys.exit("the entry is not reachable from the front: this check proves nothing")
reached = [host for host, port in forbidden if reaches(host, int(port))]
if reached:
    sys.exit(f"reachable from the front: {', '.join(reached)}")
