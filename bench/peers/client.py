"""Submit jobs to a task queue, from its own environment: `python -m bench.peers.client <app> backlog|sequence N`.

An app's module has two functions: `submit(jobs)` enqueues so many, and `run_one()` returns when a job has its result.
"""

import json
import sys
from importlib import import_module

from bench.sequence import in_sequence

WARM_UP = 20


def main(app: str, what: str, jobs: int) -> None:
    """Do one of the two; print how long each job took, in milliseconds."""
    peer = import_module(f"bench.peers.{app}")
    if what == "backlog":
        peer.submit(jobs)
    else:
        in_sequence(peer.run_one, WARM_UP)
        print(json.dumps(in_sequence(peer.run_one, jobs)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
