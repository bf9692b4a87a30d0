"""A real Prometheus reads a real stack with our rules; every expression of the alerts and the board is evaluated."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped]

from bellhop_local.ports import free_port
from bellhop_local.process import Child
from tests.exposed import SERVICES, documented
from tests.stack import ROOT, Stack, wait_until

OURS = ROOT / "compose/prometheus"
RULES = yaml.safe_load((OURS / "alerts.yml").read_text())["groups"][0]["rules"]
CASES = yaml.safe_load((OURS / "alerts_test.yml").read_text())["tests"]
BOARD = json.loads((ROOT / "compose/grafana/boards/bellhop.json").read_text())
EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"].replace("$__rate_interval", "1m") for panel in BOARD["panels"] for target in panel["targets"]
]
OF_A_QUIET_STACK = re.compile("leading|alive|depth|oldest|submitted|_up|disk|database_bytes|requests_total")
"""What is drawn even when nothing has gone wrong."""
OF_THE_MACHINE = {"BellhopDiskLow", "BellhopWebSlow", "BellhopSchedulesLate", "BellhopJobsFailing"}
"""Alerts that a busy or a full machine, or another test, may rightly raise."""

needs_prometheus = pytest.mark.skipif(
    not (shutil.which("prometheus") and shutil.which("promtool")), reason="there is no prometheus (Debian's package)"
)


class Prometheus:
    """The server, told where the services of a stack are."""

    def __init__(self, directory: Path, stack: Stack):
        self.port = free_port()
        config = yaml.safe_load((OURS / "prometheus.yml").read_text())
        config["global"] = {"scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "1s"}
        config["rule_files"] = [str(OURS / "alerts.yml")]
        del config["alerting"], config["scrape_configs"][0]["dns_sd_configs"]
        config["scrape_configs"][0]["static_configs"] = [
            {"targets": [f"127.0.0.1:{stack.metrics_ports[name]}"], "labels": {"__meta_dns_name": name}}
            for name in SERVICES
        ]
        (directory / "prometheus.yml").write_text(yaml.safe_dump(config))
        argv = ["prometheus", f"--config.file={directory}/prometheus.yml", f"--storage.tsdb.path={directory}/data"]
        argv.append(f"--web.listen-address=127.0.0.1:{self.port}")
        output = directory / "prometheus.log"
        self.child = Child("prometheus", argv, env=dict(os.environ), directory=directory, output=output)

    def ask(self, path: str, **query: str) -> Any:
        """Ask its API."""
        answer = httpx.get(f"http://127.0.0.1:{self.port}/api/v1/{path}", params=query, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def has_read(self, series: str) -> bool:
        """Whether it has these yet."""
        return self.is_ready() and bool(self.ask("query", query=series)["result"])

    def is_ready(self) -> bool:
        """Whether it answers questions."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/-/ready").status_code == 200
        except httpx.TransportError:
            return False

    def fires(self) -> list[str]:
        """Which alerts have something to say now."""
        quiet = [rule for rule in RULES if rule["alert"] not in OF_THE_MACHINE]
        return [rule["alert"] for rule in quiet if self.ask("query", query=rule["expr"])["result"]]


@pytest.fixture(scope="module")
def prometheus(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    made = Prometheus(tmp_path_factory.mktemp("prometheus"), stack)
    made.child.start()
    try:
        stack.ended(stack.submit("test.write", args={"key": "prometheus"})["id"])
        wait_until(lambda: made.has_read("rate(bellhop_jobs_submitted_total[1m]) and on() bellhop_queue_depth"))
        yield made
    finally:
        made.child.stop(10)


@needs_prometheus
def test_every_service_is_found_under_its_name(prometheus: Prometheus) -> None:
    wait_until(lambda: not prometheus.has_read("up == 0"))

    up = prometheus.ask("query", query="up")["result"]
    assert sorted(one["metric"]["service"] for one in up) == sorted(SERVICES)


@pytest.mark.long
@needs_prometheus
def test_every_expression_of_the_board_and_of_the_alerts_can_be_evaluated(prometheus: Prometheus) -> None:
    empty = [one for one in EXPRESSIONS if not prometheus.ask("query", query=one)["result"]]

    panels = EXPRESSIONS[len(RULES) :]
    assert [one for one in empty if one in panels and OF_A_QUIET_STACK.search(one)] == []
    rules = prometheus.ask("rules")["groups"][0]["rules"]
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}


@needs_prometheus
def test_no_alert_fires_on_a_stack_that_is_well(prometheus: Prometheus) -> None:
    wait_until(lambda: not prometheus.fires(), patience=20)


@pytest.mark.long
@needs_prometheus
def test_the_rules_pass_the_cases_that_are_written_for_them() -> None:
    ended = subprocess.run(
        ["promtool", "test", "rules", "alerts_test.yml"], cwd=OURS, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_alert_has_a_case_that_fires_and_one_that_does_not() -> None:
    cases = {case["name"]: case["promql_expr_test"][0] for case in CASES}

    for alert in (rule["alert"] for rule in RULES):
        fires, quiet = cases.pop(f"{alert} fires"), cases.pop(f"{alert} keeps quiet")
        assert fires["expr"] == quiet["expr"] == f'count(ALERTS{{alertname="{alert}", alertstate="firing"}})'
        assert (fires["exp_samples"], quiet["exp_samples"]) == ([{"value": 1}], [])
    assert cases == {}


def test_every_alert_says_what_is_wrong_and_where_the_runbook_has_it() -> None:
    headings = re.findall(r"^#+ (.+)$", (ROOT / "docs/operations/watching.md").read_text(), re.MULTILINE)
    anchors = {f"docs/operations/watching.md#{heading.lower().replace(' ', '-')}" for heading in headings}

    for rule in RULES:
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["runbook"] == f"docs/operations/watching.md#{rule['alert'].lower()}"
        assert rule["annotations"]["runbook"] in anchors
        assert rule["labels"]["severity"] in {"warning", "critical"}


def test_the_board_is_behind_the_gate_of_operators() -> None:
    proxy = (ROOT / "compose/caddy/Caddyfile.prod").read_text()
    [route] = re.findall(r"route /grafana/\* \{\s*(.*?)\s*\{", proxy, re.DOTALL)

    assert route.split() == ["import", "operators", "reverse_proxy", "grafana:3000"]
    assert proxy.count("grafana:3000") == 1


def test_rules_and_board_name_only_metrics_that_the_docs_know() -> None:
    named = {name for one in EXPRESSIONS for name in re.findall(r"\bbellhop_\w+", one)}

    assert {re.sub("_(bucket|sum|count)$", "", name) for name in named} - documented().keys() == set()


def test_the_board_is_laid_out_without_gaps_and_asks_the_source_that_is_provisioned() -> None:
    sources = yaml.safe_load((ROOT / "compose/grafana/provisioning/datasources/prometheus.yml").read_text())
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in BOARD["panels"]}

    assert {panel["datasource"]["uid"] for panel in BOARD["panels"]} == {sources["datasources"][0]["uid"]}
    assert len(places) == len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    assert all(panel["title"] and panel["description"] for panel in BOARD["panels"])
