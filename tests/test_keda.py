"""How many workers KEDA wants: what it asks Postgres, and what it leaves to nobody else."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.deployed import K8S, environment, manifests
from tests.stack import Stack

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
    assert f"queue = '{environment(name)['WORKER_QUEUES'].partition(',')[0]}'" in query_of(name)


@pytest.mark.parametrize("name", ["worker", "worker-slow"])
def test_counting_reads_no_job_that_has_ended(ledger: Stack, name: str) -> None:
    """Which index leads past them is Postgres' choice, and on a table of ten rows another one each time."""
    ledger.sql(FILL)
    explain = f"SET enable_seqscan = off; EXPLAIN (ANALYZE, FORMAT JSON) {query_of(name)}"

    [([plan],)] = ledger.sql(explain)

    assert {node["Relation Name"] for node in nodes(plan["Plan"]) if "Relation Name" in node and seen(node)} == {
        "unfinished_jobs"
    }


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node of a plan, and all below it."""
    yield node
    for below in node.get("Plans", []):
        yield from nodes(below)


def seen(node: dict[str, Any]) -> float:
    """How many rows a node has looked at."""
    return float(node["Actual Rows"] + node.get("Rows Removed by Filter", 0))


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
